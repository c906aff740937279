#pragma once
/// What requests for rows have in common: the relation, how the answer shall be, and what of it.

#include "query/request_text.hpp"
#include "resources.hpp"
#include "rest/media.hpp"
#include "rest/preferences.hpp"
#include "rest/refusal.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace tenantry::http::rest {

struct Asked {
    std::shared_ptr<const schema::Catalog> catalog{};  // holds what the others point to
    const query::Relation* relation = nullptr;
    Preferences preferences{};
    Media media{};
    query::ShapedRead read;
    std::optional<std::vector<std::string>> columns{};  // the parameter of that name
    std::string on_conflict{};

    bool wants_rows() const { return preferences.returning == Preferences::Return::representation; }
    bool wants_object() const { return media.form == Media::Form::object; }
};

/// What was asked for, or why it can't be answered. Errors: those of parse_request, of
/// Preferences::parse and of parse_names.
Result<std::variant<Asked, Response>> understand(const Call& call);
/// The same of a relation that is known already; `others`: parameters with another meaning.
Result<std::variant<Asked, Response>> understand(const Call& call,
                                                 std::shared_ptr<const schema::Catalog> catalog,
                                                 const query::Relation& relation,
                                                 std::span<const std::string_view> others);

/// Narrows what is read to the Range header, if the request has one. nullopt: there can be rows.
std::optional<Response> narrow_to_range(const Call& call, query::Read& read);

/// Puts into an answer of `rows` rows which they are, of how many; refuses an offset behind them.
Response tell_range(const Call& call, const Asked& asked, Response response, std::size_t rows,
                    std::optional<std::int64_t> total);

/// 200 with rows in the form asked for; `rows` are the answer to the read. `order`: which come, and
/// in which order, if not all as they are. Errors: those of `recast` (query/cast.hpp), but not of
/// what `check_told` let pass.
Result<Response> rows_answer(const Asked& asked, const query::RowSet& rows,
                             const std::optional<std::vector<std::size_t>>& order = {});

/// Whether any row can be told as it shall be: once a write is done, nothing may fail any more.
/// Errors: bad_query.
Result<void> check_told(const Asked& asked);

/// There is no description of the relations.
Response no_root();

/// An object was asked for, and there isn't exactly one row.
Response not_one(std::size_t rows);

/// `0-9/100`, `*/0`: those from `offset` on, of `total`, which may be unknown, or be 0 where the
/// one row says so.
std::string content_range(std::uint64_t offset, std::size_t rows,
                          std::optional<std::int64_t> total);

void tell_preferences(const Asked& asked, Response& response);

}  // namespace tenantry::http::rest
