#pragma once
/// The embedded engine: one SQLite file, a writer with group commit, readers beside it.

#include "auth/directory.hpp"
#include "engine/control_store.hpp"
#include "engine/executor.hpp"
#include "engine/statistics.hpp"
#include "schema/catalog.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>

namespace tenantry::engine::sqlite {

struct Options {
    std::filesystem::path path;
    std::size_t readers = 4;                       // connections for reads
    std::chrono::milliseconds lock_timeout{5000};  // how long to wait for another process's lock
    std::size_t write_queue_max = 10'000;          // writes waiting before `overloaded`
};

/// The version of the schema in the file, and the newest this program knows.
struct SchemaVersion {
    int current = 0;
    int latest = 0;
};

/// Brings the file to the newest version, making it if there is none; each migration is one
/// transaction. Returns the version found before.
/// Errors: storage_unusable (no SQLite file, another program's, newer than this program, damaged,
///         unreadable), storage_full, storage_busy. Nothing is changed on an error.
Result<SchemaVersion> migrate(const std::filesystem::path& path);
/// Reads the version without changing anything. Errors: as migrate; not_found if there is no file.
Result<SchemaVersion> schema_version(const std::filesystem::path& path);

/// Threads: any. Destroying it finishes the writes that were accepted; nobody may be waiting in a
/// call.
class SqliteEngine final : public Executor, public auth::Directory {
public:
    /// Opens a file of the newest version. Errors: as migrate.
    static Result<std::unique_ptr<SqliteEngine>> open(const schema::Catalog& catalog,
                                                      const Options& options);
    ~SqliteEngine() override;

    boost::asio::awaitable<Result<query::Reply>> run(query::ScopedPlan plan,
                                                     Deadline deadline) override;
    boost::asio::awaitable<Result<std::vector<query::Reply>>> read_all(
        std::vector<query::ScopedPlan> plans, Deadline deadline) override;
    boost::asio::awaitable<Result<std::vector<query::Reply>>> run_all(
        std::vector<query::ScopedPlan> plans, Deadline deadline) override;
    auth::Standing standing(const TenantId& tenant, std::string_view subject) override;
    std::optional<auth::KeyStanding> key(std::string_view hash) override;
    /// What operators have set for the tenant: a JSON object; "{}" also if there is no such tenant.
    /// Throws: Fault.
    std::string settings(const TenantId& tenant);
    Statistics statistics() const;

    /// Whether the file can be read now; for readiness probes.
    bool healthy() noexcept;

    /// Accepts no more writes and waits until those accepted are durable.
    void drain();

private:
    class Impl;
    explicit SqliteEngine(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// `actor` is who acts until `ControlStore::act_as` says otherwise. Errors: as migrate.
Result<std::unique_ptr<ControlStore>> open_control_store(const std::filesystem::path& path,
                                                         std::string_view actor = "program");

}  // namespace tenantry::engine::sqlite
