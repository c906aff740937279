#pragma once
/// Rows as PostgREST tells them, the same whichever engine they came from: JSON as
/// PostgreSQL's to_json gives it (a time is `2026-01-06T08:30:00.5+00:00`), and CSV.
/// Threads: pure functions.

#include "query/rows.hpp"
#include "query/shape.hpp"

namespace tenantry::query {

/// Whether members that are null are told or left out.
enum class Nulls { told, left_out };

/// Appends row `row` as an object. `rows` is the answer to the read that `shape` belongs to.
/// Errors here and below: those of `recast` (cast.hpp); what was appended then is no answer.
Result<void> append_shaped_row(std::string& out, const RowSet& rows, std::size_t row,
                               const Shape& shape, Nulls nulls = Nulls::told);

/// Appends all rows as an array.
Result<void> append_shaped_rows(std::string& out, const RowSet& rows, const Shape& shape,
                                Nulls nulls = Nulls::told);

/// Appends a row that there isn't, as an object whose members are null; what is embedded is left
/// out.
void append_absent_row(std::string& out, const Shape& shape, Nulls nulls = Nulls::told);

/// Appends what row `row` has in its first column, as JSON.
void append_first_value(std::string& out, const RowSet& rows, std::size_t row);

/// Appends a line of names and a line a row, without a line end at the end; null is nothing, and
/// what is embedded is JSON. Without rows, nothing at all, as PostgREST has it.
Result<void> append_csv(std::string& out, const RowSet& rows, const Shape& shape);

}  // namespace tenantry::query
