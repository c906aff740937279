#include "cell_text.hpp"

#include "schema/array_text.hpp"
#include "schema/json.hpp"
#include "schema/json_query.hpp"
#include "schema/native_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace tenantry::query {
namespace {

using schema::ColumnType;
namespace json = boost::json;

std::string array_of(const Cell& cell) {
    schema::TextArray elements;
    const auto read = schema::read_json(cell.text).value();
    for (const auto& element : read.as_array()) elements.emplace_back(element.as_string());
    return schema::array_text(elements);
}

/// The cell is JSON; the type's own text is near enough to it.
std::string native_of(const Column& column, const Cell& cell) {
    const auto& type = column.options().native_type;
    // A number keeps its digits so.
    const bool is_number = cell.text.find_first_not_of("+-.0123456789eE") == std::string_view::npos;
    if (type == "json" || is_number) return std::string{cell.text};
    const auto read = schema::read_json(cell.text);
    if (!read) return std::string{cell.text};
    auto out = schema::native_text(*read, false);
    if (!type.starts_with("timestamp")) return out;
    std::ranges::replace(out, 'T', ' ');
    if (out.ends_with("+00:00")) out.resize(out.size() - 3);
    return out;
}

}  // namespace

void append_time(std::string& out, Timestamp time, char separator, std::string_view zone) {
    constexpr std::size_t date_length = 10;
    const auto start = out.size();
    append_timestamp(out, time);
    out[start + date_length] = separator;
    out.pop_back();  // Z
    // There is always a fraction.
    out.erase(out.find_last_not_of('0') + 1);
    if (out.back() == '.') out.pop_back();
    out += zone;
}

std::string text_of(const Column& column, const Cell& cell) {
    switch (column.type()) {
    case ColumnType::text:
    case ColumnType::uuid: return std::string{cell.text};
    case ColumnType::json: return jsonb_text(cell.text);
    case ColumnType::integer: return fmt::to_string(cell.integer);
    case ColumnType::boolean: return cell.integer != 0 ? "true" : "false";
    case ColumnType::numeric: {
        std::string out;
        append_decimal(out, {cell.integer, column.options().scale});
        return out;
    }
    case ColumnType::timestamptz: {
        std::string out;
        append_time(out, Timestamp{std::chrono::microseconds{cell.integer}}, ' ', "+00");
        return out;
    }
    case ColumnType::text_array: return array_of(cell);
    case ColumnType::native: return native_of(column, cell);
    case ColumnType::sealed: break;  // plan lets none into an answer
    }
    std::abort();
}

json::value find_place(const Cell& cell, const JsonPath& path) {
    const auto document = schema::read_json(cell.text).value();
    const auto* found = schema::find_in(document, path.steps);
    return found == nullptr ? json::value{} : *found;
}

std::string jsonb_text(std::string_view canonical) {
    std::string out;
    schema::append_jsonb_text(out, canonical);
    return out;
}

std::string json_of(const json::value& place) {
    std::string out;
    schema::append_json(out, place);
    return out;
}

}  // namespace tenantry::query
