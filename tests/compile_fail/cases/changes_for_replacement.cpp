// expect: cannot convert 'Fields<.*::LeadChangesKind>' to 'Fields<.*::LeadReplacementKind>'
// What PATCH gives is not what PUT needs, though both are fields of a lead.
#include "services/unified_database_manager.hpp"

using namespace tenantry;
using services::UnifiedDatabaseManager;
using Lead = UnifiedDatabaseManager::Answer<query::RowSet>;

#ifdef TENANTRY_MUST_FAIL
Lead replace(UnifiedDatabaseManager& db, LeadId id, services::LeadChanges lead,
             const TenantScope& scope, engine::Deadline deadline) {
    return db.replace_lead(id, std::move(lead), scope, deadline);
}
#else
Lead replace(UnifiedDatabaseManager& db, LeadId id, services::LeadReplacement lead,
             const TenantScope& scope, engine::Deadline deadline) {
    return db.replace_lead(id, std::move(lead), scope, deadline);
}
#endif
