#include "row_operations.hpp"

namespace tenantry::services {

using Manager = UnifiedDatabaseManager;

namespace {

const schema::Relation& events() {
    static const schema::Relation& relation = built_in("events");
    return relation;
}

}  // namespace

auto Manager::create_event(NewEvent event, TenantScope scope, Deadline deadline, Once key)
    -> Answer<query::RowSet> {
    co_return co_await RowOperations{executor_, clock_}.insert(
        events(), event.assignments(), std::move(scope), deadline, std::move(key));
}

auto Manager::get_event(EventId id, TenantScope scope, Deadline deadline) -> Answer<query::RowSet> {
    co_return co_await RowOperations{executor_, clock_}.get(
        events(), query::equals(events().id(), id.uuid()), std::move(scope), deadline);
}

auto Manager::get_lead_events(LeadId id, TenantScope scope, PageRequest page, Deadline deadline)
    -> Answer<Page> {
    const auto lead = co_await get_lead(id, scope, deadline);
    if (!lead) co_return lead.error();
    query::Read read{&events(), query::all_columns(events())};
    read.filter = query::equals(events().column("lead_id"), id.uuid());
    read.order = {{&events().column("timestamp"), true, true}};
    co_return co_await RowOperations{executor_, clock_}.page(std::move(read), std::move(page),
                                                             std::move(scope), deadline);
}

auto Manager::list_events(TenantScope scope, PageRequest page, Deadline deadline) -> Answer<Page> {
    query::Read read{&events(), query::all_columns(events())};
    read.order = {{&events().column("timestamp"), true, true}};
    co_return co_await RowOperations{executor_, clock_}.page(std::move(read), std::move(page),
                                                             std::move(scope), deadline);
}

}  // namespace tenantry::services
