#pragma once
/// Databases by where they are, whichever engine that means.

#include "auth/tenant_keys.hpp"
#include "base/limits.hpp"
#include "engine/account_store.hpp"
#include "engine/control_store.hpp"
#include "engine/engine.hpp"
#include "engine/record_transfer.hpp"
#include "engine/schema_version.hpp"
#include "engine/tenure_store.hpp"
#include "pg/url.hpp"
#include "schema/catalog.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace tenantry::engine {

/// An SQLite file, or a PostgreSQL database with the application role's login.
using Location = std::variant<std::filesystem::path, pg::Url>;

/// For people: never with a password.
std::string text_of(const Location& location);

struct OpenOptions {
    std::size_t readers = limits::readers;         // connections for reads
    std::size_t writers = limits::writers;         // connections for writes; a file has one
    std::size_t threads = 1;                       // that will call Engine::connect_thread
    std::chrono::milliseconds lock_timeout{5000};  // of a file: another process's lock
    std::size_t write_queue_max = limits::write_queue_max;  // writes waiting before `overloaded`
    std::optional<pg::Url> direct{};                        // to PostgreSQL past a pooler
};

/// The database must be of this program's version. Errors of all: those of the engine's own
/// functions, sqlite/sqlite_engine.hpp and postgres/postgres_engine.hpp.
Result<std::unique_ptr<Engine>> open_engine(const Location& location,
                                            const schema::Catalog& catalog,
                                            const OpenOptions& options);
Result<std::unique_ptr<ControlStore>> open_control_store(const Location& location,
                                                         std::string_view actor = "program");
Result<std::unique_ptr<AccountStore>> open_account_store(const Location& location);
Result<std::unique_ptr<TenureStore>> open_tenure_store(const Location& location);
Result<std::unique_ptr<RecordTransfer>> open_record_transfer(const Location& location);
Result<std::unique_ptr<auth::TenantKeys>> open_tenant_keys(
    const Location& location, std::chrono::milliseconds lock_timeout = std::chrono::seconds{5});
/// An executor whose reads all see the database as it was when this was opened; writes are refused.
/// Blocking; one thread at a time.
Result<std::unique_ptr<Executor>> open_snapshot(const Location& location,
                                                const schema::Catalog& catalog);
Result<SchemaVersion> schema_version(const Location& location);

}  // namespace tenantry::engine
