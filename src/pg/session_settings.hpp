#pragma once
/// How a connection finds out whose its session is, and what it makes of one of its own.

#include "pg/link.hpp"
#include "pg/pipeline.hpp"

namespace tenantry::pg {

/// A pooler tells its clients a process id of its own invention.
inline const std::string backend_pid_sql = "SELECT pg_catalog.pg_backend_pid()";

/// Makes `startup.settings`, of which there is at least one, for the session.
Call settings_call(const Startup& startup);

}  // namespace tenantry::pg
