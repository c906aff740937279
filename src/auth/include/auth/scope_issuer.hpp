#pragma once
/// The only source of TenantScope and OperatorScope.

#include "auth/directory.hpp"
#include "auth/key_uses.hpp"
#include "auth/operator_scope.hpp"
#include "auth/token.hpp"
#include "base/tenant_scope.hpp"

#include <optional>
#include <string_view>

namespace tenantry::auth {

/// What the directory said about a bearer.
struct Findings {
    std::optional<Standing> standing{};               // of a token's subject
    std::optional<std::optional<KeyStanding>> key{};  // of an API key
};

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
/// | service_role                   | admin, or the membership's       | admin       |
/// | anything else                  | role_insufficient                | the same    |
///
/// Someone who isn't a member learns nothing about a tenant: the refusal is the same whether it is
/// active, suspended, being deleted or was never there. Unavailable tenants have one text, too.
///
/// An API key stands where a token does. Its tenant and role are those of its record, `selected`
/// may only agree. Tenants' keys and tokens don't act for the platform, publishable keys for
/// nobody. Operators' keys act for no tenant, unless `operators_act_as` gives them a role; then
/// `selected` names the tenant.
class ScopeIssuer {
public:
    /// All must outlive the issuer. `uses` is told of the keys that were found good, if it is
    /// there.
    ScopeIssuer(const TokenVerifier& verifier, Directory& directory, KeyUses* uses = nullptr,
                std::optional<Role> operators_act_as = {})
        : verifier_{verifier},
          directory_{directory},
          uses_{uses},
          operators_act_as_{operators_act_as} {}

    /// `bearer`: the token or API key without its scheme; empty if the request brought none.
    /// Without `findings`, the directory's memory serves, and the scope may have a premise.
    /// Errors: standing_unknown: `learn` what is missing; token_missing, token_invalid (an unknown
    /// or revoked key, too), token_expired;
    ///         tenant_required ("Tenant context required"); tenant_mismatch (also for a header that
    ///         is no tenant id); role_insufficient (an operator's key, too), not_a_member,
    ///         tenant_unavailable.
    /// Throws: what the directory does.
    Result<TenantScope> from_token(std::string_view bearer,
                                   std::optional<std::string_view> selected, Timestamp now,
                                   const Findings& findings = {}) const;

    /// As from_token; but a publishable key, and a token of the role anon, is let in with the role
    /// anon: for what a client does before its user has signed in.
    Result<TenantScope> from_client(std::string_view bearer,
                                    std::optional<std::string_view> selected, Timestamp now,
                                    const Findings& findings = {}) const;

    /// What `from_token` has to know, from the committed state: with a wait that holds up the
    /// thread, or with one that doesn't. `learn_key` finds what `for_operator` has to know.
    /// Errors: theirs about the bearer itself; those of the directory. Throws: what that does.
    Result<Findings> find(std::string_view bearer, std::optional<std::string_view> selected,
                          Timestamp now) const;
    boost::asio::awaitable<Result<Findings>> learn(std::string bearer,
                                                   std::optional<std::string> selected,
                                                   Timestamp now,
                                                   Directory::Deadline deadline) const;
    boost::asio::awaitable<Result<Findings>> learn_key(std::string bearer,
                                                       Directory::Deadline deadline) const;

    /// Whose users a client is for that brings this publishable key, any other of a tenant's keys,
    /// or a token. It is no right to anything of that tenant.
    /// Errors: standing_unknown; token_invalid, token_expired; tenant_required for an operator's
    ///         key, or a token without tenant; tenant_unavailable. Throws: what the directory does.
    Result<TenantId> tenant_of_client(std::string_view apikey, Timestamp now,
                                      const Findings& findings = {}) const;

    /// The first moment at which the bearer itself no longer holds, whatever happens; nullopt: it
    /// has none, or is not valid. `findings` are those about it. Threads: any. Never throws.
    std::optional<Timestamp> expiry_of(std::string_view bearer, Timestamp now,
                                       const Findings& findings) const;

    /// For the platform: with an operator's key alone. Everybody else is refused in the same way,
    /// whatever there is.
    /// Errors: standing_unknown; token_missing, token_invalid, token_expired; role_insufficient for
    ///         whoever else is known. Throws: what the directory does.
    Result<OperatorScope> for_operator(std::string_view bearer, Timestamp now,
                                       const Findings& findings = {}) const;

    /// For work that no request asks for: imports, schedules. `job` names it. The role is operator,
    /// the principal `job:<name>`.
    /// Errors: tenant_unavailable. Throws: what the directory does.
    Result<TenantScope> for_job(const TenantId& tenant, std::string_view job) const;
    /// The same without holding up the thread. Errors also: those of the directory.
    boost::asio::awaitable<Result<TenantScope>> learn_job(TenantId tenant, std::string job,
                                                          Directory::Deadline deadline) const;

    /// For removing what is left of a tenant that is marked as deleting, append-only rows too: the
    /// one scope that may purge. The role is owner, the principal `removal`.
    /// Errors: tenant_unavailable unless its status is `deleting`. Throws: what the directory does.
    Result<TenantScope> for_removal(const TenantId& tenant) const;

    /// For writing a tenant's archive, which is also done while it is suspended, so that nothing is
    /// written after it. The role is viewer, the principal `job:archive`.
    /// Errors: tenant_unavailable if it is being deleted, or is not there. Throws: what the
    /// directory does.
    Result<TenantScope> for_archive(const TenantId& tenant) const;

private:
    struct Asked;
    Result<Asked> who_asks(std::string_view bearer, std::optional<std::string_view> selected,
                           Timestamp now) const;
    Result<KeyStanding> verify_key(std::string_view text, Timestamp now,
                                   const Findings& findings) const;
    Result<TenantScope> from_key(std::string_view text, std::optional<std::string_view> selected,
                                 Timestamp now, const Findings& findings) const;
    Result<TenantScope> from_tenants_key(KeyStanding key, Role role,
                                         std::optional<std::string_view> selected, Timestamp now,
                                         const Findings& findings) const;
    Result<TenantScope> from_operators_key(const KeyStanding& key,
                                           std::optional<std::string_view> selected, Timestamp now,
                                           const Findings& findings) const;
    /// Of whom the standing in the tenant that is named has to be known beside the key.
    std::optional<Asked> acting_operator(const Findings& findings,
                                         std::optional<std::string_view> selected) const;
    Result<TenantScope> from_anonymous(TenantId tenant, const Findings& findings) const;
    static Result<TenantScope> as_job(const TenantId& tenant, std::string_view job,
                                      const Standing& standing);
    void note_use(const KeyStanding& key, Timestamp now) const;

    const TokenVerifier& verifier_;
    Directory& directory_;
    KeyUses* uses_;
    std::optional<Role> operators_act_as_;
};

}  // namespace tenantry::auth
