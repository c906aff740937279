// expect: cannot convert 'Fields<.*::NewEventKind>' to 'Fields<.*::NewLeadKind>'
// The checked input of another operation.
#include "services/unified_database_manager.hpp"

using namespace tenantry;
using services::UnifiedDatabaseManager;
using Lead = UnifiedDatabaseManager::Answer<query::RowSet>;

#ifdef TENANTRY_MUST_FAIL
Lead create(UnifiedDatabaseManager& db, services::NewEvent event, const TenantScope& scope,
            engine::Deadline deadline) {
    return db.create_lead(std::move(event), scope, deadline);
}
#else
Lead create(UnifiedDatabaseManager& db, services::NewLead lead, const TenantScope& scope,
            engine::Deadline deadline) {
    return db.create_lead(std::move(lead), scope, deadline);
}
#endif
