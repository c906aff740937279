#include "query/render.hpp"

#include "base/text.hpp"

#include <charconv>
#include <cstdlib>

namespace tenantry::query {
namespace {

using schema::ColumnType;

void append_integer(std::string& out, std::int64_t value) {
    char digits[24];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
    out.append(digits, end);
}

void append_cell(std::string& out, const Column& column, const Cell& cell) {
    if (cell.kind == Cell::Kind::null) {
        out += "null";
        return;
    }
    switch (column.type()) {
    case ColumnType::text: append_json_string(out, cell.text); break;
    case ColumnType::uuid:
        out += '"';
        out += cell.text;
        out += '"';
        break;
    case ColumnType::integer: append_integer(out, cell.integer); break;
    case ColumnType::boolean: out += cell.integer != 0 ? "true" : "false"; break;
    case ColumnType::numeric: append_decimal(out, {cell.integer, column.options().scale}); break;
    case ColumnType::timestamptz:
        out += '"';
        append_timestamp(out, Timestamp{std::chrono::microseconds{cell.integer}});
        out += '"';
        break;
    case ColumnType::json:
    case ColumnType::native:
    case ColumnType::text_array: out += cell.text; break;
    case ColumnType::sealed: std::abort();  // plan lets none into an answer
    }
}

void append_embed(std::string& out, const EmbeddedRows& embed, std::size_t row) {
    const auto begin = row == 0 ? 0 : embed.ends[row - 1];
    const auto end = embed.ends[row];
    if (embed.to_one) {
        if (begin == end) {
            out += "null";
        } else {
            append_json_row(out, embed.rows, begin);
        }
        return;
    }
    out += '[';
    for (auto i = begin; i < end; ++i) {
        if (i > begin) out += ',';
        append_json_row(out, embed.rows, i);
    }
    out += ']';
}

}  // namespace

void append_json_row(std::string& out, const RowSet& rows, std::size_t row) {
    char separator = '{';
    for (std::size_t i = 0; i < rows.visible(); ++i) {
        const auto& column = *rows.columns()[i];
        out += separator;
        out += '"';
        out += column.name();
        out += "\":";
        append_cell(out, column, rows.cell(row, i));
        separator = ',';
    }
    for (const auto& embed : rows.embeds()) {
        out += separator;
        append_json_string(out, embed.name);
        out += ':';
        append_embed(out, embed, row);
        separator = ',';
    }
    if (separator == '{') out += '{';
    out += '}';
}

void append_json_rows(std::string& out, const RowSet& rows) {
    out += '[';
    for (std::size_t i = 0; i < rows.row_count(); ++i) {
        if (i > 0) out += ',';
        append_json_row(out, rows, i);
    }
    out += ']';
}

}  // namespace tenantry::query
