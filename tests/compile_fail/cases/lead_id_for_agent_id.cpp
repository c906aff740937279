// expect: cannot convert 'Id<tenantry::LeadTag>' to 'Id<tenantry::AgentTag>'
// The id of another kind of row.
#include "services/unified_database_manager.hpp"

using namespace tenantry;
using services::UnifiedDatabaseManager;
using Agent = UnifiedDatabaseManager::Answer<query::RowSet>;

#ifdef TENANTRY_MUST_FAIL
Agent find(UnifiedDatabaseManager& db, LeadId id, const TenantScope& scope,
           engine::Deadline deadline) {
    return db.get_agent(id, scope, deadline);
}
#else
Agent find(UnifiedDatabaseManager& db, AgentId id, const TenantScope& scope,
           engine::Deadline deadline) {
    return db.get_agent(id, scope, deadline);
}
#endif
