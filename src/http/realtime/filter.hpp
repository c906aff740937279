#pragma once
/// Filters of `postgres_changes`: `column=operator.value` and more of them after commas, all of
/// which must hold. Operators: eq neq lt lte gt gte in is like ilike match imatch isdistinct, each
/// with `not.` before it. A value ends at the next comma unless it begins with a quote, within
/// which `\` escapes.
///
/// Nulls follow SQL: what is compared with null is unknown, negated or not, and unknown keeps no
/// row; `is` and `isdistinct` know. Text is compared by its bytes. Threads: values.

#include "base/pattern.hpp"
#include "feed/change.hpp"
#include "schema/catalog.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace tenantry::http::realtime {

class ChangeFilter {
public:
    static constexpr std::size_t conditions_max = 32;
    static constexpr std::size_t list_max = 200;

    /// `relation` must outlive it. Empty text is the filter that every row passes.
    /// Errors: bad_query; unknown_field for a column that isn't there; those of values.
    static Result<ChangeFilter> parse(const schema::Relation& relation, std::string_view text);

    /// `row` is one of the relation's that exists.
    bool passes(const feed::RowImage& row) const;

private:
    friend class FilterParser;
    enum class Operator { eq, neq, lt, lte, gt, gte, in, like, match, is_value, isdistinct };
    struct Condition {
        const schema::Column* column;
        std::size_t index;  // of its value in the row
        Operator op{};
        bool negated = false;
        std::vector<schema::Value> operands{};
        LetterCase letters = LetterCase::matters;
        std::optional<Regex> regex{};
    };
    static std::optional<bool> holds(const Condition& condition, const schema::Value& value);

    std::vector<Condition> conditions_;
};

}  // namespace tenantry::http::realtime
