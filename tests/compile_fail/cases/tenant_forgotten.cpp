// expect: no matching function for call to .*get_lead\(tenantry::LeadId&, tenantry::.*Deadline&\)'
// The tenant is forgotten: there is no overload without a scope.
#include "services/unified_database_manager.hpp"

using namespace tenantry;
using services::UnifiedDatabaseManager;
using Lead = UnifiedDatabaseManager::Answer<query::RowSet>;

#ifdef TENANTRY_MUST_FAIL
Lead find(UnifiedDatabaseManager& db, LeadId id, const TenantScope&, engine::Deadline deadline) {
    return db.get_lead(id, deadline);
}
#else
Lead find(UnifiedDatabaseManager& db, LeadId id, const TenantScope& scope,
          engine::Deadline deadline) {
    return db.get_lead(id, scope, deadline);
}
#endif
