// expect: no matching function for call to '.*Administration::run\(const tenantry::TenantScope&
// Not even a tenant's owner acts for the platform.
#include "services/administration.hpp"

using namespace tenantry;

Result<int> count(engine::ControlStore& store) {
    return static_cast<int>(store.list_tenants().size());
}

#ifdef TENANTRY_MUST_FAIL
boost::asio::awaitable<Result<int>> ask(services::Administration& platform,
                                        const TenantScope& scope, engine::Deadline deadline) {
    return platform.run(scope, deadline, count);
}
#else
boost::asio::awaitable<Result<int>> ask(services::Administration& platform,
                                        const auth::OperatorScope& scope,
                                        engine::Deadline deadline) {
    return platform.run(scope, deadline, count);
}
#endif
