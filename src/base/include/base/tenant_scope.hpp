#pragma once
/// Who acts, and for which tenant. A `TenantScope` is the capability that everything touching a
/// tenant's rows asks for; there is no way to make one but through the scope issuer.

#include "base/id.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

namespace tenantry {

namespace auth {
class ScopeIssuer;
}

/// What a principal may do within a tenant, weakest first: the order of the enumerators counts.
/// `anon` is nobody's: a client that has yet to say who uses it, and may do nothing with rows.
enum class Role { anon, viewer, operator_, admin, owner };

/// Never `anon`, which isn't given to anybody. Errors: bad_value.
Result<Role> parse_role(std::string_view text);
std::string_view name_of(Role role) noexcept;

/// That what was remembered of a principal's rights is still so. The engine confirms it with the
/// first plan that it runs for the scope, or refuses that one with standing_changed.
struct Premise {
    Uuid version;
    std::atomic<bool> confirmed = false;
};

/// Proof that a principal may act for one tenant now. Copyable within a request or job; never
/// stored beyond it, since a suspension must take effect at the next one.
class TenantScope {
public:
    const TenantId& tenant() const noexcept { return tenant_; }
    Role role() const noexcept { return role_; }
    /// Subject of the token, or `job:<name>`.
    const std::string& principal() const noexcept { return principal_; }
    /// Whether all rows may go, append-only ones too: only while the tenant itself is being
    /// deleted.
    bool may_purge() const noexcept { return purge_; }
    /// Whether an operator of the server acts, who has named the tenant with this request.
    bool by_operator() const noexcept { return by_operator_; }
    /// nullptr: the scope was made of what the database had at that moment.
    const std::shared_ptr<Premise>& premise() const noexcept { return premise_; }

private:
    friend class auth::ScopeIssuer;
    TenantScope(TenantId tenant, Role role, std::string principal, bool purge = false)
        : tenant_{std::move(tenant)},
          role_{role},
          principal_{std::move(principal)},
          purge_{purge} {}

    TenantId tenant_;
    Role role_;
    std::string principal_;
    bool purge_;
    bool by_operator_ = false;
    std::shared_ptr<Premise> premise_{};
};

}  // namespace tenantry
