#pragma once
/// Ideal-customer profiles to start from.

#include <string>

namespace tenantry::services {

/// `{"templates":[…]}`: each is a body that creates a profile. The same for all tenants.
const std::string& icp_templates_json();

}  // namespace tenantry::services
