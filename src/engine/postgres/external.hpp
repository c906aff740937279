#pragma once
/// Tables of others, read from PostgreSQL's own catalogs: engine/introspection.hpp.

#include "engine/introspection.hpp"
#include "pg/client.hpp"
#include "pg/link.hpp"

#include <string_view>

namespace tenantry::engine::postgres {

/// Text of any length passes; what a body may hold bounds it.
constexpr std::size_t external_bytes_max = 64UL * 1024 * 1024;

/// Names are written between quotes as they are, in SQL and in answers.
bool is_plain(std::string_view name);
/// By the type's name as format_type prints it: what isn't known by itself is native.
schema::Column external_column(std::string name, std::string native,
                               schema::Column::Options options = {});

/// Adds those of `names` that are fit to `found`, and the others to its unfit ones. What makes the
/// whole database unfit is among `findings`. Throws: pg::ClientError.
void add_functions(pg::Client& client, const std::vector<Finding>& findings,
                   const std::vector<std::string>& names, schema::Catalog& catalog,
                   std::vector<Unfit>& unfit);

Result<Introspection> introspect(const pg::Url& url, const schema::Catalog& built_in,
                                 const std::vector<std::string>& functions = {},
                                 std::chrono::milliseconds patience = pg::default_patience);
Result<std::optional<std::vector<Finding>>> check_table(
    const pg::Url& url, const schema::Catalog& built_in, std::string_view name,
    std::chrono::milliseconds patience = pg::default_patience);

}  // namespace tenantry::engine::postgres
