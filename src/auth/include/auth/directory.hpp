#pragma once
/// What the scope issuer has to know of tenants, users and API keys, kept by the engine.

#include "auth/api_key.hpp"
#include "base/tenant_scope.hpp"
#include "base/timestamp.hpp"

#include <optional>
#include <string_view>

namespace tenantry::auth {

enum class TenantStatus { active, suspended, deleting };

/// How a subject stands to a tenant at this moment.
struct Standing {
    std::optional<TenantStatus> tenant{};  // nullopt: there is no such tenant
    bool is_user = false;                  // the subject is a user of this server
    std::optional<Role> membership{};      // of that user in that tenant
};

/// What an API key is good for at this moment.
struct KeyStanding {
    ApiKeyId id;
    std::optional<TenantId> tenant{};       // nullopt: an operator's
    std::optional<TenantStatus> status{};   // of that tenant
    std::optional<Role> role{};             // in that tenant; nullopt: an operator's
    std::optional<Timestamp> expires_at{};  // the first moment at which it no longer holds
    bool revoked = false;
};

class Directory {
public:
    virtual ~Directory() = default;

    /// Reads the committed state, so that a suspension takes effect at the next request.
    /// `subject` is any text of 1 to 255 bytes, a user's id or not.
    /// Throws: engine faults. Threads: any, at the same time.
    virtual Standing standing(const TenantId& tenant, std::string_view subject) = 0;

    /// The key of that hash (ApiKey::hash), from the committed state as well, so that a revocation
    /// takes effect at the next request; nullopt if there is none. A directory without keys has
    /// none. Throws: engine faults. Threads: any, at the same time.
    virtual std::optional<KeyStanding> key(std::string_view) { return std::nullopt; }
};

}  // namespace tenantry::auth
