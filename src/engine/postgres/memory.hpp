#pragma once
/// What the platform's records said when they were last asked, so that a request need not ask again
/// before it does its work: the statement that enters a tenant compares the version.

#include "auth/directory.hpp"

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tenantry::engine::postgres {

/// A tenant's part of an answer.
struct TenantFacts {
    Uuid version;
    std::string settings;
};

/// Threads: any.
class Memory {
public:
    /// Beyond so many answers all are forgotten.
    static constexpr std::size_t answers_max = 65'536;

    std::optional<auth::Standing> standing(const TenantId& tenant, std::string_view subject) const;
    std::optional<auth::KeyStanding> key(std::string_view hash) const;
    std::optional<std::string> settings(const TenantId& tenant) const;

    void keep(const TenantId& tenant, std::string_view subject, const auth::Standing& standing,
              TenantFacts facts);
    void keep_key(std::string_view hash, const auth::KeyStanding& key, TenantFacts facts);
    /// All that is known of a tenant.
    void forget(const TenantId& tenant);

private:
    struct Tenant {
        TenantFacts facts;
        std::map<std::string, auth::Standing, std::less<>> standings{};
        std::map<std::string, auth::KeyStanding, std::less<>> keys{};
    };
    /// The tenant as of `facts`: what belongs to another version goes.
    Tenant& renew(const TenantId& tenant, TenantFacts facts);
    void drop(const std::string& tenant);

    mutable std::mutex mutex_;
    std::unordered_map<std::string, Tenant> tenants_;
    std::map<std::string, std::string, std::less<>> tenants_of_keys_;  // by hash
    std::size_t answers_ = 0;
};

}  // namespace tenantry::engine::postgres
