#pragma once
/// The only source of TenantScope.

#include "auth/directory.hpp"
#include "auth/token.hpp"
#include "base/tenant_scope.hpp"

#include <optional>
#include <string_view>

namespace tenantry::auth {

/// Decides who may act for which tenant. Threads: any, at the same time.
///
/// The tenant is that of the verified token. `selected` (the x-tenant-id header) picks among the
/// tenants of which the token's subject is a member, where the token names none; it never grants,
/// and one that disagrees with the token is refused. A subject that is a user here must be a
/// member; one that isn't is vouched for by the token's signature alone.
///
/// | role claim                     | a user here                      | anyone else |
/// | viewer, operator, admin, owner | the lower of it and membership's | as claimed  |
/// | authenticated                  | the membership's                 | operator    |
/// | absent                         | the membership's                 | viewer      |
/// | anything else                  | role_insufficient                | the same    |
///
/// Someone who isn't a member learns nothing about a tenant: the refusal is the same whether it is
/// active, suspended, being deleted or was never there. Unavailable tenants have one text, too.
class ScopeIssuer {
public:
    /// Both must outlive the issuer.
    ScopeIssuer(const TokenVerifier& verifier, Directory& directory)
        : verifier_{verifier}, directory_{directory} {}

    /// `bearer`: the token without its scheme; empty if the request brought none.
    /// Errors: token_missing, token_invalid, token_expired; tenant_required ("Tenant context
    ///         required"); tenant_mismatch (also for a header that is no tenant id);
    ///         role_insufficient, not_a_member, tenant_unavailable.
    /// Throws: what the directory does.
    Result<TenantScope> from_token(std::string_view bearer,
                                   std::optional<std::string_view> selected, Timestamp now) const;

    /// For work that no request asks for: imports, schedules. `job` names it. The role is operator,
    /// the principal `job:<name>`.
    /// Errors: tenant_unavailable. Throws: what the directory does.
    Result<TenantScope> for_job(const TenantId& tenant, std::string_view job) const;

    /// For removing what is left of a tenant that is marked as deleting, append-only rows too: the
    /// one scope that may purge. The role is owner, the principal `removal`.
    /// Errors: tenant_unavailable unless its status is `deleting`. Throws: what the directory does.
    Result<TenantScope> for_removal(const TenantId& tenant) const;

private:
    const TokenVerifier& verifier_;
    Directory& directory_;
};

}  // namespace tenantry::auth
