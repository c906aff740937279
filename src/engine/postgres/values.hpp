#pragma once
/// Values of plans as parameters, and cells of answers as rows.

#include "pg/client.hpp"
#include "query/rows.hpp"

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace tenantry::engine::postgres {

void add_value(pg::Arguments& arguments, const schema::Value& value);

/// The values of `column`, which stand at `index` of each row, as one array: of texts where arrays
/// of the type itself are none (lists) or are no simpler (documents, amounts).
void add_column(pg::Arguments& arguments, const schema::Column& column,
                std::span<const std::vector<schema::Value>> rows, std::size_t index);

/// Appends a cell in the form that all engines share. Throws: Fault, if it isn't of the column's
/// type or of a value that the type has no room for (an infinite time).
void append_cell(query::RowSet& out, const schema::Column& column,
                 std::optional<std::string_view> bytes);

}  // namespace tenantry::engine::postgres
