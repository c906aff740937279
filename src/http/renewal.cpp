#include "renewal.hpp"

namespace tenantry::http {

Renewal::Renewal(const Call& call)
    : app_{call.app},
      token_{bearer_of(call.request).value()},
      selected_{call.request.tenant_selector},
      tenant_{call.scope.tenant()},
      role_{call.route.role},
      at_{call.app.clock.now()} {}

Result<TenantScope> Renewal::scope() const {
    if (app_.stopping) return fail(Errc::shutting_down, "the server is shutting down");
    const auto selected = selected_ ? std::optional<std::string_view>{*selected_} : std::nullopt;
    TENANTRY_TRY(scope, app_.issuer.from_token(token_, selected, at_));
    if (scope.tenant() != tenant_)
        return fail(Errc::tenant_mismatch, "the tenant is not the one that this began with");
    if (scope.role() < role_)
        return fail(Errc::role_insufficient, "the role that this takes was taken away");
    return std::move(scope);
}

}  // namespace tenantry::http
