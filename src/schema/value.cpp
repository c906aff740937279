#include "schema/value.hpp"

#include "base/limits.hpp"
#include "base/text.hpp"
#include "schema/catalog.hpp"
#include "schema/json.hpp"
#include "schema/native_text.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <charconv>
#include <cmath>
#include <cstdlib>

namespace tenantry::schema {
namespace {

namespace json = boost::json;

Error about(const Column& column, Errc code, std::string_view what) {
    return fail(code, fmt::format("{} {}", column.name(), what), column.name());
}
Error about(const Column& column, const Error& error) {
    return about(column, error.code, error.message);
}

Result<void> check_size(const Column& column, std::string_view text) {
    const auto bytes_max = column.options().bytes_max;
    if (text.size() <= bytes_max) return {};
    return about(column, Errc::out_of_range,
                 fmt::format("has {} bytes; at most {} are allowed", text.size(), bytes_max));
}

/// What holds for a whole text and for each element of an array.
Result<void> check_string(const Column& column, std::string_view text) {
    if (!is_clean_utf8(text))
        return about(column, Errc::bad_utf8, "is not well-formed UTF-8 without NUL bytes");
    return check_size(column, text);
}

Result<Value> check_text(const Column& column, std::string_view text) {
    TENANTRY_TRY_VOID(check_string(column, text));
    if (column.options().format == Format::email) {
        if (!is_email(text)) return about(column, Errc::bad_value, "is not an address");
        return Value{to_lower_ascii(text)};
    }
    if (!column.nullable() && !column.options().may_be_blank && trim(text).empty())
        return about(column, Errc::missing_field, "is required");
    return Value{Text{text}};
}

Result<Value> parse_integer(const Column& column, std::string_view text) {
    std::int64_t value = 0;
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value);
    if (error == std::errc::result_out_of_range)
        return about(column, Errc::out_of_range, "is out of range");
    if (error != std::errc{} || stopped != end)
        return about(column, Errc::bad_value, "is not a whole number");
    return Value{value};
}

Result<Value> keep_json(const Column& column, json::value value) {
    make_canonical(value);
    std::string text;
    append_json(text, value);
    TENANTRY_TRY_VOID(check_size(column, text));
    return Value{Json{std::move(text)}};
}

/// JSON text may spell what can't be kept: NUL (\u0000), which PostgreSQL's jsonb refuses as well,
/// and numbers beyond the largest double, which the parser reads as infinite.
Result<void> check_storable(const Column& column, const json::value& value) {
    const auto check_characters = [&](std::string_view text) -> Result<void> {
        if (text.find('\0') == std::string_view::npos) return {};
        return about(column, Errc::bad_utf8, "holds a NUL character");
    };
    if (const auto* number = value.if_double(); number != nullptr && !std::isfinite(*number)) {
        return about(column, Errc::out_of_range, "holds a number that is out of range");
    }
    if (const auto* text = value.if_string()) return check_characters(*text);
    if (const auto* array = value.if_array()) {
        for (const auto& element : *array) TENANTRY_TRY_VOID(check_storable(column, element));
    }
    if (const auto* object = value.if_object()) {
        for (const auto& [key, member] : *object) {
            TENANTRY_TRY_VOID(check_characters(key));
            TENANTRY_TRY_VOID(check_storable(column, member));
        }
    }
    return {};
}

Result<Value> parse_json_column(const Column& column, const json::value& value) {
    TENANTRY_TRY_VOID(check_storable(column, value));
    return keep_json(column, value);
}

Result<Value> parse_json_text(const Column& column, std::string_view text) {
    const auto value = read_json(text);
    if (!value) return about(column, value.error());
    return parse_json_column(column, *value);
}

Result<Value> parse_text_array(const Column& column, const json::value& value) {
    const auto* array = value.if_array();
    if (array == nullptr) return about(column, Errc::bad_value, "is not an array of strings");
    if (array->size() > limits::in_list_max)
        return about(column, Errc::out_of_range, "has too many elements");
    TextArray out;
    for (const auto& element : *array) {
        const auto* text = element.if_string();
        if (text == nullptr) return about(column, Errc::bad_value, "is not an array of strings");
        TENANTRY_TRY_VOID(check_string(column, *text));
        out.emplace_back(*text);
    }
    return Value{std::move(out)};
}

Result<Value> parse_decimal_for(const Column& column, std::string_view text) {
    auto value = parse_decimal(text, column.options().precision, column.options().scale);
    if (!value) return about(column, value.error());
    return Value{*value};
}

Result<Value> parse_json_number(const Column& column, const json::value& value) {
    if (!value.is_number()) return about(column, Errc::bad_value, "is not a number");
    if (value.is_double() && !std::isfinite(value.get_double())) {
        return about(column, Errc::out_of_range, "is out of range");
    }
    std::string text;
    append_json(text, value);
    return parse_decimal_for(column, text);
}

Result<Value> parse_json_integer(const Column& column, const json::value& value) {
    if (!value.is_number()) return about(column, Errc::bad_value, "is not a whole number");
    if (value.is_uint64()) return about(column, Errc::out_of_range, "is out of range");
    if (value.is_double()) return about(column, Errc::bad_value, "is not a whole number");
    return Value{value.get_int64()};
}

Result<Value> parse_json_scalar(const Column& column, const json::value& value) {
    const auto* text = value.if_string();
    if (text == nullptr) return about(column, Errc::bad_value, "is not a string");
    return parse_text(column, *text);
}

Result<Value> check_native(const Column& column, std::string text) {
    TENANTRY_TRY_VOID(check_string(column, text));
    return Value{Native{std::move(text)}};
}

Result<Value> parse_json_native(const Column& column, const json::value& value) {
    TENANTRY_TRY_VOID(check_storable(column, value));
    return check_native(column, native_text(value, column.options().native_type == "json"));
}

std::string array_to_text(const TextArray& array) {
    std::string out = "[";
    for (const auto& element : array) {
        if (out.size() > 1) out += ',';
        append_json_string(out, element);
    }
    return out += ']';
}

}  // namespace

Result<Value> parse_text(const Column& column, std::string_view text) {
    switch (column.type()) {
    case ColumnType::text: return check_text(column, text);
    case ColumnType::uuid: {
        auto value = parse_uuid(text);
        if (!value) return about(column, value.error());
        return Value{*value};
    }
    case ColumnType::integer: return parse_integer(column, text);
    case ColumnType::numeric: return parse_decimal_for(column, text);
    case ColumnType::boolean:
        if (text == "true") return Value{true};
        if (text == "false") return Value{false};
        return about(column, Errc::bad_value, "is neither true nor false");
    case ColumnType::timestamptz: {
        auto value = parse_timestamp(text);
        if (!value) return about(column, value.error());
        return Value{*value};
    }
    case ColumnType::json: return parse_json_text(column, text);
    case ColumnType::text_array: {
        const auto value = read_json(text);
        if (!value) return about(column, value.error());
        return parse_text_array(column, *value);
    }
    case ColumnType::sealed: return Value{Sealed{std::string{text}}};
    case ColumnType::native: return check_native(column, std::string{text});
    }
    std::abort();
}

Result<Value> parse_json(const Column& column, const json::value& value) {
    if (value.is_null()) {
        if (!column.nullable())
            return about(column, Errc::missing_field, "is required and can't be null");
        return Value{Null{}};
    }
    auto parsed = [&]() -> Result<Value> {
        switch (column.type()) {
        case ColumnType::text:
        case ColumnType::uuid:
        case ColumnType::timestamptz: return parse_json_scalar(column, value);
        case ColumnType::integer: return parse_json_integer(column, value);
        case ColumnType::numeric: return parse_json_number(column, value);
        case ColumnType::boolean:
            if (!value.is_bool())
                return about(column, Errc::bad_value, "is neither true nor false");
            return Value{value.get_bool()};
        case ColumnType::json:
        case ColumnType::sealed: return parse_json_column(column, value);
        case ColumnType::text_array: return parse_text_array(column, value);
        case ColumnType::native: return parse_json_native(column, value);
        }
        std::abort();
    }();
    if (!parsed) return parsed;
    if (auto allowed = column.check_allowed(*parsed); !allowed) return allowed.error();
    return parsed;
}

std::string to_text(const Value& value) {
    struct Printer {
        std::string operator()(const Null&) const { return "null"; }
        std::string operator()(bool flag) const { return flag ? "true" : "false"; }
        std::string operator()(std::int64_t number) const { return fmt::to_string(number); }
        std::string operator()(const Decimal& number) const {
            std::string out;
            append_decimal(out, number);
            return out;
        }
        std::string operator()(Timestamp time) const {
            std::string out;
            append_timestamp(out, time);
            return out;
        }
        std::string operator()(const Uuid& uuid) const {
            std::string out;
            append_uuid(out, uuid);
            return out;
        }
        std::string operator()(const Text& text) const { return text; }
        std::string operator()(const Json& json) const { return json.text; }
        std::string operator()(const TextArray& array) const { return array_to_text(array); }
        std::string operator()(const Sealed& sealed) const { return sealed.text; }
        std::string operator()(const Native& native) const { return native.text; }
    };
    return std::visit(Printer{}, value);
}

bool has_type(const Value& value, ColumnType type) noexcept {
    if (is_null(value)) return true;
    switch (type) {
    case ColumnType::text: return std::holds_alternative<Text>(value);
    case ColumnType::uuid: return std::holds_alternative<Uuid>(value);
    case ColumnType::integer: return std::holds_alternative<std::int64_t>(value);
    case ColumnType::numeric: return std::holds_alternative<Decimal>(value);
    case ColumnType::boolean: return std::holds_alternative<bool>(value);
    case ColumnType::timestamptz: return std::holds_alternative<Timestamp>(value);
    case ColumnType::json: return std::holds_alternative<Json>(value);
    case ColumnType::text_array: return std::holds_alternative<TextArray>(value);
    case ColumnType::sealed: return std::holds_alternative<Sealed>(value);
    case ColumnType::native: return std::holds_alternative<Native>(value);
    }
    std::abort();
}

}  // namespace tenantry::schema
