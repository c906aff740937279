#include "workload.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <stdexcept>
#include <utility>

#include "request_text.hpp"
#include "rest_text.hpp"

namespace tenantry::bench {
namespace {

constexpr std::int64_t page_rows = 20;

constexpr std::array<std::pair<std::string_view, Kind>, 12> kinds{{
    {"get", Kind::get},
    {"page", Kind::page},
    {"create", Kind::create},
    {"update", Kind::update},
    {"mixed", Kind::mixed},
    {"dashboard", Kind::dashboard},
    {"approvals", Kind::approvals},
    {"create-with-event", Kind::create_with_event},
    {"pages-and-creates", Kind::pages_and_creates},
    {"embed", Kind::embed},
    {"insert", Kind::insert},
    {"upsert", Kind::upsert},
}};

int expected_status(Action action) noexcept {
    switch (action) {
    case Action::create:
    case Action::ask_approval:
    case Action::insert:
    case Action::record_event: return 201;
    case Action::get:
    case Action::page:
    case Action::update:
    case Action::embed:
    case Action::upsert:
    case Action::dashboard:
    case Action::approve: return 200;
    }
    std::unreachable();
}

void append_postgrest_path(std::string& out, const Request& request, const Tenant& tenant) {
    switch (request.action) {
    case Action::get: out.assign("GET /leads?id=eq.").append(tenant.leads[request.lead].id); break;
    case Action::page:
        out.assign("GET /leads?order=created_at.desc,id.desc&status=eq.");
        out.append(text_of(request.status)).append("&limit=").append(std::to_string(page_rows));
        break;
    default: throw std::runtime_error{"of PostgREST only get and page can be measured"};
    }
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

Workload::Workload(std::vector<Tenant> tenants, std::uint64_t seed, Api api, std::string root)
    : tenants_{std::move(tenants)}, api_{api}, root_{std::move(root)}, random_{seed} {}

// Multiply-shift: even enough for picking, and no division.
std::size_t Workload::below(std::size_t bound) {
    return static_cast<std::size_t>(((random_() >> 32) * bound) >> 32);
}

Action Workload::next_action(Kind kind, Action last) {
    switch (kind) {
    case Kind::get: return Action::get;
    case Kind::page: return Action::page;
    case Kind::create: return Action::create;
    case Kind::update: return Action::update;
    case Kind::mixed: {
        const auto roll = below(1000);
        return roll < 800   ? Action::get
               : roll < 950 ? Action::page
               : roll < 975 ? Action::create
                            : Action::update;
    }
    case Kind::dashboard: return Action::dashboard;
    case Kind::approvals:
        return std::exchange(ask_next_, !ask_next_) || waiting_.empty() ? Action::ask_approval
                                                                        : Action::approve;
    case Kind::create_with_event:
        return last == Action::create ? Action::record_event : Action::create;
    case Kind::pages_and_creates: return last == Action::page ? Action::create : Action::page;
    case Kind::embed: return Action::embed;
    case Kind::insert: return Action::insert;
    case Kind::upsert: return Action::upsert;
    }
    std::unreachable();
}

void Workload::start(Kind kind, Request& request, std::string& out) {
    request.action = next_action(kind, request.action);
    if (request.action != Action::record_event) {  // which is of the lead made before
        request.tenant = below(tenants_.size());
    }
    switch (request.action) {
    case Action::get: start_get(request, out); break;
    case Action::page: start_page(request, out); break;
    case Action::create: start_create(request, out); break;
    case Action::update: start_update(request, out); break;
    case Action::dashboard: start_dashboard(request, out); break;
    case Action::ask_approval: start_ask_approval(request, out); break;
    case Action::approve: start_approve(request, out); break;
    case Action::record_event: start_record_event(request, out); break;
    case Action::embed: start_embed(request, out); break;
    case Action::insert: start_insert(request, out); break;
    case Action::upsert: start_upsert(request, out); break;
    }
    request.in_flight = true;
}

// The request line and the headers that every request has.
void Workload::append_head(std::string& out, const Request& request) const {
    switch (api_) {
    case Api::tenantry: append_path(out, request); break;
    case Api::postgrest: append_postgrest_path(out, request, tenants_[request.tenant]); break;
    case Api::rest: append_rest_path(out, request); break;
    }
    out.append(" HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ");
    out.append(tenants_[request.tenant].token).append("\r\n");
    if (api_ == Api::postgrest) {
        out.append(request.action == Action::get ? "Accept: application/vnd.pgrst.object+json\r\n"
                                                 : "Prefer: count=exact\r\n");
    } else if (api_ == Api::rest) {
        out.append(rest_preference(request.action));
    }
}

void Workload::append_path(std::string& out, const Request& request) const {
    const auto& tenant = tenants_[request.tenant];
    switch (request.action) {
    case Action::get: out.assign("GET /api/leads/").append(tenant.leads[request.lead].id); break;
    case Action::page:
        out.assign("GET /api/leads?status=").append(text_of(request.status));
        out.append("&limit=").append(std::to_string(page_rows));
        break;
    case Action::create: out.assign("POST /api/leads"); break;
    case Action::update:
        out.assign("PATCH /api/leads/").append(tenant.leads[request.lead].id);
        break;
    case Action::dashboard: out.assign("GET /api/dashboard?timeframe=week"); break;
    case Action::ask_approval: out.assign("POST /api/approvals"); break;
    case Action::approve:
        out.assign("POST /api/approvals/").append(request.record).append("/approve");
        break;
    case Action::record_event: out.assign("POST /api/events"); break;
    case Action::embed:
    case Action::insert:
    case Action::upsert:
        throw std::runtime_error{"embed, insert and upsert are asked as of PostgREST alone"};
    }
}

// Any lead without an update under way: of two updates of one lead at once nobody could tell
// which came last. Small tenants may have none, large enough data always has one.
void Workload::pick_lead(Request& request) {
    for (;; request.tenant = (request.tenant + 1) % tenants_.size()) {
        const auto& leads = tenants_[request.tenant].leads;
        const auto first = below(leads.size());
        for (std::size_t i = 0; i < leads.size(); ++i) {
            request.lead = (first + i) % leads.size();
            if (!leads[request.lead].writing) {
                return;
            }
        }
    }
}

void Workload::start_get(Request& request, std::string& out) {
    auto& leads = tenants_[request.tenant].leads;
    request.lead = below(leads.size());
    request.version = leads[request.lead].version;
    append_head(out, request);
    append_no_body(out);
}

void Workload::start_page(Request& request, std::string& out) {
    request.status = static_cast<Status>(below(status_count));
    expect_totals(request);
    append_head(out, request);
    append_no_body(out);
}

void Workload::start_dashboard(Request& request, std::string& out) {
    expect_totals(request);
    append_head(out, request);
    append_no_body(out);
}

void Workload::expect_totals(Request& request) {
    const auto& tenant = tenants_[request.tenant];
    std::ranges::transform(tenant.totals, request.by_status.begin(), &Total::range);
    request.all = tenant.all.range();
    request.pending = tenant.pending.range();
}

// Notes a write that starts now: from here to its acknowledgement it may or may not be visible,
// to the reads that are under way as well.
void Workload::expect_change(std::size_t tenant, std::optional<Status> from, Status to) {
    if (from) {
        tenants_[tenant].total(*from).may_lose += 1;
    } else {
        tenants_[tenant].all.may_gain += 1;
    }
    tenants_[tenant].total(to).may_gain += 1;
    for_reads_of(tenant, [&](Request& read) {
        if (from) {
            read.by_status.at(static_cast<std::size_t>(*from)).min -= 1;
        } else {
            read.all.max += 1;
        }
        read.by_status.at(static_cast<std::size_t>(to)).max += 1;
    });
}

// A lead of which nobody knows yet; returns it as JSON.
std::string Workload::new_lead(Request& request) {
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
    return body.append(tenants_[request.tenant].name).append(R"(","beds":2}})");
}

void Workload::start_create(Request& request, std::string& out) {
    const auto body = new_lead(request);
    append_head(out, request);
    append_body(out, body);
    expect_change(request.tenant, std::nullopt, request.status);
}

// Picks a lead and what is written to it.
void Workload::begin_update(Request& request) {
    pick_lead(request);
    auto& lead = tenants_[request.tenant].leads[request.lead];
    request.status = static_cast<Status>(below(status_count));
    request.score = std::to_string(below(100)) + ".25";
    lead.writing = true;
    lead.version += 1;
    if (lead.status != request.status) {
        expect_change(request.tenant, lead.status, request.status);
    }
}

void Workload::end_update(const Request& request) {
    auto& tenant = tenants_[request.tenant];
    auto& lead = tenant.leads[request.lead];
    lead.writing = false;
    lead.version += 1;
    if (lead.status != request.status) {
        tenant.total(lead.status).lose();
        tenant.total(request.status).gain();
        lead.status = request.status;
    }
}

void Workload::start_update(Request& request, std::string& out) {
    begin_update(request);
    std::string body;
    body.append(R"({"status":")").append(text_of(request.status));
    body.append(R"(","score":)").append(request.score).append("}");
    append_head(out, request);
    append_body(out, body);
}

bool Workload::is_expected(const Request& request, int status) const {
    // PostgREST's words for a page with others behind it, and for an upsert that may have made one.
    const bool partial = api_ == Api::postgrest && status == 206;
    const bool merged = request.action == Action::upsert && status == 201;
    return status == expected_status(request.action) || partial || merged;
}

Checked Workload::finish(Request& request, const Answer& answer) {
    assert(request.in_flight);
    request.in_flight = false;
    if (!is_expected(request, answer.status)) {
        return std::unexpected{"status " + std::to_string(answer.status) + " instead of " +
                               std::to_string(expected_status(request.action))};
    }
    switch (request.action) {
    case Action::get: return finish_get(request, answer);
    case Action::page: return finish_page(request, answer);
    case Action::dashboard:
        return check_dashboard(answer.body, {.tenant = tenants_[request.tenant].name,
                                             .statuses = request.by_status,
                                             .all = request.all,
                                             .pending = request.pending});
    case Action::create: return finish_create(request, answer);
    case Action::update: return finish_update(request, answer);
    case Action::ask_approval: return finish_ask_approval(request, answer);
    case Action::approve: return finish_approve(request, answer);
    case Action::record_event: return finish_record_event(request, answer);
    case Action::embed: return finish_embed(request, answer);
    case Action::insert: return finish_insert(request, answer);
    case Action::upsert: return finish_upsert(request, answer);
    }
    std::unreachable();
}

Checked Workload::finish_get(const Request& request, const Answer& answer) const {
    const auto& tenant = tenants_[request.tenant];
    const auto& lead = tenant.leads[request.lead];
    const bool stable = !lead.writing && lead.version == request.version;
    const ExpectedLead expected{
        .tenant = tenant.name,
        .id = lead.id,
        .email = lead.email,
        .status = stable ? std::optional{text_of(lead.status)} : std::nullopt,
        .score = std::nullopt};
    return api_ == Api::rest ? check_only_lead(answer.body, expected)
                             : check_lead(answer.body, expected);
}

Checked Workload::finish_page(const Request& request, const Answer& answer) const {
    const ExpectedPage expected{
        .tenant = tenants_[request.tenant].name,
        .status = text_of(request.status),
        .limit = api_ == Api::rest ? rest_page_rows : page_rows,
        .total = request.by_status.at(static_cast<std::size_t>(request.status))};
    switch (api_) {
    case Api::tenantry: return check_page(answer.body, expected);
    case Api::postgrest: return check_rows(answer.body, answer.total, expected);
    case Api::rest: return check_rows(answer.body, expected);
    }
    std::unreachable();
}

Checked Workload::finish_create(Request& request, const Answer& answer) {
    auto& tenant = tenants_[request.tenant];
    const auto checked = check_lead(answer.body, {.tenant = tenant.name,
                                                  .id = std::nullopt,
                                                  .email = request.email,
                                                  .status = text_of(request.status),
                                                  .score = std::nullopt});
    if (checked) {
        request.lead = tenant.leads.size();
        tenant.leads.push_back({.id = std::string{row_id(answer.body)},
                                .email = request.email,
                                .status = request.status});
        tenant.total(request.status).gain();
        tenant.all.gain();
    }
    return checked;
}

Checked Workload::finish_update(const Request& request, const Answer& answer) {
    const auto& tenant = tenants_[request.tenant];
    const auto& lead = tenant.leads[request.lead];
    const auto checked = check_lead(answer.body, {.tenant = tenant.name,
                                                  .id = lead.id,
                                                  .email = lead.email,
                                                  .status = text_of(request.status),
                                                  .score = request.score});
    end_update(request);
    return checked;
}

}  // namespace tenantry::bench
