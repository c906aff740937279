#include "row_handlers.hpp"

namespace tenantry::http::leads {

using Manager = services::UnifiedDatabaseManager;

Answer create(const Call& call) {
    return create_row<services::NewLead, &Manager::create_lead>(call, "/api/leads/");
}
Answer read(const Call& call) { return read_row<LeadId, &Manager::get_lead>(call); }
Answer replace(const Call& call) {
    return write_row<LeadId, services::LeadReplacement, &Manager::replace_lead>(call);
}
Answer change(const Call& call) {
    return write_row<LeadId, services::LeadChanges, &Manager::update_lead>(call);
}
Answer remove(const Call& call) { return remove_row<LeadId, &Manager::delete_lead>(call); }

Answer list(const Call& call) {
    auto criteria = parse_lead_criteria(call.target);
    if (!criteria) co_return criteria.error();
    auto page =
        co_await call.app.manager.search_leads(call.scope, std::move(*criteria), call.deadline);
    if (!page) co_return page.error();
    co_return page_of("leads", *page);
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
