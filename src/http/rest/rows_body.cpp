#include "rest/rows_body.hpp"

#include "abridged.hpp"
#include "body.hpp"
#include "schema/value.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tenantry::http::rest {
namespace {

namespace json = boost::json;
using query::Column;
using query::Relation;
using query::Value;
using schema::Origin;
using Names = std::vector<std::string>;

enum class Act { insert, update };

bool is_kept_by_server(const Relation& relation, const Column& column) {
    return !relation.is_external() &&
           (column.name() == "created_at" || column.name() == "updated_at");
}

Result<const Column*> find_column(const Relation& relation, std::string_view name, Act act) {
    const auto* column = relation.find(name);
    if (column == nullptr) {
        return fail(Errc::unknown_field,
                    fmt::format("Could not find the '{}' column of '{}' in the schema cache",
                                abridged(name), relation.name()),
                    abridged(name));
    }
    const auto origin = column->options().origin;
    const bool is_open = column == &relation.tenant_id() ||
                         (column == &relation.id() && !relation.is_external()) ||
                         is_kept_by_server(relation, *column);
    const bool stands = (origin == Origin::server && !is_open) ||
                        (origin == Origin::client_once && act == Act::update);
    if (!stands) return column;
    return fail(Errc::read_only_field,
                fmt::format("{} is set by the server; leave it out", column->name()),
                column->name());
}

/// Those that are to be read of each object.
Result<std::vector<const Column*>> find_columns(const Relation& relation, const Names& names,
                                                Act act) {
    std::vector<const Column*> out;
    for (const auto& name : names) {
        TENANTRY_TRY(column, find_column(relation, name, act));
        if (!is_kept_by_server(relation, *column) && std::ranges::find(out, column) == out.end())
            out.push_back(column);
    }
    return out;
}

Names names_in(const json::object& object) {
    Names out;
    for (const auto& member : object) out.emplace_back(member.key());
    return out;
}

/// What a row that lacks the column has there.
Value absent_value(const Column& column, bool missing_default) {
    if (missing_default && column.options().default_value) return *column.options().default_value;
    return schema::Null{};
}

Result<Value> value_of(const Column& column, const json::object& object, bool missing_default) {
    const auto* member = object.if_contains(column.name());
    if (member == nullptr) return absent_value(column, missing_default);
    // That a value is missing is said as of one that isn't there.
    if (member->is_null()) return Value{schema::Null{}};
    return schema::parse_json(column, *member);
}

Result<std::vector<const json::object*>> objects_in(const json::value& document) {
    std::vector<const json::object*> out;
    if (const auto* object = document.if_object()) return std::vector{object};
    const auto* array = document.if_array();
    if (array == nullptr) return fail(Errc::bad_json, "the body is an object, or an array of them");
    for (const auto& element : *array) {
        if (!element.is_object())
            return fail(Errc::bad_json, "the body's array has an element that is no object");
        out.push_back(&element.get_object());
    }
    return out;
}

Result<void> check_alike(const std::vector<const json::object*>& objects) {
    auto first = names_in(*objects.front());
    std::ranges::sort(first);
    for (const auto* object : objects) {
        auto names = names_in(*object);
        std::ranges::sort(names);
        if (names != first) return fail(Errc::bad_json, "All object keys must match");
    }
    return {};
}

/// What the object has of `columns`. The rest is left to its database, which gives its defaults.
std::vector<const Column*> given_in(const json::object& object,
                                    std::vector<const Column*> columns) {
    std::erase_if(columns, [&](const Column* c) { return !object.contains(c->name()); });
    return columns;
}

/// Columns that the server gives each row by itself are left to it where a row lacks them.
void leave_to_server(const std::vector<const json::object*>& objects, const Relation& relation,
                     std::vector<const Column*>& columns) {
    std::erase_if(columns, [&](const Column* column) {
        const auto lacks = [&](const json::object* object) {
            return !object->contains(column->name());
        };
        const bool given = column == &relation.id() || column == &relation.tenant_id() ||
                           column->type() == schema::ColumnType::timestamptz;
        return given && !column->nullable() && std::ranges::all_of(objects, lacks);
    });
}

}  // namespace

Result<Names> parse_names(std::string_view text, std::string_view parameter) {
    Names out;
    while (!text.empty()) {
        const bool quoted = text.front() == '"';
        const auto end = quoted ? text.find('"', 1) : std::min(text.find(','), text.size());
        if (end == std::string_view::npos) {
            return fail(Errc::bad_query,
                        fmt::format("{} has a quote that is not closed", parameter),
                        std::string{parameter});
        }
        out.emplace_back(text.substr(quoted ? 1 : 0, quoted ? end - 1 : end));
        text.remove_prefix(quoted ? end + 1 : end);
        if (text.empty()) break;
        if (text.front() != ',' || text.size() == 1) {
            return fail(Errc::bad_query,
                        fmt::format("{} is a list of names with commas between", parameter),
                        std::string{parameter});
        }
        text.remove_prefix(1);
    }
    return out;
}

Result<std::vector<RowsBody>> parse_rows(const Relation& relation, std::string_view body,
                                         const std::optional<Names>& columns,
                                         bool missing_default) {
    TENANTRY_TRY(document, parse_document(body));
    TENANTRY_TRY(objects, objects_in(document));
    std::vector<RowsBody> out;
    if (objects.empty()) return out;
    if (!columns) TENANTRY_TRY_VOID(check_alike(objects));
    TENANTRY_TRY(found, find_columns(relation, columns ? *columns : names_in(*objects.front()),
                                     Act::insert));
    if (!relation.is_external()) leave_to_server(objects, relation, found);
    const bool leaves = relation.is_external() && missing_default;
    for (const auto* object : objects) {
        if (out.empty() || leaves) {
            auto own = leaves ? given_in(*object, found) : found;
            if (out.empty() || out.back().columns != own)
                out.push_back({.columns = std::move(own)});
        }
        auto& row = out.back().rows.emplace_back();
        for (const auto* column : out.back().columns) {
            TENANTRY_TRY(value, value_of(*column, *object, missing_default));
            row.push_back(std::move(value));
        }
    }
    return out;
}

Result<std::vector<query::Assignment>> parse_changes(const Relation& relation,
                                                     std::string_view body,
                                                     const std::optional<Names>& columns) {
    TENANTRY_TRY(document, parse_object(body));
    const auto& object = document.get_object();
    TENANTRY_TRY(found, find_columns(relation, columns ? *columns : names_in(object), Act::update));
    std::vector<query::Assignment> out;
    for (const auto* column : found) {
        TENANTRY_TRY(value, value_of(*column, object, false));
        out.push_back({column, std::move(value)});
    }
    if (relation.is_external()) return out;
    const auto id = std::ranges::find(out, &relation.id(), &query::Assignment::column);
    if (id != out.end()) std::rotate(id, id + 1, out.end());
    return out;
}

}  // namespace tenantry::http::rest
