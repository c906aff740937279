#include <utility>

#include "request_text.hpp"
#include "workload.hpp"

namespace tenantry::bench {

void Workload::start_ask_approval(Request& request, std::string& out) {
    auto& tenant = tenants_[request.tenant];
    request.lead = below(tenant.leads.size());
    std::string body;
    body.append(R"({"lead_id":")").append(tenant.leads[request.lead].id);
    body.append(R"(","type":"email","channel":"email","subject":"Two homes by the lake",)");
    body.append(R"("content":"Both are within your range, and may be seen this week.",)");
    body.append(R"("ai_score":0.83,"metadata":{"marker":"tenant=)").append(tenant.name);
    body.append(R"("}})");
    append_head(out, request);
    append_body(out, body);
    tenant.pending.may_gain += 1;
    for_reads_of(request.tenant, [](Request& read) { read.pending.max += 1; });
}

void Workload::start_approve(Request& request, std::string& out) {
    request.tenant = waiting_.front().tenant;
    request.lead = waiting_.front().lead;
    request.record = std::move(waiting_.front().id);
    waiting_.pop_front();
    append_head(out, request);
    out.append("Content-Length: 0\r\n\r\n");
    tenants_[request.tenant].pending.may_lose += 1;
    for_reads_of(request.tenant, [](Request& read) { read.pending.min -= 1; });
}

Checked Workload::finish_ask_approval(const Request& request, const Answer& answer) {
    auto& tenant = tenants_[request.tenant];
    const auto checked = check_approval(answer.body, {.tenant = tenant.name,
                                                      .id = std::nullopt,
                                                      .lead_id = tenant.leads[request.lead].id,
                                                      .approved = false});
    if (checked) {
        tenant.pending.gain();
        waiting_.push_back({.tenant = request.tenant,
                            .lead = request.lead,
                            .id = std::string{row_id(answer.body)}});
    }
    return checked;
}

Checked Workload::finish_approve(const Request& request, const Answer& answer) {
    auto& tenant = tenants_[request.tenant];
    tenant.pending.lose();
    return check_approval(answer.body, {.tenant = tenant.name,
                                        .id = request.record,
                                        .lead_id = tenant.leads[request.lead].id,
                                        .approved = true});
}

}  // namespace tenantry::bench
