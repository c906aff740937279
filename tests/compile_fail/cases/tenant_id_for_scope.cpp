// expect: cannot convert 'const tenantry::TenantId' to 'tenantry::TenantScope'
// A tenant id says which tenant, but not that anybody may act for it.
#include "services/unified_database_manager.hpp"

using namespace tenantry;
using services::UnifiedDatabaseManager;
using Lead = UnifiedDatabaseManager::Answer<query::RowSet>;

#ifdef TENANTRY_MUST_FAIL
Lead find(UnifiedDatabaseManager& db, LeadId id, const TenantScope& scope,
          engine::Deadline deadline) {
    return db.get_lead(id, scope.tenant(), deadline);
}
#else
Lead find(UnifiedDatabaseManager& db, LeadId id, const TenantScope& scope,
          engine::Deadline deadline) {
    return db.get_lead(id, scope, deadline);
}
#endif
