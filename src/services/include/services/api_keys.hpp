#pragma once
/// Making API keys.

#include "auth/api_key.hpp"
#include "engine/control_store.hpp"

#include <optional>
#include <string>

namespace tenantry::services {

/// A new key, which is never to be had again, and what the database knows of it.
struct IssuedKey {
    auth::ApiKey key;
    engine::ApiKeyRecord record;
};

/// Makes a key and records it; blocking. `role` is for a tenant's keys, and only for those.
/// Errors: missing_field, bad_value for a role that is absent or too much; those of
///         ControlStore::create_key.
Result<IssuedKey> issue_key(engine::ControlStore& store, const engine::KeyOwner& owner,
                            const std::string& name, std::optional<Role> role,
                            std::optional<Timestamp> expires_at);

}  // namespace tenantry::services
