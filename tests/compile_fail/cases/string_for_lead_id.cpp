// expect: cannot convert 'const std::string' .* to 'tenantry::LeadId'
// An id as text, not parsed.
#include "services/unified_database_manager.hpp"

#include <string>

using namespace tenantry;
using services::UnifiedDatabaseManager;
using Lead = UnifiedDatabaseManager::Answer<query::RowSet>;

#ifdef TENANTRY_MUST_FAIL
Lead find(UnifiedDatabaseManager& db, const std::string& id, const TenantScope& scope,
          engine::Deadline deadline) {
    return db.get_lead(id, scope, deadline);
}
#else
Lead find(UnifiedDatabaseManager& db, const std::string& text, const TenantScope& scope,
          engine::Deadline deadline) {
    const auto id = LeadId::parse(text);
    if (!id) co_return id.error();
    co_return co_await db.get_lead(*id, scope, deadline);
}
#endif
