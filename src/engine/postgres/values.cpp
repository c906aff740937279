#include "postgres/values.hpp"

#include "base/text.hpp"
#include "engine/executor.hpp"
#include "pg/decode.hpp"
#include "schema/array_text.hpp"
#include "schema/json.hpp"

#include <fmt/format.h>

namespace tenantry::engine::postgres {
namespace {

template <class T>
T or_fault(std::optional<T> value, const schema::Column& column) {
    if (value) return *value;
    throw Fault{fmt::format("PostgreSQL: a value of {} can't be read", column.name())};
}

void append_uuid_cell(query::RowSet& out, const Uuid& uuid) {
    std::string text;
    append_uuid(text, uuid);
    out.append_text(text);
}

void append_json_cell(query::RowSet& out, std::string_view printed) {
    if (printed == "{}") return out.append_text(printed);
    std::string text;
    text.reserve(printed.size());
    schema::append_from_jsonb(text, printed);
    out.append_text(text);
}

void append_array_cell(query::RowSet& out, const schema::Column& column, std::string_view bytes) {
    std::string text = "[";
    const bool read = pg::decode_text_array(bytes, [&](std::string_view element) {
        if (text.size() > 1) text += ',';
        append_json_string(text, element);
    });
    if (!read) or_fault<bool>(std::nullopt, column);
    out.append_text(text += ']');
}

// The text forms of what is sent as text within an array.

std::string text_of(const Decimal& number) {
    std::string out;
    append_decimal(out, number);
    return out;
}

std::string text_of(const schema::Json& json) {
    std::string out;
    schema::append_for_jsonb(out, json.text);
    return out;
}

void add_element(pg::Arguments& arguments, const schema::Value& value) {
    struct Adder {
        pg::Arguments& arguments;
        void operator()(const schema::Null&) const { arguments.add_null_element(); }
        void operator()(bool flag) const {
            arguments.add_element(std::string_view{flag ? "\x01" : "\0", 1});
        }
        void operator()(std::int64_t number) const { arguments.add_integer_element(number); }
        void operator()(Timestamp time) const { arguments.add_timestamp_element(time); }
        void operator()(const Uuid& uuid) const {
            arguments.add_element({reinterpret_cast<const char*>(uuid.data), sizeof uuid.data});
        }
        void operator()(const schema::Text& text) const { arguments.add_element(text); }
        void operator()(const schema::Sealed& sealed) const { arguments.add_element(sealed.text); }
        void operator()(const schema::Native& native) const { arguments.add_element(native.text); }
        void operator()(const Decimal& number) const { arguments.add_element(text_of(number)); }
        void operator()(const schema::Json& json) const { arguments.add_element(text_of(json)); }
        void operator()(const schema::TextArray& array) const {
            arguments.add_element(schema::array_text(array));
        }
    };
    std::visit(Adder{arguments}, value);
}

std::uint32_t element_type_of(const schema::Column& column) {
    using schema::ColumnType;
    switch (column.type()) {
    case ColumnType::uuid: return pg::oid::uuid;
    case ColumnType::integer: return pg::oid::int8;
    case ColumnType::boolean: return pg::oid::boolean;
    case ColumnType::timestamptz: return pg::oid::timestamptz;
    case ColumnType::text:
    case ColumnType::sealed:
    case ColumnType::numeric:
    case ColumnType::json:
    case ColumnType::native:
    case ColumnType::text_array: return pg::oid::text;
    }
    std::abort();
}

}  // namespace

void add_column(pg::Arguments& arguments, const schema::Column& column,
                std::span<const std::vector<schema::Value>> rows, std::size_t index) {
    arguments.begin_array(element_type_of(column), rows.size());
    for (const auto& row : rows) add_element(arguments, row[index]);
    arguments.end_array();
}

void add_value(pg::Arguments& arguments, const schema::Value& value) {
    struct Adder {
        pg::Arguments& arguments;
        void operator()(const schema::Null&) const { arguments.add_null(); }
        void operator()(bool flag) const { arguments.add_boolean(flag); }
        void operator()(std::int64_t number) const { arguments.add_integer(number); }
        void operator()(const Decimal& number) const { arguments.add_decimal(number); }
        void operator()(Timestamp time) const { arguments.add_timestamp(time); }
        void operator()(const Uuid& uuid) const { arguments.add_uuid(uuid); }
        void operator()(const schema::Text& text) const { arguments.add_text(text); }
        void operator()(const schema::Json& json) const {
            std::string text;
            schema::append_for_jsonb(text, json.text);
            arguments.add_literal(text);
        }
        void operator()(const schema::TextArray& array) const { arguments.add_text_array(array); }
        void operator()(const schema::Sealed& sealed) const { arguments.add_text(sealed.text); }
        void operator()(const schema::Native& native) const { arguments.add_literal(native.text); }
    };
    std::visit(Adder{arguments}, value);
}

void append_cell(query::RowSet& out, const schema::Column& column,
                 std::optional<std::string_view> bytes) {
    using schema::ColumnType;
    if (!bytes) return out.append_null();
    switch (column.type()) {
    case ColumnType::text:
    case ColumnType::native:  // selected as JSON
    case ColumnType::sealed: return out.append_text(*bytes);
    case ColumnType::uuid: return append_uuid_cell(out, or_fault(pg::decode_uuid(*bytes), column));
    case ColumnType::integer:
        return out.append_integer(or_fault(pg::decode_integer(*bytes), column));
    case ColumnType::numeric:
        return out.append_integer(
            or_fault(pg::decode_numeric(*bytes, column.options().scale), column));
    case ColumnType::boolean:
        return out.append_integer(or_fault(pg::decode_boolean(*bytes), column) ? 1 : 0);
    case ColumnType::timestamptz:
        return out.append_integer(
            or_fault(pg::decode_timestamp(*bytes), column).time_since_epoch().count());
    case ColumnType::json: return append_json_cell(out, or_fault(pg::decode_jsonb(*bytes), column));
    case ColumnType::text_array: return append_array_cell(out, column, *bytes);
    }
    std::abort();
}

}  // namespace tenantry::engine::postgres
