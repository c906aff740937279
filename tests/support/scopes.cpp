#include "support/scopes.hpp"

#include "auth/scope_issuer.hpp"

#include <optional>
#include <string>

namespace tenantry::support {
namespace {

class OpenDirectory final : public auth::Directory {
public:
    auth::Standing standing(const TenantId&, std::string_view) override {
        return {auth::TenantStatus::active, false, std::nullopt};
    }
};

}  // namespace

TenantScope scope_of(const TenantId& tenant, Role role) {
    static const auth::TokenVerifier verifier{
        auth::Secret::parse("a secret of the tests, known to all").value()};
    OpenDirectory directory;
    auth::ScopeIssuer issuer{verifier, directory};
    const Timestamp now{std::chrono::sys_days{std::chrono::year{2026} / 1 / 5}};
    const auth::Claims claims{"tester", tenant, std::string{name_of(role)},
                              now + std::chrono::hours{1}};
    return issuer.from_token(verifier.issue(claims, now), std::nullopt, now).value();
}

TenantScope scope_of(std::string_view tenant, Role role) {
    return scope_of(TenantId::parse(tenant).value(), role);
}

}  // namespace tenantry::support
