// expect: cannot convert 'tenantry::Result<tenantry::TenantScope>' .* to 'tenantry::TenantScope'
// What the issuer answers may be a refusal: it must be looked at before it is a scope.
#include "auth/scope_issuer.hpp"
#include "services/unified_database_manager.hpp"

using namespace tenantry;
using services::UnifiedDatabaseManager;
using Lead = UnifiedDatabaseManager::Answer<query::RowSet>;

#ifdef TENANTRY_MUST_FAIL
Lead find(UnifiedDatabaseManager& db, LeadId id, const Result<TenantScope>& scope,
          engine::Deadline deadline) {
    return db.get_lead(id, scope, deadline);
}
#else
Lead find(UnifiedDatabaseManager& db, LeadId id, const Result<TenantScope>& scope,
          engine::Deadline deadline) {
    if (!scope) co_return scope.error();
    co_return co_await db.get_lead(id, *scope, deadline);
}
#endif
