#pragma once

#include "engine/sqlite/upkeep.hpp"
#include "server/config.hpp"

namespace tenantry::cli {

/// Leaves no byte of deleted rows in the database file and its log, and notes that in the audit
/// log. Errors: those of engine::sqlite::scrub.
Result<engine::sqlite::Scrubbed> scrub_database(const server::Configuration& configuration);

}  // namespace tenantry::cli
