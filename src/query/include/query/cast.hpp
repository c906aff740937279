#pragma once
/// `column::type` in what is selected: values told as another type, with PostgreSQL's meaning
/// (manual, "Type Casts") on either engine.
/// Threads: pure functions.

#include "query/rows.hpp"
#include "query/shape.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tenantry::query {

/// The type of that name, which SQL may have several of: `int`, `int4`, `integer`.
/// Errors: unknown_type.
Result<Cast> find_cast(std::string_view type);

/// Whether there is such a cast at all. Errors: cannot_cast.
Result<void> check_cast(const Column& column, const std::optional<JsonPath>& path, Cast cast);

/// Whether a cast in it can be refused for a value of a row, so that the rows might not be told.
bool may_fail(const ShapedRead& read);

/// A value under another type, in JSON and as PostgreSQL writes it in a row.
struct Recast {
    enum class Form { plain, quoted, boolean, time };
    std::string text;  // as in JSON, without quotes
    Form form = Form::plain;

    void append_json(std::string& out) const;
    std::string row_text() const;
};

/// Of what `column` holds, at `path` if there is one. Null if there is nothing.
/// Errors: bad_value, out_of_range.
Result<std::optional<Recast>> recast(const Column& column, const std::optional<JsonPath>& path,
                                     Cast cast, const Cell& cell);

}  // namespace tenantry::query
