#pragma once
/// What the scope issuer has to know of tenants and users, kept by the engine.

#include "base/tenant_scope.hpp"

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

class Directory {
public:
    virtual ~Directory() = default;

    /// Reads the committed state, so that a suspension takes effect at the next request.
    /// `subject` is any text of 1 to 255 bytes, a user's id or not.
    /// Throws: engine faults. Threads: any, at the same time.
    virtual Standing standing(const TenantId& tenant, std::string_view subject) = 0;
};

}  // namespace tenantry::auth
