#include <stdexcept>
#include <string>

#include "request_text.hpp"
#include "rest_text.hpp"
#include "workload.hpp"

// What PostgREST's clients send. The same to every server, but for the path before the relation.

namespace tenantry::bench {
namespace {

constexpr std::int64_t embed_rows = 10;
// As harness/rest_data.py loads them: two events and an approval of each lead.
constexpr std::int64_t related_rows = 3;

// As front ends list leads; the metadata tell the tenant.
constexpr std::string_view page_columns =
    "id,first_name,last_name,email,phone,city,status,score,source,tags,metadata,created_at";

}  // namespace

std::string_view rest_preference(Action action) noexcept {
    switch (action) {
    case Action::insert: return "Prefer: return=minimal\r\n";
    case Action::upsert: return "Prefer: resolution=merge-duplicates,return=minimal\r\n";
    default: return {};
    }
}

void Workload::append_rest_path(std::string& out, const Request& request) const {
    const auto& tenant = tenants_[request.tenant];
    const bool writes = request.action == Action::insert || request.action == Action::upsert;
    out.assign(writes ? "POST " : "GET ").append(root_).append("leads");
    switch (request.action) {
    case Action::get: out.append("?id=eq.").append(tenant.leads[request.lead].id); break;
    case Action::page:
        out.append("?select=").append(page_columns);
        out.append("&status=eq.").append(text_of(request.status));
        out.append("&order=created_at.desc&limit=").append(std::to_string(rest_page_rows));
        break;
    case Action::embed:
        out.append("?select=*,approvals(*),events(*)&order=id&limit=");
        out.append(std::to_string(embed_rows));
        break;
    case Action::insert:
    case Action::upsert: break;
    default: throw std::runtime_error{"that can't be asked as of PostgREST"};
    }
}

void Workload::start_embed(const Request& request, std::string& out) {
    append_head(out, request);
    append_no_body(out);
}

void Workload::start_insert(Request& request, std::string& out) {
    const auto body = new_lead(request);
    append_head(out, request);
    append_body(out, body);
    expect_change(request.tenant, std::nullopt, request.status);
}

void Workload::start_upsert(Request& request, std::string& out) {
    begin_update(request);
    const auto& lead = tenants_[request.tenant].leads[request.lead];
    std::string body;
    body.append(R"({"id":")").append(lead.id).append(R"(","email":")").append(lead.email);
    body.append(R"(","first_name":"Nora","last_name":"Lindqvist","phone":"+14165550142",)");
    body.append(R"("status":")").append(text_of(request.status));
    body.append(R"(","score":)").append(request.score).append("}");
    append_head(out, request);
    append_body(out, body);
}

Checked Workload::finish_embed(const Request& request, const Answer& answer) const {
    return check_related(answer.body, {.tenant = tenants_[request.tenant].name,
                                       .leads = embed_rows,
                                       .related_each = related_rows});
}

// Its id is nobody's business, so the lead is counted and not asked for again.
Checked Workload::finish_insert(const Request& request, const Answer& answer) {
    auto& tenant = tenants_[request.tenant];
    tenant.total(request.status).gain();
    tenant.all.gain();
    return answer.body.empty() ? Checked{} : std::unexpected{"a body that nobody asked for"};
}

Checked Workload::finish_upsert(const Request& request, const Answer& answer) {
    end_update(request);
    return answer.body.empty() ? Checked{} : std::unexpected{"a body that nobody asked for"};
}

}  // namespace tenantry::bench
