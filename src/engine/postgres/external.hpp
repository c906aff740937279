#pragma once
/// Tables of others, read from PostgreSQL's own catalogs: engine/introspection.hpp.

#include "engine/introspection.hpp"
#include "pg/link.hpp"

namespace tenantry::engine::postgres {

Result<Introspection> introspect(const pg::Url& url, const schema::Catalog& built_in,
                                 std::chrono::milliseconds patience = pg::default_patience);
Result<std::optional<std::vector<Finding>>> check_table(
    const pg::Url& url, const schema::Catalog& built_in, std::string_view name,
    std::chrono::milliseconds patience = pg::default_patience);

}  // namespace tenantry::engine::postgres
