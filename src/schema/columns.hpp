#pragma once
/// Columns as the built-in relations are written with, by what they hold.

#include "schema/catalog.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tenantry::schema::columns {

inline Column tenant_id() {
    return {"tenant_id", ColumnType::text,
            Column::Options{.nullable = false, .origin = Origin::server, .bytes_max = 255}};
}
inline Column id() {
    return {"id", ColumnType::uuid, Column::Options{.nullable = false, .origin = Origin::server}};
}
inline Column written_at(std::string name) {
    return {std::move(name), ColumnType::timestamptz,
            Column::Options{.nullable = false, .origin = Origin::server}};
}
inline Column text(std::string name, std::size_t bytes_max = 1024) {
    return {std::move(name), ColumnType::text, Column::Options{.bytes_max = bytes_max}};
}
inline Column required_text(std::string name, std::size_t bytes_max = 1024) {
    return {std::move(name), ColumnType::text,
            Column::Options{.nullable = false, .bytes_max = bytes_max}};
}
inline Column email(bool nullable) {
    return {"email", ColumnType::text,
            Column::Options{.nullable = nullable, .format = Format::email, .bytes_max = 254}};
}
inline Column one_of(std::string name, std::vector<std::string> allowed) {
    Value first = allowed.front();
    return {
        std::move(name), ColumnType::text,
        Column::Options{
            .nullable = false, .allowed = std::move(allowed), .default_value = std::move(first)}};
}
inline Column text_array(std::string name) {
    return {std::move(name), ColumnType::text_array,
            Column::Options{.nullable = false, .bytes_max = 255, .default_value = TextArray{}}};
}
inline Column json(std::string name) {
    return {
        std::move(name), ColumnType::json,
        Column::Options{.nullable = false, .bytes_max = 64UL * 1024, .default_value = Json{"{}"}}};
}
inline Column numeric(std::string name, std::uint8_t precision, std::uint8_t scale) {
    return {std::move(name), ColumnType::numeric,
            Column::Options{.precision = precision, .scale = scale}};
}
/// A probability: 0.00 to 1.00.
inline Column share(std::string name, std::optional<Value> standard = std::nullopt) {
    return {std::move(name), ColumnType::numeric,
            Column::Options{.nullable = !standard,
                            .precision = 3,
                            .scale = 2,
                            .range = Range{0, 100},
                            .default_value = std::move(standard)}};
}
inline Column flag(std::string name, bool standard) {
    return {std::move(name), ColumnType::boolean,
            Column::Options{.nullable = false, .default_value = standard}};
}
inline Column text_or(std::string name, std::size_t bytes_max, std::string standard) {
    return {
        std::move(name), ColumnType::text,
        Column::Options{
            .nullable = false, .bytes_max = bytes_max, .default_value = Text{std::move(standard)}}};
}
inline Column sealed(std::string name) {
    return {std::move(name), ColumnType::sealed, Column::Options{.bytes_max = 64UL * 1024}};
}
inline Column count(std::string name) {
    return {std::move(name), ColumnType::integer,
            Column::Options{.nullable = false, .origin = Origin::server}};
}
inline Column of_server(std::string name, ColumnType type, std::size_t bytes_max = 1024) {
    return {std::move(name), type,
            Column::Options{.origin = Origin::server, .bytes_max = bytes_max}};
}

}  // namespace tenantry::schema::columns
