#pragma once
/// From a request to what an executor takes, in one step.

#include "query/scope_plan.hpp"

namespace tenantry::query {

/// `plan` and then `scope_plan`. Errors: theirs. Threads: pure functions.
Result<ScopedPlan> scoped(Request request, const Stamp& stamp, const TenantScope& scope);

/// For reads and deletes, which write nothing of the server's own.
Result<ScopedPlan> scoped(Read read, const TenantScope& scope);
Result<ScopedPlan> scoped(Delete request, const TenantScope& scope);

}  // namespace tenantry::query
