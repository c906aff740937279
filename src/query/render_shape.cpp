#include "query/render_shape.hpp"

#include "base/text.hpp"
#include "schema/array_text.hpp"
#include "schema/json.hpp"
#include "schema/json_query.hpp"
#include "schema/native_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <list>
#include <optional>
#include <utility>

namespace tenantry::query {
namespace {

using schema::ColumnType;
namespace json = boost::json;

/// `2026-01-06T08:30:00.5` and what PostgreSQL puts behind it.
void append_time(std::string& out, const Cell& cell, char separator, std::string_view zone) {
    constexpr std::size_t date_length = 10;
    const auto start = out.size();
    append_timestamp(out, Timestamp{std::chrono::microseconds{cell.integer}});
    out[start + date_length] = separator;
    out.pop_back();  // Z
    // There is always a fraction.
    out.erase(out.find_last_not_of('0') + 1);
    if (out.back() == '.') out.pop_back();
    out += zone;
}

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

/// As a cast to text gives it. Not of null.
std::string text_of(const Column& column, const Cell& cell) {
    switch (column.type()) {
    case ColumnType::text:
    case ColumnType::uuid:
    case ColumnType::json: return std::string{cell.text};
    case ColumnType::integer: return fmt::to_string(cell.integer);
    case ColumnType::boolean: return cell.integer != 0 ? "true" : "false";
    case ColumnType::numeric: {
        std::string out;
        append_decimal(out, {cell.integer, column.options().scale});
        return out;
    }
    case ColumnType::timestamptz: {
        std::string out;
        append_time(out, cell, ' ', "+00");
        return out;
    }
    case ColumnType::text_array: return array_of(cell);
    case ColumnType::native: return native_of(column, cell);
    case ColumnType::sealed: break;  // plan lets none into an answer
    }
    std::abort();
}

/// What is at the path; null if nothing is, or of `->>` if JSON's null is.
json::value find_place(const Cell& cell, const JsonPath& path) {
    const auto document = schema::read_json(cell.text).value();
    const auto* found = schema::find_in(document, path.steps);
    return found == nullptr ? json::value{} : *found;
}

std::string text_of(const json::value& place) {
    if (const auto* text = place.if_string()) return std::string{*text};
    std::string out;
    schema::append_json(out, place);
    return out;
}

void append_value(std::string& out, const Column& column, const Cell& cell) {
    switch (column.type()) {
    case ColumnType::text:
    case ColumnType::uuid: append_json_string(out, cell.text); break;
    case ColumnType::json:
    case ColumnType::native:
    case ColumnType::text_array: out += cell.text; break;
    case ColumnType::timestamptz:
        out += '"';
        append_time(out, cell, 'T', "+00:00");
        out += '"';
        break;
    default: out += text_of(column, cell);
    }
}

void append_part(std::string& out, const Shape::Part& part, const Column& column,
                 const Cell& cell) {
    if (cell.kind == Cell::Kind::null) {
        out += "null";
    } else if (part.path) {
        const auto place = find_place(cell, *part.path);
        if (place.is_null()) {
            out += "null";
        } else if (part.path->as_text) {
            append_json_string(out, text_of(place));
        } else {
            std::string text;
            schema::append_json(text, place);
            if (part.as_text) {
                append_json_string(out, text);
            } else {
                out += text;
            }
        }
    } else if (part.as_text) {
        append_json_string(out, text_of(column, cell));
    } else {
        append_value(out, column, cell);
    }
}

/// The members of one object.
class RowWriter {
public:
    RowWriter(std::string& out, Nulls nulls) : out_{out}, nulls_{nulls} {}

    /// Without `rows` there is no such row, and all is null.
    void object(const RowSet* rows, std::size_t row, const Shape& shape) {
        const auto outer = std::exchange(separator_, '{');
        members(rows, row, shape);
        if (separator_ == '{') out_ += '{';
        out_ += '}';
        separator_ = outer;
    }

    void array(const RowSet& rows, std::size_t begin, std::size_t end, const Shape& shape) {
        out_ += '[';
        for (auto row = begin; row < end; ++row) {
            if (row > begin) out_ += ',';
            object(&rows, row, shape);
        }
        out_ += ']';
    }

    void embedded(const EmbeddedRows& embed, std::size_t row, const Shape& shape) {
        const auto begin = row == 0 ? 0 : embed.ends[row - 1];
        const auto end = embed.ends[row];
        if (!embed.to_one) {
            array(embed.rows, begin, end, shape);
        } else if (begin == end) {
            out_ += "null";
        } else {
            object(&embed.rows, begin, shape);
        }
    }

private:
    void members(const RowSet* rows, std::size_t row, const Shape& shape) {
        const auto& keys = keys_of(shape, rows);
        std::size_t next = 0;
        for (const auto& part : shape.parts) {
            member(keys[next++], [&] {
                if (rows == nullptr) {
                    out_ += "null";
                } else {
                    append_part(out_, part, *rows->columns()[part.column],
                                rows->cell(row, part.column));
                }
            });
        }
        for (const auto& nested : shape.nested) {
            if (rows == nullptr) continue;
            const auto& embed = rows->embeds()[nested.embed];
            if (nested.spread) {
                const auto begin = row == 0 ? 0 : embed.ends[row - 1];
                members(begin == embed.ends[row] ? nullptr : &embed.rows, begin, nested.shape);
            } else {
                member(keys[next++], [&] { embedded(embed, row, nested.shape); });
            }
        }
    }

    /// `"name":` of each part, and of what is embedded and not spread, made once for all rows.
    /// Without `rows`, of the parts alone.
    const std::vector<std::string>& keys_of(const Shape& shape, const RowSet* rows) {
        const auto known = std::ranges::find_if(keys_, [&](const Keys& keys) {
            return keys.shape == &shape && keys.has_rows == (rows != nullptr);
        });
        if (known != keys_.end()) return known->texts;
        auto& made = keys_.emplace_back(Keys{&shape, rows != nullptr, {}});
        const auto add = [&](std::string_view name) {
            append_json_string(made.texts.emplace_back(), name);
            made.texts.back() += ':';
        };
        for (const auto& part : shape.parts) add(part.name);
        for (const auto& nested : shape.nested) {
            if (rows != nullptr && !nested.spread) add(rows->embeds()[nested.embed].name);
        }
        return made.texts;
    }

    template <class Write>
    void member(std::string_view key, Write write) {
        const auto start = out_.size();
        const auto before = separator_;
        out_ += separator_;
        out_ += key;
        const auto value = out_.size();
        separator_ = ',';
        write();
        separator_ = ',';
        if (nulls_ == Nulls::told || out_.compare(value, std::string::npos, "null") != 0) return;
        out_.resize(start);
        separator_ = before;
    }

    struct Keys {
        const Shape* shape;
        bool has_rows;
        std::vector<std::string> texts;
    };

    std::string& out_;
    Nulls nulls_;
    char separator_ = '{';
    std::list<Keys> keys_;  // few
};

void append_csv_value(std::string& out, std::string_view value) {
    const bool plain =
        !value.empty() && value.find_first_of(" \t\n\v\f\r,\"\\()") == std::string::npos;
    if (plain) {
        out += value;
        return;
    }
    out += '"';
    for (const char c : value) {
        if (c == '"' || c == '\\') out += c;
        out += c;
    }
    out += '"';
}

/// A value as PostgreSQL writes it in a row; empty for null.
std::optional<std::string> csv_text(const Shape::Part& part, const Column& column,
                                    const Cell& cell) {
    if (cell.kind == Cell::Kind::null) return std::nullopt;
    if (part.path) {
        const auto place = find_place(cell, *part.path);
        if (place.is_null()) return std::nullopt;
        if (part.path->as_text) return text_of(place);
        std::string text;
        schema::append_json(text, place);
        return text;
    }
    if (column.type() == ColumnType::boolean && !part.as_text) return cell.integer != 0 ? "t" : "f";
    return text_of(column, cell);
}

void append_csv_row(std::string& out, const RowSet& rows, std::size_t row, const Shape& shape) {
    const char* separator = "\n";
    for (const auto& part : shape.parts) {
        out += separator;
        separator = ",";
        const auto& column = *rows.columns()[part.column];
        if (const auto text = csv_text(part, column, rows.cell(row, part.column)))
            append_csv_value(out, *text);
    }
    for (const auto& nested : shape.nested) {
        out += separator;
        separator = ",";
        std::string text;
        RowWriter{text, Nulls::told}.embedded(rows.embeds()[nested.embed], row, nested.shape);
        if (text != "null") append_csv_value(out, text);
    }
}

}  // namespace

void append_shaped_row(std::string& out, const RowSet& rows, std::size_t row, const Shape& shape,
                       Nulls nulls) {
    RowWriter{out, nulls}.object(&rows, row, shape);
}

void append_absent_row(std::string& out, const Shape& shape, Nulls nulls) {
    RowWriter{out, nulls}.object(nullptr, 0, shape);
}

void append_shaped_rows(std::string& out, const RowSet& rows, const Shape& shape, Nulls nulls) {
    RowWriter{out, nulls}.array(rows, 0, rows.row_count(), shape);
}

void append_first_value(std::string& out, const RowSet& rows, std::size_t row) {
    append_part(out, {.column = 0, .name = {}}, *rows.columns().front(), rows.cell(row, 0));
}

void append_csv(std::string& out, const RowSet& rows, const Shape& shape) {
    if (rows.row_count() == 0) return;
    const char* separator = "";
    const auto name = [&](std::string_view text) {
        out += separator;
        separator = ",";
        append_csv_value(out, text);
    };
    for (const auto& part : shape.parts) name(part.name);
    for (const auto& nested : shape.nested) name(rows.embeds()[nested.embed].name);
    for (std::size_t row = 0; row < rows.row_count(); ++row) append_csv_row(out, rows, row, shape);
}

}  // namespace tenantry::query
