// expect: could not convert 'deadline' from .*::Deadline' .* to 'tenantry::TenantScope'
// The caller has a scope and does not hand it on.
#include "services/unified_database_manager.hpp"

using namespace tenantry;
using services::UnifiedDatabaseManager;

using Events = UnifiedDatabaseManager::Answer<services::Page>;

Events latest_events(UnifiedDatabaseManager& db, LeadId id, TenantScope scope,
                     engine::Deadline deadline) {
    return db.get_lead_events(id, std::move(scope), {}, deadline);
}

#ifdef TENANTRY_MUST_FAIL
Events open_lead(UnifiedDatabaseManager& db, LeadId id, TenantScope scope,
                 engine::Deadline deadline) {
    const auto lead = co_await db.get_lead(id, scope, deadline);
    if (!lead) co_return lead.error();
    co_return co_await latest_events(db, id, deadline);
}
#else
Events open_lead(UnifiedDatabaseManager& db, LeadId id, TenantScope scope,
                 engine::Deadline deadline) {
    const auto lead = co_await db.get_lead(id, scope, deadline);
    if (!lead) co_return lead.error();
    co_return co_await latest_events(db, id, scope, deadline);
}
#endif
