#include "workload.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

namespace tenantry::bench {
namespace {

constexpr std::int64_t page_rows = 20;

constexpr std::array<std::pair<std::string_view, Kind>, 6> kinds{{
    {"get", Kind::get},
    {"page", Kind::page},
    {"create", Kind::create},
    {"update", Kind::update},
    {"mixed", Kind::mixed},
    {"dashboard", Kind::dashboard},
}};

int expected_status(Kind kind) noexcept { return kind == Kind::create ? 201 : 200; }

void append_body(std::string& out, std::string_view body) {
    out.append("Content-Type: application/json\r\nContent-Length: ");
    out.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
}

}  // namespace

std::optional<Kind> parse_kind(std::string_view text) noexcept {
    for (const auto& [name, kind] : kinds) {
        if (name == text) {
            return kind;
        }
    }
    return std::nullopt;
}

Workload::Workload(std::vector<Tenant> tenants, std::uint64_t seed)
    : tenants_{std::move(tenants)}, random_{seed} {}

// Multiply-shift: even enough for picking, and no division.
std::size_t Workload::below(std::size_t bound) {
    return static_cast<std::size_t>(((random_() >> 32) * bound) >> 32);
}

void Workload::append_head(std::string& out, std::string_view method,
                           const Request& request) const {
    out.assign(method).append(request.kind == Kind::dashboard ? " /api/dashboard?timeframe=week"
                                                              : " /api/leads");
    if (request.kind == Kind::get || request.kind == Kind::update) {
        out.append("/").append(tenants_[request.tenant].leads[request.lead].id);
    } else if (request.kind == Kind::page) {
        out.append("?status=").append(text_of(request.status));
        out.append("&limit=").append(std::to_string(page_rows));
    }
    out.append(" HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ");
    out.append(tenants_[request.tenant].token).append("\r\n");
}

void Workload::start(Kind kind, Request& request, std::string& out) {
    if (kind == Kind::mixed) {
        const auto roll = below(1000);
        kind = roll < 800   ? Kind::get
               : roll < 950 ? Kind::page
               : roll < 975 ? Kind::create
                            : Kind::update;
    }
    request.kind = kind;
    request.tenant = below(tenants_.size());
    switch (kind) {
    case Kind::get: start_get(request, out); break;
    case Kind::page: start_page(request, out); break;
    case Kind::create: start_create(request, out); break;
    case Kind::update: start_update(request, out); break;
    case Kind::dashboard: start_dashboard(request, out); break;
    case Kind::mixed: std::unreachable();
    }
    request.in_flight = true;
}

// Any lead without an update under way: of two updates of one lead at once nobody could tell
// which came last.
void Workload::pick_lead(Request& request) {
    const auto& leads = tenants_[request.tenant].leads;
    request.lead = below(leads.size());
    while (leads[request.lead].writing) {
        request.lead = (request.lead + 1) % leads.size();
    }
}

void Workload::start_get(Request& request, std::string& out) {
    auto& leads = tenants_[request.tenant].leads;
    request.lead = below(leads.size());
    request.version = leads[request.lead].version;
    append_head(out, "GET", request);
    out.append("\r\n");
}

void Workload::start_page(Request& request, std::string& out) {
    request.status = static_cast<Status>(below(status_count));
    expect_totals(request);
    append_head(out, "GET", request);
    out.append("\r\n");
}

void Workload::start_dashboard(Request& request, std::string& out) {
    expect_totals(request);
    append_head(out, "GET", request);
    out.append("\r\n");
}

void Workload::expect_totals(Request& request) {
    const auto& tenant = tenants_[request.tenant];
    std::ranges::transform(tenant.totals, request.by_status.begin(), &Total::range);
    request.all = tenant.all.range();
}

// Notes a write that starts now: from here to its acknowledgement it may or may not be visible,
// to the reads that are under way as well.
void Workload::expect_change(std::size_t tenant, std::optional<Status> from, Status to) {
    auto& all = tenants_[tenant].all;
    if (from) {
        tenants_[tenant].total(*from).may_lose += 1;
    } else {
        all.may_gain += 1;
    }
    tenants_[tenant].total(to).may_gain += 1;
    for (auto* read : tracked_) {
        if (!read->in_flight || read->tenant != tenant) {
            continue;
        }
        if (from) {
            read->by_status.at(static_cast<std::size_t>(*from)).min -= 1;
        } else {
            read->all.max += 1;
        }
        read->by_status.at(static_cast<std::size_t>(to)).max += 1;
    }
}

void Workload::start_create(Request& request, std::string& out) {
    created_ += 1;
    request.status = Status::fresh;
    request.email = "new." + std::to_string(created_) + "@created.example";
    std::string body;
    body.append(R"({"first_name":"Nora","last_name":"Lindqvist","email":")").append(request.email);
    body.append(
        R"(","phone":"+14165550142","property_address":"12 Harbour Street","city":"Toronto",)");
    body.append(R"("province":"ON","postal_code":"M5J 2N8","property_type":"condo",)");
    body.append(R"("price_range":"500k-800k","timeline":"1-3 months","source":"website",)");
    body.append(R"("tags":["first-time"],"metadata":{"marker":"tenant=)");
    body.append(tenants_[request.tenant].name).append(R"(","beds":2}})");
    append_head(out, "POST", request);
    append_body(out, body);
    expect_change(request.tenant, std::nullopt, request.status);
}

void Workload::start_update(Request& request, std::string& out) {
    pick_lead(request);
    auto& lead = tenants_[request.tenant].leads[request.lead];
    request.status = static_cast<Status>(below(status_count));
    request.score = std::to_string(below(100)) + ".25";
    lead.writing = true;
    lead.version += 1;
    std::string body;
    body.append(R"({"status":")").append(text_of(request.status));
    body.append(R"(","score":)").append(request.score).append("}");
    append_head(out, "PATCH", request);
    append_body(out, body);
    if (lead.status != request.status) {
        expect_change(request.tenant, lead.status, request.status);
    }
}

Checked Workload::finish(Request& request, const Answer& answer) {
    assert(request.in_flight);
    request.in_flight = false;
    if (answer.status != expected_status(request.kind)) {
        return std::unexpected{"status " + std::to_string(answer.status) + " instead of " +
                               std::to_string(expected_status(request.kind))};
    }
    const auto& tenant = tenants_[request.tenant];
    switch (request.kind) {
    case Kind::get: {
        const auto& lead = tenant.leads[request.lead];
        const bool stable = !lead.writing && lead.version == request.version;
        return check_lead(answer.body,
                          {.tenant = tenant.name,
                           .id = lead.id,
                           .email = lead.email,
                           .status = stable ? std::optional{text_of(lead.status)} : std::nullopt,
                           .score = std::nullopt});
    }
    case Kind::page:
        return check_page(
            answer.body, {.tenant = tenant.name,
                          .status = text_of(request.status),
                          .limit = page_rows,
                          .total = request.by_status.at(static_cast<std::size_t>(request.status))});
    case Kind::dashboard:
        return check_dashboard(
            answer.body,
            {.tenant = tenant.name, .statuses = request.by_status, .all = request.all});
    case Kind::create: return finish_create(request, answer);
    case Kind::update: return finish_update(request, answer);
    case Kind::mixed: break;
    }
    std::unreachable();
}

Checked Workload::finish_create(const Request& request, const Answer& answer) {
    auto& tenant = tenants_[request.tenant];
    const auto checked = check_lead(answer.body, {.tenant = tenant.name,
                                                  .id = std::nullopt,
                                                  .email = request.email,
                                                  .status = text_of(request.status),
                                                  .score = std::nullopt});
    if (checked) {
        tenant.leads.push_back({.id = std::string{lead_id(answer.body)},
                                .email = request.email,
                                .status = request.status});
        tenant.total(request.status).gain();
        tenant.all.gain();
    }
    return checked;
}

Checked Workload::finish_update(const Request& request, const Answer& answer) {
    auto& tenant = tenants_[request.tenant];
    auto& lead = tenant.leads[request.lead];
    const auto checked = check_lead(answer.body, {.tenant = tenant.name,
                                                  .id = lead.id,
                                                  .email = lead.email,
                                                  .status = text_of(request.status),
                                                  .score = request.score});
    lead.writing = false;
    lead.version += 1;
    if (lead.status != request.status) {
        tenant.total(lead.status).lose();
        tenant.total(request.status).gain();
        lead.status = request.status;
    }
    return checked;
}

}  // namespace tenantry::bench
