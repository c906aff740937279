#include "query/scoped.hpp"

namespace tenantry::query {

Result<ScopedPlan> scoped(Request request, const Stamp& stamp, const TenantScope& scope) {
    TENANTRY_TRY(planned, plan(std::move(request), stamp));
    return scope_plan(std::move(planned), scope);
}

Result<ScopedPlan> scoped(Read read, const TenantScope& scope) {
    return scoped(Request{std::move(read)}, Stamp{}, scope);
}

Result<ScopedPlan> scoped(Delete request, const TenantScope& scope) {
    return scoped(Request{std::move(request)}, Stamp{}, scope);
}

}  // namespace tenantry::query
