// expect: cannot convert 'const tenantry::auth::OperatorScope' to 'tenantry::TenantScope'
// An operator has no tenant's rows: those take a scope for the one tenant.
#include "auth/operator_scope.hpp"
#include "services/unified_database_manager.hpp"

using namespace tenantry;
using services::UnifiedDatabaseManager;
using Lead = UnifiedDatabaseManager::Answer<query::RowSet>;

#ifdef TENANTRY_MUST_FAIL
Lead find(UnifiedDatabaseManager& db, LeadId id, const auth::OperatorScope& scope,
          engine::Deadline deadline) {
    return db.get_lead(id, scope, deadline);
}
#else
Lead find(UnifiedDatabaseManager& db, LeadId id, const TenantScope& scope,
          engine::Deadline deadline) {
    return db.get_lead(id, scope, deadline);
}
#endif
