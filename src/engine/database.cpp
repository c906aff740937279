#include "engine/database.hpp"

#include "engine/introspection.hpp"
#include "engine/postgres/migrate.hpp"
#include "engine/postgres/postgres_engine.hpp"
#include "engine/postgres/snapshot.hpp"
#include "engine/postgres/stores.hpp"
#include "engine/sqlite/snapshot.hpp"
#include "engine/sqlite/sqlite_engine.hpp"
#include "engine/sqlite/stores.hpp"
#include "engine/sqlite/tenant_keys.hpp"
#include "postgres/external.hpp"

#include <fmt/format.h>

namespace tenantry::engine {
namespace {

/// The result of an engine's own function as one of the interface.
template <class Interface, class Own>
Result<std::unique_ptr<Interface>> as(Result<std::unique_ptr<Own>> own) {
    if (!own) return own.error();
    return std::unique_ptr<Interface>{std::move(*own)};
}

const std::filesystem::path* file_of(const Location& location) {
    return std::get_if<std::filesystem::path>(&location);
}

}  // namespace

std::string text_of(const Location& location) {
    if (const auto* file = file_of(location)) return file->string();
    return std::get<pg::Url>(location).shown();
}

Result<std::unique_ptr<Engine>> open_engine(const Location& location,
                                            const schema::Catalog& catalog,
                                            const OpenOptions& options) {
    if (const auto* file = file_of(location)) {
        return as<Engine>(
            sqlite::SqliteEngine::open(catalog, {.path = *file,
                                                 .readers = options.readers,
                                                 .lock_timeout = options.lock_timeout,
                                                 .write_queue_max = options.write_queue_max}));
    }
    return as<Engine>(
        postgres::PostgresEngine::open(catalog, {.url = std::get<pg::Url>(location),
                                                 .direct = options.direct,
                                                 .read_connections = options.readers,
                                                 .scan_connections = options.readers,
                                                 .write_connections = options.writers,
                                                 .threads = options.threads,
                                                 .queue_max = options.write_queue_max}));
}

Result<Introspection> introspect(const Location& location, const schema::Catalog& built_in,
                                 const std::vector<std::string>& functions) {
    if (file_of(location) == nullptr)
        return postgres::introspect(std::get<pg::Url>(location), built_in, functions);
    Introspection out{std::make_shared<const schema::Catalog>(built_in), {}};
    for (const auto& name : functions) {
        out.unfit_functions.push_back(
            {name, {{fmt::format("SQLite has no function {}", name), "-- use PostgreSQL"}}});
    }
    return out;
}

Result<std::optional<std::vector<Finding>>> check_table(const Location& location,
                                                        const schema::Catalog& built_in,
                                                        std::string_view name) {
    if (file_of(location) == nullptr)
        return postgres::check_table(std::get<pg::Url>(location), built_in, name);
    const auto* relation = built_in.find(name);
    if (relation == nullptr || relation->internal()) return std::optional<std::vector<Finding>>{};
    return std::optional{std::vector<Finding>{}};
}

Result<std::unique_ptr<ControlStore>> open_control_store(const Location& location,
                                                         std::string_view actor) {
    if (const auto* file = file_of(location)) return sqlite::open_control_store(*file, actor);
    return postgres::open_control_store(std::get<pg::Url>(location), actor);
}

Result<std::unique_ptr<AccountStore>> open_account_store(const Location& location) {
    if (const auto* file = file_of(location)) return sqlite::open_account_store(*file);
    return postgres::open_account_store(std::get<pg::Url>(location));
}

Result<std::unique_ptr<TenureStore>> open_tenure_store(const Location& location) {
    if (const auto* file = file_of(location)) return sqlite::open_tenure_store(*file);
    return postgres::open_tenure_store(std::get<pg::Url>(location));
}

Result<std::unique_ptr<RecordTransfer>> open_record_transfer(const Location& location) {
    if (const auto* file = file_of(location)) return sqlite::open_record_transfer(*file);
    return postgres::open_record_transfer(std::get<pg::Url>(location));
}

Result<std::unique_ptr<auth::TenantKeys>> open_tenant_keys(const Location& location,
                                                           std::chrono::milliseconds lock_timeout) {
    if (const auto* file = file_of(location)) return sqlite::open_tenant_keys(*file, lock_timeout);
    return postgres::open_tenant_keys(std::get<pg::Url>(location));
}

Result<std::unique_ptr<Executor>> open_snapshot(const Location& location,
                                                const schema::Catalog& catalog) {
    if (const auto* file = file_of(location)) return sqlite::open_snapshot(catalog, *file);
    return postgres::open_snapshot(std::get<pg::Url>(location));
}

Result<SchemaVersion> schema_version(const Location& location) {
    if (const auto* file = file_of(location)) return sqlite::schema_version(*file);
    return postgres::schema_version(std::get<pg::Url>(location));
}

}  // namespace tenantry::engine
