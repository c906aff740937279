#pragma once
/// The rows of API keys. Everything here runs within the caller's transaction and throws
/// Failure.

#include "control/session.hpp"
#include "engine/control_store.hpp"

#include <optional>
#include <span>
#include <vector>

namespace tenantry::engine::control {

void insert_key(Session& db, const auth::ApiKeyId& id, const NewApiKey& key,
                std::string_view created_by);
std::optional<ApiKeyRecord> find_key(Session& db, const auth::ApiKeyId& id);
std::vector<ApiKeyRecord> read_keys(Session& db, const std::optional<KeyOwner>& owner,
                                    const Range& range);
void mark_revoked(Session& db, const auth::ApiKeyId& id);
/// A use that is older than the one that is known changes nothing.
void mark_used(Session& db, std::span<const auth::KeyUse> uses);

/// As the column has it: `platform` for none.
std::string_view key_role_name(const std::optional<Role>& role) noexcept;

}  // namespace tenantry::engine::control
