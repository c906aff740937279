// expect: cannot convert 'const tenantry::TenantScope' to 'tenantry::LeadId'
// Arguments in the wrong order.
#include "services/unified_database_manager.hpp"

using namespace tenantry;
using services::UnifiedDatabaseManager;
using Lead = UnifiedDatabaseManager::Answer<query::RowSet>;

#ifdef TENANTRY_MUST_FAIL
Lead find(UnifiedDatabaseManager& db, LeadId id, const TenantScope& scope,
          engine::Deadline deadline) {
    return db.get_lead(scope, id, deadline);
}
#else
Lead find(UnifiedDatabaseManager& db, LeadId id, const TenantScope& scope,
          engine::Deadline deadline) {
    return db.get_lead(id, scope, deadline);
}
#endif
