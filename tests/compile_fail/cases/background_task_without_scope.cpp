// expect: could not convert 'deadline' from .*::Deadline' .* to 'tenantry::TenantScope'
// Work put into the background takes its scope along.
#include "services/unified_database_manager.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

using namespace tenantry;
using services::UnifiedDatabaseManager;

UnifiedDatabaseManager::Answer<void> close_lead(UnifiedDatabaseManager& db, LeadId id,
                                                TenantScope scope, engine::Deadline deadline) {
    return db.delete_lead(id, std::move(scope), deadline);
}

#ifdef TENANTRY_MUST_FAIL
void start(boost::asio::io_context& context, UnifiedDatabaseManager& db, LeadId id,
           const TenantScope&, engine::Deadline deadline) {
    boost::asio::co_spawn(context, close_lead(db, id, deadline), boost::asio::detached);
}
#else
void start(boost::asio::io_context& context, UnifiedDatabaseManager& db, LeadId id,
           const TenantScope& scope, engine::Deadline deadline) {
    boost::asio::co_spawn(context, close_lead(db, id, scope, deadline), boost::asio::detached);
}
#endif
