#pragma once
/// Filters in the request grammar (request_text.hpp), one relation's at a time.

#include "query/algebra.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tenantry::query {

class TextScanner;

/// Reads the filters of one relation. Recursion is bounded by limits::filter_depth_max.
class FilterParser {
public:
    /// `prefix` is the path of the relation, such as `agents.`, for the errors' field, which stays
    /// empty where no column is to blame.
    FilterParser(const Relation& relation, std::string prefix)
        : relation_{relation}, prefix_{std::move(prefix)} {}

    /// The value of a parameter of a column, or of a place within it. Errors: bad_query,
    /// unknown_field, bad_value, bad_id, out_of_range.
    Result<Filter> condition(std::string_view column, std::optional<JsonPath> path,
                             std::string_view text);
    /// The value of an `and` or `or` parameter. Errors: as condition, and too_deep.
    Result<Filter> group(Group::Kind kind, bool negated, std::string_view text);

private:
    Result<const Column*> find(std::string_view name) const;
    Result<void> count_term();
    Result<Group> group_body(TextScanner& in, Group::Kind kind, bool negated, std::size_t depth);
    Result<Filter> term(TextScanner& in, std::size_t depth);
    Error refuse(std::string_view name, std::string_view why) const;
    Error blame(const Column& column, Error error) const;

    const Relation& relation_;
    std::string prefix_;
    std::size_t terms_ = 0;
};

/// Appends the value of the column's own parameter, not yet percent-encoded.
void append_condition(std::string& out, const Predicate& predicate);

/// Appends `(term,…)`, not yet percent-encoded.
void append_group(std::string& out, const Group& group);

/// The word of a group's parameter: `and`, `or`, `not.and`, `not.or`.
std::string_view word_of(const Group& group) noexcept;

}  // namespace tenantry::query
