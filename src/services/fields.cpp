#include "services/fields.hpp"

#include "schema/lead_schema.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <algorithm>

namespace tenantry::services {
namespace {

using query::Assignment;
using schema::Column;
using schema::Origin;
using schema::Relation;

Result<void> check_writable(const Relation& relation, const Column& column, Write write) {
    const bool fixed_now = column.options().origin == Origin::client_once && write != Write::create;
    const bool tenant_id = &column == &relation.tenant_id();
    if ((column.options().origin == Origin::server && !tenant_id) || fixed_now) {
        return fail(Errc::read_only_field,
                    fmt::format("{} is set by the server; leave it out", column.name()),
                    column.name());
    }
    return {};
}

/// PUT means the whole row: a column left out gets its default, or null. But not a secret, which
/// nobody who has read the row could give again.
void add_absent(const Relation& relation, std::vector<Assignment>& fields) {
    for (const auto& column : relation.columns()) {
        const bool given =
            std::ranges::any_of(fields, [&](const Assignment& a) { return a.column == &column; });
        if (given || column.options().origin != Origin::client ||
            column.type() == schema::ColumnType::sealed)
            continue;
        fields.push_back({&column, column.options().default_value.value_or(schema::Null{})});
    }
}

Result<void> require_present(const Relation& relation, const std::vector<Assignment>& fields,
                             Write write) {
    for (const auto& column : relation.columns()) {
        const auto origin = column.options().origin;
        const bool may_be_given =
            origin == Origin::client || (origin == Origin::client_once && write == Write::create);
        const bool needed = may_be_given && !column.nullable() && !column.options().default_value;
        const bool given =
            std::ranges::any_of(fields, [&](const Assignment& a) { return a.column == &column; });
        // `timestamp` of an event is the exception: absent, it is now.
        if (needed && !given && column.type() != schema::ColumnType::timestamptz) {
            return fail(Errc::missing_field, fmt::format("{} is required", column.name()),
                        column.name());
        }
    }
    return {};
}

}  // namespace

Result<std::vector<Assignment>> parse_fields(const Relation& relation,
                                             const boost::json::value& json, Write write) {
    const auto* object = json.if_object();
    if (object == nullptr) return fail(Errc::bad_json, "the body must be a JSON object");
    std::vector<Assignment> fields;
    for (const auto& [key, value] : *object) {
        const std::string name{key};
        const auto* column = relation.find(name);
        if (column == nullptr) {
            return fail(Errc::unknown_field, fmt::format("{} have no such field", relation.name()),
                        name.substr(0, 64));
        }
        TENANTRY_TRY_VOID(check_writable(relation, *column, write));
        TENANTRY_TRY(parsed, schema::parse_json(*column, value));
        fields.push_back({column, std::move(parsed)});
    }
    if (write != Write::change) TENANTRY_TRY_VOID(require_present(relation, fields, write));
    if (write == Write::replace) add_absent(relation, fields);
    if (fields.empty())
        return fail(Errc::missing_field, "the body changes nothing; name at least one field");
    return fields;
}

Writing writing_of(const Relation& relation) {
    const auto& name = relation.name();
    if (name == "agents" || name == "identities") return {.role = Role::admin};
    // Events are history; approvals are decided once, by operations of their own.
    if (name == "events" || name == "approvals") return {.change = false, .remove = false};
    return {};
}

const Relation& built_in(std::string_view relation) {
    return schema::lead_catalog().relation(relation);
}

}  // namespace tenantry::services
