#pragma once
/// Requests that the tests here make, and what they are told.

#include "base/random.hpp"
#include "query/render.hpp"
#include "query/scope_plan.hpp"
#include "schema/lead_schema.hpp"

#include <string>
#include <utility>

namespace tenantry::engine::postgres {

inline const schema::Relation& leads() { return schema::lead_catalog().relation("leads"); }

inline query::Insert insert_of(std::string name, std::string email = {}) {
    query::Insert insert{.relation = &leads(),
                         .columns = {&leads().column("first_name")},
                         .rows = {{schema::Text{std::move(name)}}},
                         .returning = {&leads().column("first_name")}};
    if (!email.empty()) {
        insert.columns.push_back(&leads().column("email"));
        insert.rows[0].emplace_back(schema::Text{std::move(email)});
    }
    return insert;
}

inline query::Read names() {
    return {.relation = &leads(),
            .projection = {&leads().column("first_name")},
            .order = {{&leads().column("first_name")}}};
}

inline query::Update set_city(const std::string& name, std::string city) {
    return {.relation = &leads(),
            .assignments = {{&leads().column("city"), schema::Text{std::move(city)}}},
            .filter = query::equals(leads().column("first_name"), schema::Text{name})};
}

inline std::string json(const query::Reply& reply) {
    std::string out;
    query::append_json_rows(out, reply.rows);
    return out;
}

inline query::ScopedPlan plan_of(query::Request request, const TenantScope& scope) {
    auto plan = query::plan(std::move(request), {system_clock().now(), new_uuid}).value();
    return query::scope_plan(std::move(plan), scope).value();
}

}  // namespace tenantry::engine::postgres
