#pragma once
/// JSON text of rows, the same whichever engine they came from.

#include "query/rows.hpp"

namespace tenantry::query {

/// Appends row `row` as an object of its visible columns and embeds.
void append_json_row(std::string& out, const RowSet& rows, std::size_t row);

/// Appends all rows as an array.
void append_json_rows(std::string& out, const RowSet& rows);

}  // namespace tenantry::query
