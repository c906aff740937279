// Columns as JSON Schema (2020-12).

#include "openapi.hpp"

#include "base/decimal.hpp"
#include "schema/value.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <fmt/format.h>

#include <cstdlib>

namespace tenantry::http::openapi {
namespace {

namespace json = boost::json;
using schema::Column;
using schema::ColumnType;
using schema::Origin;
using schema::Relation;

std::int64_t power_of_ten(unsigned exponent) {
    std::int64_t power = 1;
    while (exponent-- > 0) power *= 10;
    return power;
}

/// Boost.JSON reads and writes doubles, which is what JSON numbers are to most clients anyway.
double as_number(std::int64_t unscaled, unsigned scale) {
    return static_cast<double>(unscaled) / static_cast<double>(power_of_ten(scale));
}

void add_numeric_bounds(json::object& schema, const Column::Options& options) {
    const auto most = power_of_ten(options.precision) - 1;
    const auto range = options.range.value_or(schema::Range{-most, most});
    schema["minimum"] = as_number(range.least, options.scale);
    schema["maximum"] = as_number(range.most, options.scale);
}

json::object text_schema(const Column::Options& options) {
    json::object schema{{"type", "string"}};
    if (options.format == schema::Format::email) schema["format"] = "email";
    if (options.format == schema::Format::url) schema["format"] = "uri";
    if (!options.allowed.empty()) {
        schema["enum"] = json::array(options.allowed.begin(), options.allowed.end());
    } else {
        // The limit is in bytes, so a bound for characters too.
        schema["maxLength"] = options.bytes_max;
    }
    return schema;
}

json::object typed_schema(const Column& column) {
    const auto& options = column.options();
    switch (column.type()) {
    case ColumnType::text: return text_schema(options);
    case ColumnType::uuid: return {{"type", "string"}, {"format", "uuid"}};
    case ColumnType::integer: {
        json::object schema{{"type", "integer"}, {"format", "int64"}};
        if (options.range) {
            schema["minimum"] = options.range->least;
            schema["maximum"] = options.range->most;
        }
        return schema;
    }
    case ColumnType::numeric: {
        json::object schema{{"type", "number"}};
        add_numeric_bounds(schema, options);
        return schema;
    }
    case ColumnType::boolean: return {{"type", "boolean"}};
    case ColumnType::timestamptz: return {{"type", "string"}, {"format", "date-time"}};
    case ColumnType::native:
    case ColumnType::json: return {{"description", "Any JSON."}};
    case ColumnType::text_array: {
        return {{"type", "array"}, {"items", text_schema(options)}};
    }
    case ColumnType::sealed:
        return {{"description", "A secret: any JSON, kept sealed and never given out."},
                {"writeOnly", true}};
    }
    std::abort();
}

json::value default_of(const Column& column) {
    const auto& value = *column.options().default_value;
    if (const auto* flag = std::get_if<bool>(&value)) return *flag;
    if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
    if (const auto* number = std::get_if<Decimal>(&value))
        return as_number(number->unscaled, number->scale);
    if (const auto* words = std::get_if<schema::Text>(&value)) return json::value(*words);
    return json::parse(schema::to_text(value));
}

const Relation* referenced(const Relation& relation, const Column& column) {
    for (const auto& key : relation.foreign_keys()) {
        if (key.column == &column) return key.target;
    }
    return nullptr;
}

json::object member_schema(const Relation& relation, const Column& column) {
    auto schema = schema_of(column);
    if (const auto* target = referenced(relation, column)) {
        schema["description"] =
            fmt::format("The id of one of the tenant's own {}.", target->name());
        schema["x-references"] = schema_name(target->name());
    }
    return schema;
}

/// `tenant_id` may be said, if it says what the token says.
bool may_be_sent(const Relation& relation, const Column& column, Takes::Kind kind) {
    if (&column == &relation.tenant_id()) return true;
    if (column.options().origin == Origin::client_once) return kind == Takes::Kind::new_row;
    return column.options().origin == Origin::client;
}

bool must_be_sent(const Column& column, Takes::Kind kind) {
    return kind != Takes::Kind::changes && column.options().origin != Origin::server &&
           !column.nullable() && !column.options().default_value &&
           column.type() != ColumnType::timestamptz;
}

}  // namespace

std::string schema_name(std::string_view relation) {
    std::string name;
    bool upper = true;
    for (const char c : relation) {
        if (c == '_') {
            upper = true;
        } else {
            name += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
            upper = false;
        }
    }
    if (name.ends_with("ies")) {
        name.replace(name.size() - 3, 3, "y");
    } else if (name.ends_with('s')) {
        name.pop_back();
    }
    return name;
}

json::object plain_schema_of(const Column& column) { return typed_schema(column); }

json::object schema_of(const Column& column) {
    auto schema = typed_schema(column);
    if (!column.nullable() || !schema.contains("type")) return schema;
    schema["type"] = json::array{schema["type"], "null"};
    if (auto* allowed = schema.if_contains("enum")) allowed->as_array().emplace_back(nullptr);
    return schema;
}

json::object row_schema(const Relation& relation) {
    json::object properties;
    json::array required;
    for (const auto& column : relation.columns()) {
        if (column.type() == ColumnType::sealed) continue;
        auto schema = member_schema(relation, column);
        if (column.options().origin == Origin::server) schema["readOnly"] = true;
        properties[column.name()] = std::move(schema);
        required.emplace_back(column.name());
    }
    return {{"type", "object"},
            {"required", std::move(required)},
            {"properties", std::move(properties)}};
}

json::object page_schema(const Relation& relation, std::string_view member) {
    json::object rows{
        {"type", "array"},
        {"items", {{"$ref", "#/components/schemas/" + schema_name(relation.name())}}}};
    return {{"type", "object"},
            {"required", {member, "total", "next"}},
            {"properties",
             {{member, std::move(rows)},
              {"total",
               {{"type", "integer"},
                {"format", "int64"},
                {"description", "All rows that match, whatever the page."}}},
              {"next",
               {{"type", {"string", "null"}},
                {"description", "What `after` takes for the next page; null on the last."}}}}}};
}

json::object input_schema(const Relation& relation, Takes::Kind kind) {
    json::object properties;
    json::array required;
    for (const auto& column : relation.columns()) {
        if (!may_be_sent(relation, column, kind)) continue;
        auto schema = member_schema(relation, column);
        if (&column == &relation.tenant_id()) {
            schema["description"] = "May be left out; only the tenant that one acts for.";
        } else if (kind != Takes::Kind::changes && column.options().default_value) {
            schema["default"] = default_of(column);
        } else if (!column.nullable() && column.type() == ColumnType::timestamptz) {
            schema["description"] = "Now unless given.";
        }
        properties[column.name()] = std::move(schema);
        if (must_be_sent(column, kind)) required.emplace_back(column.name());
    }
    json::object schema{{"type", "object"}, {"additionalProperties", false}};
    if (kind == Takes::Kind::changes) schema["minProperties"] = 1;
    if (!required.empty()) schema["required"] = std::move(required);
    schema["properties"] = std::move(properties);
    return schema;
}

}  // namespace tenantry::http::openapi
