#pragma once
/// Whether a PostgreSQL database keeps tenants apart by itself: what a server asks before it
/// serves.

#include "base/error.hpp"
#include "engine/finding.hpp"
#include "pg/client.hpp"
#include "pg/link.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace tenantry::engine::postgres {

/// Looks at the database as the role in `url`, which is the one that serves. No finding: it is fit.
/// Errors: storage_unusable.
Result<std::vector<Finding>> audit(const pg::Url& url,
                                   std::chrono::milliseconds patience = pg::default_patience);

/// The same for whoever has a client already, whose search_path is pg_catalog alone: tables are
/// told by the schemas in their names. Throws: pg::ClientError.
std::vector<Finding> audit(pg::Client& client);

/// Whether it concerns a table of others alone: such a table isn't served, and the rest is.
bool is_about_others(const Finding& finding);

/// Refuses a database of another version (migrate.hpp), and one with findings, in one text that
/// names each and how to mend it. Those about tables of others are not among them: such a table
/// isn't served (engine/introspection.hpp). Errors: storage_unusable.
Result<void> require_fit(const pg::Url& url,
                         std::chrono::milliseconds patience = pg::default_patience);

}  // namespace tenantry::engine::postgres
