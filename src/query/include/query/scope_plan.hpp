#pragma once
/// The choke point: the one place where a plan is bound to a tenant.

#include "base/tenant_scope.hpp"
#include "query/plan.hpp"

namespace tenantry::query {

/// A plan with the tenant predicate on every relation that it reads or writes, embedded ones
/// included, and `tenant_id` in every row that it inserts. The only thing an executor accepts.
class ScopedPlan {
public:
    const Request& request() const noexcept { return request_; }
    const TenantId& tenant() const noexcept { return tenant_; }
    /// The scope's.
    const std::shared_ptr<Premise>& premise() const noexcept { return premise_; }

private:
    friend Result<ScopedPlan> scope_plan(Plan plan, const TenantScope& scope);
    ScopedPlan(Request request, const TenantScope& scope)
        : request_{std::move(request)}, tenant_{scope.tenant()}, premise_{scope.premise()} {}
    Request request_;
    TenantId tenant_;
    std::shared_ptr<Premise> premise_;
};

/// Sole producer of ScopedPlan.
/// Errors: tenant_mismatch if a row to be written names another tenant (never obeyed, never
///         silently replaced); role_insufficient if the scope's role may not write; read_only_field
///         for a delete from an append-only relation, unless the whole tenant goes.
Result<ScopedPlan> scope_plan(Plan plan, const TenantScope& scope);

}  // namespace tenantry::query
