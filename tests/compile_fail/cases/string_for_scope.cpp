// expect: cannot convert 'const std::string' .* to 'tenantry::TenantScope'
// The text of a tenant id, as a header or a row holds it, in place of the scope.
#include "services/unified_database_manager.hpp"

#include <string>

using namespace tenantry;
using services::UnifiedDatabaseManager;
using Lead = UnifiedDatabaseManager::Answer<query::RowSet>;

#ifdef TENANTRY_MUST_FAIL
Lead find(UnifiedDatabaseManager& db, LeadId id, const std::string& tenant,
          engine::Deadline deadline) {
    return db.get_lead(id, tenant, deadline);
}
#else
Lead find(UnifiedDatabaseManager& db, LeadId id, const TenantScope& tenant,
          engine::Deadline deadline) {
    return db.get_lead(id, tenant, deadline);
}
#endif
