#pragma once
/// The platform's records as commands show them. Threads: pure functions.

#include "engine/control_store.hpp"
#include "server/config.hpp"
#include "services/records_json.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::cli {

using services::timestamp_text;
using services::to_json;

/// A line for each column of `tenant`.
std::string to_text(const engine::TenantRecord& tenant);
std::string to_text(const std::vector<engine::TenantRecord>& tenants);
std::string to_text(const std::vector<engine::MemberRecord>& members);
std::string to_text(const std::vector<engine::UserRecord>& users);
std::string to_text(const std::vector<engine::ApiKeyRecord>& keys);
std::string to_text(const std::vector<engine::AuditRecord>& entries);

/// A tenant's quotas: what holds, and whether the tenant's own settings say so.
struct ShownQuota {
    std::string_view name;
    std::uint64_t value;
    bool own;
};
std::vector<ShownQuota> quotas_of(std::string_view tenant_settings,
                                  const server::Configuration& configuration);
boost::json::object to_json(const std::vector<ShownQuota>& quotas);
std::string to_text(const std::vector<ShownQuota>& quotas);

}  // namespace tenantry::cli
