#include "body.hpp"
#include "parameters.hpp"
#include "render.hpp"
#include "resources.hpp"

namespace tenantry::http::leads {

Answer list(const Call& call) {
    auto criteria = parse_lead_criteria(call.target);
    if (!criteria) co_return criteria.error();
    auto page =
        co_await call.app.manager.search_leads(call.scope, std::move(*criteria), call.deadline);
    if (!page) co_return page.error();
    co_return page_of("leads", *page);
}

Answer create(const Call& call) {
    auto lead = parse_body<services::NewLead>(call.request);
    if (!lead) co_return lead.error();
    auto row = co_await call.app.manager.create_lead(std::move(*lead), call.scope, call.deadline);
    if (!row) co_return row.error();
    co_return created_row(*row, "/api/leads/");
}

Answer read(const Call& call) {
    auto id = parse_path_id<LeadId>(call.id);
    if (!id) co_return id.error();
    auto row = co_await call.app.manager.get_lead(*id, call.scope, call.deadline);
    if (!row) co_return row.error();
    co_return one_row(*row);
}

Answer replace(const Call& call) {
    auto id = parse_path_id<LeadId>(call.id);
    if (!id) co_return id.error();
    auto lead = parse_body<services::LeadReplacement>(call.request);
    if (!lead) co_return lead.error();
    auto row =
        co_await call.app.manager.replace_lead(*id, std::move(*lead), call.scope, call.deadline);
    if (!row) co_return row.error();
    co_return one_row(*row);
}

Answer change(const Call& call) {
    auto id = parse_path_id<LeadId>(call.id);
    if (!id) co_return id.error();
    auto changes = parse_body<services::LeadChanges>(call.request);
    if (!changes) co_return changes.error();
    auto row =
        co_await call.app.manager.update_lead(*id, std::move(*changes), call.scope, call.deadline);
    if (!row) co_return row.error();
    co_return one_row(*row);
}

Answer remove(const Call& call) {
    auto id = parse_path_id<LeadId>(call.id);
    if (!id) co_return id.error();
    auto removed = co_await call.app.manager.delete_lead(*id, call.scope, call.deadline);
    if (!removed) co_return removed.error();
    co_return nothing();
}

Answer list_events(const Call& call) {
    auto id = parse_path_id<LeadId>(call.id);
    if (!id) co_return id.error();
    auto wanted = parse_page(call.target);
    if (!wanted) co_return wanted.error();
    auto page = co_await call.app.manager.get_lead_events(*id, call.scope, std::move(*wanted),
                                                          call.deadline);
    if (!page) co_return page.error();
    co_return page_of("events", *page);
}

}  // namespace tenantry::http::leads
