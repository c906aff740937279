#include "services/api_keys.hpp"

namespace tenantry::services {

Result<IssuedKey> issue_key(engine::ControlStore& store, const engine::KeyOwner& owner,
                            const std::string& name, std::optional<Role> role,
                            std::optional<Timestamp> expires_at) {
    if (owner.tenant && !role)
        return fail(Errc::missing_field, "a tenant's API key needs a role", "role");
    if (!owner.tenant && role)
        return fail(Errc::bad_value, "an operator's API key has no role in a tenant", "role");
    auto key = auth::ApiKey::make(owner.tenant ? auth::ApiKey::Kind::tenant
                                               : auth::ApiKey::Kind::platform);
    TENANTRY_TRY(record, store.create_key({.owner = owner,
                                           .name = name,
                                           .role = role,
                                           .prefix = key.prefix(),
                                           .hash = key.hash(),
                                           .expires_at = expires_at}));
    return IssuedKey{std::move(key), std::move(record)};
}

}  // namespace tenantry::services
