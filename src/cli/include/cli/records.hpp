#pragma once
/// Tenants and members as commands show them. Threads: pure functions.

#include "engine/control_store.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <vector>

namespace tenantry::cli {

boost::json::object to_json(const engine::TenantRecord& tenant);
boost::json::object to_json(const engine::MemberRecord& member);

/// A line for each column of `tenant`.
std::string to_text(const engine::TenantRecord& tenant);
std::string to_text(const std::vector<engine::TenantRecord>& tenants);
std::string to_text(const std::vector<engine::MemberRecord>& members);

std::string timestamp_text(Timestamp value);

}  // namespace tenantry::cli
