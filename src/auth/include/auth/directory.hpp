#pragma once
/// What the scope issuer has to know of tenants, users and API keys, kept by the engine.

#include "auth/api_key.hpp"
#include "base/tenant_scope.hpp"
#include "base/timestamp.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace tenantry::auth {

enum class TenantStatus { active, suspended, deleting };

/// How a subject stands to a tenant at this moment.
struct Standing {
    std::optional<TenantStatus> tenant{};  // nullopt: there is no such tenant
    bool is_user = false;                  // the subject is a user of this server
    std::optional<Role> membership{};      // of that user in that tenant
    /// Another one whenever this may have changed; nullopt: nobody has to ask whether it has.
    std::optional<Uuid> version{};
};

/// What an API key is good for at this moment.
struct KeyStanding {
    ApiKeyId id;
    std::optional<TenantId> tenant{};       // nullopt: an operator's
    std::optional<TenantStatus> status{};   // of that tenant
    std::optional<Role> role{};             // in that tenant; nullopt: an operator's
    std::optional<Timestamp> expires_at{};  // the first moment at which it no longer holds
    bool revoked = false;
    std::optional<Uuid> version{};  // as a standing's
};

/// An answer, or nullopt: it takes a wait to have one.
template <class T>
using Recalled = std::optional<T>;

/// Each question can be asked in three ways. `standing` and `key` read the committed state, so that
/// a suspension or a revocation takes effect at the next request. `learn` does the same for
/// requests, without holding up their thread, and may answer with an error if the database doesn't.
/// `recall` tells at once what is known: if that has a version, the engine must confirm it along
/// with the first plan (TenantScope::premise).
///
/// A directory near at hand knows everything at once. Of all: engine faults are thrown. Threads:
/// any, at the same time.
class Directory {
public:
    using Deadline = std::chrono::steady_clock::time_point;
    using MaybeKey = std::optional<KeyStanding>;

    virtual ~Directory() = default;

    /// `subject` is any text of 1 to 255 bytes, a user's id or not.
    virtual Standing standing(const TenantId& tenant, std::string_view subject) = 0;
    virtual Recalled<Standing> recall(const TenantId& tenant, std::string_view subject) {
        return standing(tenant, subject);
    }
    virtual boost::asio::awaitable<Result<Standing>> learn(TenantId tenant, std::string subject,
                                                           Deadline) {
        co_return standing(tenant, subject);
    }

    /// The key of that hash (ApiKey::hash); nullopt if there is none. A directory without keys has
    /// none.
    virtual MaybeKey key(std::string_view) { return std::nullopt; }
    virtual Recalled<MaybeKey> recall_key(std::string_view hash) { return key(hash); }
    virtual boost::asio::awaitable<Result<MaybeKey>> learn_key(std::string hash, Deadline) {
        co_return key(hash);
    }
};

}  // namespace tenantry::auth
