#pragma once
/// Views of others: whether row-level security bounds what they read.

#include "engine/postgres/audit.hpp"

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

namespace tenantry::engine::postgres {

/// In SQL: whether a view runs with its caller's rights, of the only `reloptions` in the query.
inline constexpr std::string_view runs_as_caller =
    "coalesce((SELECT lower(split_part(o, '=', 2)) IN ('true', 'on', 'yes', '1') "
    "FROM unnest(reloptions) o WHERE o LIKE 'security_invoker=%'), false)";

/// What the views of the schema `public` lack, by their oid: to run with the rights of who asks,
/// and to read nothing, at whatever depth, but tables that keep tenants apart (of which `audited`
/// tells those that don't) and tables without tenants. Throws as pg::Client::run.
std::map<std::int64_t, std::vector<Finding>> lacks_of_views(pg::Client& client,
                                                            const std::vector<Finding>& audited);

}  // namespace tenantry::engine::postgres
