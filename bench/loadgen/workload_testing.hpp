#pragma once

#include <string>
#include <string_view>

#include "workload.hpp"

namespace tenantry::bench {

inline constexpr std::string_view lead_id_text = "00000000-0000-4000-8000-00000000000a";

// One tenant with one new lead, so that every choice but the status is forced.
inline Workload one_lead(Api api = Api::tenantry) {
    Tenant tenant{.name = "t1", .token = "token", .leads = {}};
    tenant.leads.push_back({.id = std::string{lead_id_text}, .email = "a@mail.example"});
    tenant.total(Status::fresh).known = 1;
    tenant.all.known = 1;
    return Workload{{tenant}, 1, api};
}

inline bool right(Workload& workload, Request& request, int status, std::string_view body) {
    return workload.finish(request, {.status = status, .body = body}).has_value();
}

inline Request started(Workload& workload, Kind kind) {
    Request request;
    std::string out;
    workload.start(kind, request, out);
    return request;
}

}  // namespace tenantry::bench
