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

enum class Mode { create, change, replace };

Result<void> check_writable(const Relation& relation, const Column& column, Mode mode) {
    const bool fixed_now = column.options().origin == Origin::client_once && mode != Mode::create;
    const bool tenant_id = &column == &relation.tenant_id();
    if ((column.options().origin == Origin::server && !tenant_id) || fixed_now) {
        return fail(Errc::read_only_field,
                    fmt::format("{} is set by the server; leave it out", column.name()),
                    column.name());
    }
    return {};
}

/// PUT means the whole row: a column left out gets its default, or null.
void add_absent(const Relation& relation, std::vector<Assignment>& fields) {
    for (const auto& column : relation.columns()) {
        const bool given =
            std::ranges::any_of(fields, [&](const Assignment& a) { return a.column == &column; });
        if (given || column.options().origin != Origin::client) continue;
        fields.push_back({&column, column.options().default_value.value_or(schema::Null{})});
    }
}

Result<void> require_present(const Relation& relation, const std::vector<Assignment>& fields) {
    for (const auto& column : relation.columns()) {
        const bool needed = column.options().origin == Origin::client && !column.nullable() &&
                            !column.options().default_value;
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

Result<std::vector<Assignment>> parse(const Relation& relation, const boost::json::value& json,
                                      Mode mode) {
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
        TENANTRY_TRY_VOID(check_writable(relation, *column, mode));
        TENANTRY_TRY(parsed, schema::parse_json(*column, value));
        fields.push_back({column, std::move(parsed)});
    }
    if (mode != Mode::change) TENANTRY_TRY_VOID(require_present(relation, fields));
    if (mode == Mode::replace) add_absent(relation, fields);
    if (fields.empty())
        return fail(Errc::missing_field, "the body changes nothing; name at least one field");
    return fields;
}

const Relation& relation(std::string_view name) { return schema::lead_catalog().relation(name); }

}  // namespace

template <>
Result<NewLead> NewLead::parse(const boost::json::value& json) {
    TENANTRY_TRY(fields, services::parse(relation("leads"), json, Mode::create));
    return NewLead{std::move(fields)};
}
template <>
Result<LeadChanges> LeadChanges::parse(const boost::json::value& json) {
    TENANTRY_TRY(fields, services::parse(relation("leads"), json, Mode::change));
    return LeadChanges{std::move(fields)};
}
template <>
Result<LeadReplacement> LeadReplacement::parse(const boost::json::value& json) {
    TENANTRY_TRY(fields, services::parse(relation("leads"), json, Mode::replace));
    return LeadReplacement{std::move(fields)};
}
template <>
Result<NewAgent> NewAgent::parse(const boost::json::value& json) {
    TENANTRY_TRY(fields, services::parse(relation("agents"), json, Mode::create));
    return NewAgent{std::move(fields)};
}
template <>
Result<AgentChanges> AgentChanges::parse(const boost::json::value& json) {
    TENANTRY_TRY(fields, services::parse(relation("agents"), json, Mode::change));
    return AgentChanges{std::move(fields)};
}
template <>
Result<AgentReplacement> AgentReplacement::parse(const boost::json::value& json) {
    TENANTRY_TRY(fields, services::parse(relation("agents"), json, Mode::replace));
    return AgentReplacement{std::move(fields)};
}
template <>
Result<NewEvent> NewEvent::parse(const boost::json::value& json) {
    TENANTRY_TRY(fields, services::parse(relation("events"), json, Mode::create));
    return NewEvent{std::move(fields)};
}

}  // namespace tenantry::services
