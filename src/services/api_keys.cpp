#include "services/api_keys.hpp"

namespace tenantry::services {

Result<auth::ApiKey::Kind> parse_key_kind(std::string_view text) {
    if (text == "secret") return auth::ApiKey::Kind::secret;
    if (text == "publishable") return auth::ApiKey::Kind::publishable;
    if (text == "tenant") return auth::ApiKey::Kind::tenant;
    return fail(Errc::bad_value, "the kind of a key is tenant, secret or publishable", "kind");
}

Result<IssuedKey> issue_key(engine::ControlStore& store, const KeyWish& wish) {
    using Kind = auth::ApiKey::Kind;
    const bool publishable = wish.kind == Kind::publishable;
    if (!wish.owner.tenant && wish.role)
        return fail(Errc::bad_value, "an operator's API key has no role in a tenant", "role");
    if (!wish.owner.tenant && wish.kind != Kind::tenant)
        return fail(Errc::bad_value, "only a tenant's API keys are of kinds", "kind");
    if (publishable && wish.role)
        return fail(Errc::bad_value, "a publishable API key gives no role; leave it out", "role");
    if (wish.owner.tenant && !publishable && !wish.role)
        return fail(Errc::missing_field, "a tenant's API key needs a role", "role");
    auto key = auth::ApiKey::make(wish.owner.tenant ? wish.kind : Kind::platform);
    TENANTRY_TRY(record,
                 store.create_key({.owner = wish.owner,
                                   .name = wish.name,
                                   // Records have one; the issuer never looks at it.
                                   .role = publishable ? std::optional{Role::viewer} : wish.role,
                                   .prefix = key.prefix(),
                                   .hash = key.hash(),
                                   .expires_at = wish.expires_at}));
    return IssuedKey{std::move(key), std::move(record)};
}

}  // namespace tenantry::services
