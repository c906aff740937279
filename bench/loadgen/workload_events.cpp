#include "request_text.hpp"
#include "workload.hpp"

namespace tenantry::bench {
namespace {

constexpr std::string_view event_type = "call";

}  // namespace

void Workload::start_record_event(const Request& request, std::string& out) {
    const auto& tenant = tenants_[request.tenant];
    std::string body;
    body.append(R"({"lead_id":")").append(tenant.leads[request.lead].id);
    body.append(R"(","type":")").append(event_type);
    body.append(R"(","content":"Wants to see it on Saturday, after ten.",)");
    body.append(R"("data":{"marker":"tenant=)").append(tenant.name).append(R"(","minutes":4}})");
    append_head(out, request);
    append_body(out, body);
}

Checked Workload::finish_record_event(const Request& request, const Answer& answer) {
    const auto& tenant = tenants_[request.tenant];
    return check_event(
        answer.body,
        {.tenant = tenant.name, .lead_id = tenant.leads[request.lead].id, .type = event_type});
}

}  // namespace tenantry::bench
