#pragma once
/// Making a PostgreSQL database ours, and bringing it to this program's version.

#include "engine/schema_version.hpp"
#include "pg/client.hpp"
#include "pg/link.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace tenantry::engine::postgres {

/// The role that the server connects as: it owns nothing and is held to row-level security.
inline constexpr std::string_view application_role = "tenantry_app";

struct MigrateOptions {
    std::string role{application_role};
    /// For a role that is made; made up if there is none.
    std::optional<std::string> password{};
    std::chrono::milliseconds patience = pg::default_patience;
};

struct Migrated {
    SchemaVersion before;
    bool role_made = false;
    /// Whether it is a Supabase project, whose own Data API is held to tenants then.
    bool data_api = false;
    /// How the server connects; with the password if the role was made, which is said this once.
    pg::Url application;
};

/// Connects as the owner-to-be and does all of it in one transaction, under a lock that every
/// migration takes. Does nothing but look where the version is this program's already. Errors:
/// storage_unusable (can't be reached, too old a server, rights that are missing, somebody
///         else's tables, a newer schema, a role that would bypass row-level security), in words
///         for operators; a pooler at the other end, which lends a session of whatever settings.
///         Nothing is changed on an error.
Result<Migrated> migrate(const pg::Url& owner, const MigrateOptions& options = {});

/// The SQL that `migrate` would run, with a place in it for the password; empty if nothing is to be
/// done. Errors: as migrate.
Result<std::string> plan_migration(const pg::Url& owner, const MigrateOptions& options = {});

/// Looks without changing anything, as whoever the URL says. A database without our schema has
/// version 0. Errors: storage_unusable.
Result<SchemaVersion> schema_version(const pg::Url& url,
                                     std::chrono::milliseconds patience = pg::default_patience);

/// As schema_version for whoever has a client of `url` already, and refuses another version than
/// this program's with the command to run. Throws: pg::ClientError.
Result<void> require_latest(pg::Client& client, const pg::Url& url);

}  // namespace tenantry::engine::postgres
