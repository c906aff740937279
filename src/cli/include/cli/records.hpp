#pragma once
/// The platform's records as commands show them. Threads: pure functions.

#include "engine/control_store.hpp"
#include "services/records_json.hpp"
#include "services/tenant_quotas.hpp"

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
std::string to_text(const std::vector<services::HeldQuota>& quotas);

}  // namespace tenantry::cli
