#pragma once
/// A tenant's quotas as operators see and change them, the same on the command line and over HTTP.

#include "engine/control_store.hpp"
#include "services/quotas.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::services {

/// What holds, and whether the tenant's own settings say so.
struct HeldQuota {
    std::string_view name;
    std::uint64_t value;
    bool own;
};

/// One for each of `quota_infos`, in their order.
std::vector<HeldQuota> held_quotas(std::string_view settings, const Quotas& defaults);
/// `{"rows": {"value": 50000, "source": "tenant"}, …}`; a value is null where there is no such
/// quota, the source `tenant` or `default`.
boost::json::object to_json(const std::vector<HeldQuota>& quotas);

/// What a client says of quotas: `{"rows": 50000, "body_bytes": "unlimited", "request_burst":
/// null}`, where null goes back to the default.
/// Errors: unknown_field; missing_field if it names none; bad_value, with the quota's name.
Result<QuotaChanges> parse_quota_changes(const boost::json::object& said);

/// Makes the changes, and the act `tenant.set_quota` in the audit log if anything is another one
/// then; returns the tenant's settings.
/// Errors: not_found; conflict while the tenant is being deleted; those of change_quotas.
Result<std::string> set_quotas(engine::ControlStore& store, const TenantId& tenant,
                               const QuotaChanges& changes);

}  // namespace tenantry::services
