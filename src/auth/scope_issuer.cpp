// Three questions, in this order: which tenant is meant (the token and the header), what may the
// token's role do at most (the token alone), and how does the subject stand to that tenant (the
// directory). Membership comes before the tenant's status, so that the status is told to members,
// and to subjects that a token vouches for, only. An API key answers the first two by its record.

#include "auth/scope_issuer.hpp"

#include <algorithm>

namespace tenantry::auth {
namespace {

Error unavailable() {
    return fail(Errc::tenant_unavailable,
                "This tenant is not available: ask the operator of this server");
}

Error mismatch(std::string message) {
    return fail(Errc::tenant_mismatch, std::move(message), "x-tenant-id");
}

Error missing() {
    return fail(Errc::token_missing, "Send a token in the header `Authorization: Bearer <token>`");
}

std::string principal_of(const KeyStanding& key) { return "key:" + key.id.text(); }

std::string principal_of_job(std::string_view job) { return "job:" + std::string{job}; }

Result<TenantId> choose_tenant(const Claims& claims, std::optional<std::string_view> selected) {
    if (!selected) {
        if (!claims.tenant) return fail(Errc::tenant_required, "Tenant context required");
        return *claims.tenant;
    }
    auto chosen = TenantId::parse(*selected);
    if (!chosen) return mismatch("x-tenant-id is not a tenant id");
    if (claims.tenant && *claims.tenant != *chosen) {
        return mismatch("x-tenant-id names another tenant than the token does");
    }
    return chosen;
}

/// What a role claim is worth.
struct RoleClaim {
    Role at_most;     // to a user, whose membership says the rest
    Role for_others;  // to a subject that the token vouches for
};

Result<RoleClaim> parse_role_claim(std::string_view claim) {
    if (claim.empty()) return RoleClaim{.at_most = Role::owner, .for_others = Role::viewer};
    // What Supabase and Neon write for everybody who has signed in.
    if (claim == "authenticated") {
        return RoleClaim{.at_most = Role::owner, .for_others = Role::operator_};
    }
    // A Supabase project's service key, which is no user's.
    if (claim == "service_role")
        return RoleClaim{.at_most = Role::admin, .for_others = Role::admin};
    if (const auto role = parse_role(claim))
        return RoleClaim{.at_most = *role, .for_others = *role};
    return fail(Errc::role_insufficient,
                "The token's role gives no access: it must be viewer, operator, admin, owner, "
                "authenticated or service_role");
}

Error unknown() { return fail(Errc::standing_unknown, "who asks is not known yet; try again"); }

/// What `version` says has to be confirmed, if there is one.
std::shared_ptr<Premise> premise_of(const std::optional<Uuid>& version) {
    if (!version) return nullptr;
    return std::make_shared<Premise>(*version);
}

}  // namespace

/// A subject in a tenant, by a token.
struct ScopeIssuer::Asked {
    TenantId tenant;
    std::string subject;
};

Result<ScopeIssuer::Asked> ScopeIssuer::who_asks(std::string_view bearer,
                                                 std::optional<std::string_view> selected,
                                                 Timestamp now) const {
    TENANTRY_TRY(claims, verifier_.verify(bearer, now));
    TENANTRY_TRY(tenant, choose_tenant(*claims, selected));
    return Asked{std::move(tenant), claims->subject};
}

Result<Findings> ScopeIssuer::find(std::string_view bearer,
                                   std::optional<std::string_view> selected, Timestamp now) const {
    if (bearer.empty()) return missing();
    if (ApiKey::claims_to_be(bearer)) {
        TENANTRY_TRY(key, ApiKey::parse(bearer));
        Findings out{.key = directory_.key(key.hash())};
        if (const auto asked = acting_operator(out, selected))
            out.standing = directory_.standing(asked->tenant, asked->subject);
        return out;
    }
    TENANTRY_TRY(asked, who_asks(bearer, selected, now));
    return Findings{.standing = directory_.standing(asked.tenant, asked.subject)};
}

boost::asio::awaitable<Result<Findings>> ScopeIssuer::learn(std::string bearer,
                                                            std::optional<std::string> selected,
                                                            Timestamp now,
                                                            Directory::Deadline deadline) const {
    if (bearer.empty()) co_return missing();
    if (ApiKey::claims_to_be(bearer)) {
        auto found = co_await learn_key(std::move(bearer), deadline);
        if (!found) co_return found.error();
        auto acting = acting_operator(*found, selected);
        if (!acting) co_return std::move(*found);
        auto standing = co_await directory_.learn(std::move(acting->tenant),
                                                  std::move(acting->subject), deadline);
        if (!standing) co_return standing.error();
        found->standing = *standing;
        co_return std::move(*found);
    }
    auto asked = who_asks(bearer, selected, now);
    if (!asked) co_return asked.error();
    auto standing =
        co_await directory_.learn(std::move(asked->tenant), std::move(asked->subject), deadline);
    if (!standing) co_return standing.error();
    co_return Findings{.standing = *standing};
}

boost::asio::awaitable<Result<Findings>> ScopeIssuer::learn_key(
    std::string bearer, Directory::Deadline deadline) const {
    if (!ApiKey::claims_to_be(bearer)) co_return Findings{};
    const auto key = ApiKey::parse(bearer);
    if (!key) co_return key.error();
    auto standing = co_await directory_.learn_key(key->hash(), deadline);
    if (!standing) co_return standing.error();
    co_return Findings{.key = std::move(*standing)};
}

Result<TenantScope> ScopeIssuer::from_token(std::string_view bearer,
                                            std::optional<std::string_view> selected, Timestamp now,
                                            const Findings& findings) const {
    if (bearer.empty()) return missing();
    if (ApiKey::claims_to_be(bearer)) return from_key(bearer, selected, now, findings);
    TENANTRY_TRY(claims, verifier_.verify(bearer, now));
    TENANTRY_TRY(tenant, choose_tenant(*claims, selected));
    TENANTRY_TRY(role, parse_role_claim(claims->role));

    const auto standing =
        findings.standing ? findings.standing : directory_.recall(tenant, claims->subject);
    if (!standing) return unknown();
    const bool vouched = claims->tenant && !standing->is_user;
    const bool member = standing->is_user && standing->membership;
    if (!vouched && !member) {
        return fail(Errc::not_a_member, "You are not a member of this tenant");
    }
    if (standing->tenant != TenantStatus::active) return unavailable();
    const Role effective = member ? std::min(role.at_most, *standing->membership) : role.for_others;
    TenantScope scope{std::move(tenant), effective, claims->subject};
    if (!findings.standing) scope.premise_ = premise_of(standing->version);
    return scope;
}

std::optional<Timestamp> ScopeIssuer::expiry_of(std::string_view bearer, Timestamp now,
                                                const Findings& findings) const {
    if (ApiKey::claims_to_be(bearer))
        return findings.key && *findings.key ? (*findings.key)->expires_at : std::nullopt;
    const auto claims = verifier_.verify(bearer, now);
    return claims ? std::optional{(*claims)->expires_at} : std::nullopt;
}

Result<KeyStanding> ScopeIssuer::verify_key(std::string_view text, Timestamp now,
                                            const Findings& findings) const {
    TENANTRY_TRY(key, ApiKey::parse(text));
    auto known = findings.key ? findings.key : directory_.recall_key(key.hash());
    if (!known) return unknown();
    auto& standing = *known;
    if (!standing || standing->revoked) {
        return fail(Errc::token_invalid,
                    "the API key is not valid: it is unknown, or it was revoked");
    }
    if (standing->expires_at && now >= *standing->expires_at) {
        return fail(Errc::token_expired, "the API key has expired; have a new one made");
    }
    // The record decides; what contradicts it was not made by this program.
    if ((key.kind() == ApiKey::Kind::platform) != !standing->tenant) {
        return fail(Errc::token_invalid, "the API key is not valid");
    }
    return std::move(*standing);
}

Result<TenantScope> ScopeIssuer::from_key(std::string_view text,
                                          std::optional<std::string_view> selected, Timestamp now,
                                          const Findings& findings) const {
    TENANTRY_TRY(key, verify_key(text, now, findings));
    if (ApiKey::claims_to_be_publishable(text)) {
        return fail(Errc::role_insufficient,
                    "a publishable API key gives no access to rows: sign in for a token");
    }
    if (!key.tenant || !key.role) return from_operators_key(key, selected, now, findings);
    const auto role = *key.role;
    return from_tenants_key(std::move(key), role, selected, now, findings);
}

std::optional<ScopeIssuer::Asked> ScopeIssuer::acting_operator(
    const Findings& findings, std::optional<std::string_view> selected) const {
    const bool is_operators = findings.key && *findings.key && !(*findings.key)->tenant;
    if (!is_operators || !operators_act_as_ || !selected) return std::nullopt;
    auto tenant = TenantId::parse(*selected);
    if (!tenant) return std::nullopt;
    return Asked{std::move(*tenant), principal_of(**findings.key)};
}

Result<TenantScope> ScopeIssuer::from_operators_key(const KeyStanding& key,
                                                    std::optional<std::string_view> selected,
                                                    Timestamp now, const Findings& findings) const {
    if (!operators_act_as_) {
        return fail(Errc::role_insufficient,
                    "an operator's API key acts for no tenant; use a key of the tenant");
    }
    if (!selected) return fail(Errc::tenant_required, "Tenant context required");
    auto tenant = TenantId::parse(*selected);
    if (!tenant) return mismatch("x-tenant-id is not a tenant id");
    const auto standing =
        findings.standing ? findings.standing : directory_.recall(*tenant, principal_of(key));
    if (!standing) return unknown();
    if (standing->tenant != TenantStatus::active) return unavailable();
    note_use(key, now);
    TenantScope scope{std::move(*tenant), *operators_act_as_, principal_of(key)};
    scope.by_operator_ = true;
    if (!findings.standing) scope.premise_ = premise_of(standing->version);
    return scope;
}

Result<TenantScope> ScopeIssuer::from_tenants_key(KeyStanding key, Role role,
                                                  std::optional<std::string_view> selected,
                                                  Timestamp now, const Findings& findings) const {
    if (!key.tenant) return unavailable();
    if (selected && *selected != key.tenant->text())
        return mismatch("x-tenant-id names another tenant than the API key does");
    if (key.status != TenantStatus::active) return unavailable();
    note_use(key, now);
    TenantScope scope{std::move(*key.tenant), role, principal_of(key)};
    if (!findings.key) scope.premise_ = premise_of(key.version);
    return scope;
}

Result<TenantScope> ScopeIssuer::from_anonymous(TenantId tenant, const Findings& findings) const {
    const std::string subject = "anon";
    const auto standing =
        findings.standing ? findings.standing : directory_.recall(tenant, subject);
    if (!standing) return unknown();
    if (standing->tenant != TenantStatus::active) return unavailable();
    TenantScope scope{std::move(tenant), Role::anon, subject};
    if (!findings.standing) scope.premise_ = premise_of(standing->version);
    return scope;
}

Result<TenantScope> ScopeIssuer::from_client(std::string_view bearer,
                                             std::optional<std::string_view> selected,
                                             Timestamp now, const Findings& findings) const {
    if (ApiKey::claims_to_be_publishable(bearer)) {
        TENANTRY_TRY(key, verify_key(bearer, now, findings));
        return from_tenants_key(std::move(key), Role::anon, selected, now, findings);
    }
    if (!ApiKey::claims_to_be(bearer) && !bearer.empty()) {
        TENANTRY_TRY(claims, verifier_.verify(bearer, now));
        if (claims->role == "anon") {
            TENANTRY_TRY(tenant, choose_tenant(*claims, selected));
            if (!claims->tenant) return fail(Errc::tenant_required, "Tenant context required");
            return from_anonymous(std::move(tenant), findings);
        }
    }
    return from_token(bearer, selected, now, findings);
}

Result<TenantId> ScopeIssuer::tenant_of_client(std::string_view apikey, Timestamp now,
                                               const Findings& findings) const {
    if (!ApiKey::claims_to_be(apikey)) {
        TENANTRY_TRY(claims, verifier_.verify(apikey, now));
        if (!claims->tenant) return fail(Errc::tenant_required, "Tenant context required");
        return *claims->tenant;
    }
    TENANTRY_TRY(key, verify_key(apikey, now, findings));
    if (!key.tenant) return fail(Errc::tenant_required, "Tenant context required");
    if (key.status != TenantStatus::active) return unavailable();
    note_use(key, now);
    return std::move(*key.tenant);
}

Result<OperatorScope> ScopeIssuer::for_operator(std::string_view bearer, Timestamp now,
                                                const Findings& findings) const {
    if (bearer.empty()) return missing();
    if (ApiKey::claims_to_be(bearer)) {
        TENANTRY_TRY(key, verify_key(bearer, now, findings));
        if (!key.tenant) {
            note_use(key, now);
            return OperatorScope{principal_of(key)};
        }
    } else {
        TENANTRY_TRY_VOID(verifier_.verify(bearer, now));
    }
    return fail(Errc::role_insufficient,
                "this is for operators of the server, with a key of theirs");
}

void ScopeIssuer::note_use(const KeyStanding& key, Timestamp now) const {
    if (uses_ != nullptr) uses_->note(key.id, now);
}

Result<TenantScope> ScopeIssuer::as_job(const TenantId& tenant, std::string_view job,
                                        const Standing& standing) {
    if (standing.tenant != TenantStatus::active) return unavailable();
    return TenantScope{tenant, Role::operator_, principal_of_job(job)};
}

Result<TenantScope> ScopeIssuer::for_job(const TenantId& tenant, std::string_view job) const {
    return as_job(tenant, job, directory_.standing(tenant, principal_of_job(job)));
}

boost::asio::awaitable<Result<TenantScope>> ScopeIssuer::learn_job(
    TenantId tenant, std::string job, Directory::Deadline deadline) const {
    const auto standing = co_await directory_.learn(tenant, principal_of_job(job), deadline);
    if (!standing) co_return standing.error();
    co_return as_job(tenant, job, *standing);
}

Result<TenantScope> ScopeIssuer::for_removal(const TenantId& tenant) const {
    std::string principal = "removal";
    if (directory_.standing(tenant, principal).tenant != TenantStatus::deleting) {
        return unavailable();
    }
    constexpr bool purge = true;
    return TenantScope{tenant, Role::owner, std::move(principal), purge};
}

Result<TenantScope> ScopeIssuer::for_archive(const TenantId& tenant) const {
    std::string principal = "job:archive";
    const auto status = directory_.standing(tenant, principal).tenant;
    if (status != TenantStatus::active && status != TenantStatus::suspended) return unavailable();
    return TenantScope{tenant, Role::viewer, std::move(principal)};
}

}  // namespace tenantry::auth
