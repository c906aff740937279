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

struct KeyWish {
    engine::KeyOwner owner;
    std::string name;
    /// For a tenant's keys but publishable ones, and only for those.
    std::optional<Role> role{};
    std::optional<Timestamp> expires_at{};
    /// `platform` is the owner's to say.
    auth::ApiKey::Kind kind = auth::ApiKey::Kind::tenant;
};

/// `secret`, `publishable`; `tenant` is the form that is not Supabase's. Errors: bad_value.
Result<auth::ApiKey::Kind> parse_key_kind(std::string_view text);

/// Makes a key and records it; blocking.
/// Errors: missing_field, bad_value for a role that is absent or too much; those of
///         ControlStore::create_key.
Result<IssuedKey> issue_key(engine::ControlStore& store, const KeyWish& wish);

}  // namespace tenantry::services
