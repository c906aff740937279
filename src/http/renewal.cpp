#include "renewal.hpp"

#include "authentication.hpp"

namespace tenantry::http {

Renewal::Renewal(const Call& call, Token token)
    : app_{call.app},
      token_{credential_of(call.request, call.route).value()},
      selected_{call.request.tenant_selector},
      tenant_{call.scope.tenant()},
      role_{call.route.role} {
    if (token == Token::of_the_request) at_ = app_.clock.now();
}

std::optional<std::string_view> Renewal::selected() const {
    return selected_ ? std::optional<std::string_view>{*selected_} : std::nullopt;
}

Result<TenantScope> Renewal::scope() const {
    TENANTRY_TRY(findings, app_.issuer.find(token_, selected(), at()));
    return scope_by(findings);
}

boost::asio::awaitable<Result<TenantScope>> Renewal::renewed(engine::Deadline deadline) const {
    auto findings = co_await app_.issuer.learn(token_, selected_, at(), deadline);
    if (!findings) co_return findings.error();
    co_return scope_by(*findings);
}

Result<TenantScope> Renewal::scope_by(const auth::Findings& findings) const {
    if (app_.stopping) return fail(Errc::shutting_down, "the server is shutting down");
    TENANTRY_TRY(scope, app_.issuer.from_token(token_, selected(), at(), findings));
    if (scope.tenant() != tenant_)
        return fail(Errc::tenant_mismatch, "the tenant is not the one that this began with");
    if (scope.role() < role_)
        return fail(Errc::role_insufficient, "the role that this takes was taken away");
    return std::move(scope);
}

}  // namespace tenantry::http
