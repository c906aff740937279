#pragma once
/// The platform's records as JSON, the same on the command line and over HTTP.
/// Threads: pure functions.

#include "engine/control_store.hpp"

#include <boost/json/object.hpp>

#include <string>

namespace tenantry::services {

boost::json::object to_json(const engine::TenantRecord& tenant);
boost::json::object to_json(const engine::MemberRecord& member);
boost::json::object to_json(const engine::UserRecord& user);
/// Without the key itself, which nobody has any more.
boost::json::object to_json(const engine::ApiKeyRecord& key);
boost::json::object to_json(const engine::AuditRecord& record);

std::string timestamp_text(Timestamp value);
/// `platform` for none.
std::string_view role_text(const engine::ApiKeyRecord& key) noexcept;

}  // namespace tenantry::services
