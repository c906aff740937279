// expect: cannot convert 'const boost::json::value' to 'tenantry::services::NewLead'
// A body as the client sent it, not parsed.
#include "services/unified_database_manager.hpp"

using namespace tenantry;
using services::UnifiedDatabaseManager;
using Lead = UnifiedDatabaseManager::Answer<query::RowSet>;

#ifdef TENANTRY_MUST_FAIL
Lead create(UnifiedDatabaseManager& db, const boost::json::value& body, const TenantScope& scope,
            engine::Deadline deadline) {
    return db.create_lead(body, scope, deadline);
}
#else
Lead create(UnifiedDatabaseManager& db, const boost::json::value& body, const TenantScope& scope,
            engine::Deadline deadline) {
    auto lead = services::NewLead::parse(body);
    if (!lead) co_return lead.error();
    co_return co_await db.create_lead(std::move(*lead), scope, deadline);
}
#endif
