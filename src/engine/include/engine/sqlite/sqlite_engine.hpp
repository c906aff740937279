#pragma once
/// The embedded engine: one SQLite file, a writer with group commit, readers beside it.

#include "base/limits.hpp"
#include "engine/control_store.hpp"
#include "engine/engine.hpp"
#include "engine/schema_version.hpp"
#include "schema/catalog.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>

namespace tenantry::engine::sqlite {

struct Options {
    std::filesystem::path path;
    std::size_t readers = limits::readers;         // connections for reads
    std::chrono::milliseconds lock_timeout{5000};  // how long to wait for another process's lock
    std::size_t write_queue_max = limits::write_queue_max;  // writes waiting before `overloaded`
};

/// Brings the file to the newest version, making it if there is none; each migration is one
/// transaction. Returns the version found before.
/// Errors: storage_unusable (no SQLite file, another program's, newer than this program, damaged,
///         unreadable), storage_full, storage_busy. Nothing is changed on an error.
Result<SchemaVersion> migrate(const std::filesystem::path& path);
/// Reads the version without changing anything. Errors: as migrate; not_found if there is no file.
Result<SchemaVersion> schema_version(const std::filesystem::path& path);

class SqliteEngine final : public Engine {
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
    std::string settings(const TenantId& tenant) override;
    Statistics statistics() const override;
    boost::asio::awaitable<bool> healthy(Deadline deadline) override;
    void set_commit_listener(std::shared_ptr<CommitListener> listener) override;
    boost::asio::awaitable<Result<Marks>> marks(std::vector<TenantId> tenants,
                                                Deadline deadline) override;
    void drain() override;

private:
    class Impl;
    explicit SqliteEngine(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// `actor` is who acts until `ControlStore::act_as` says otherwise. Errors: as migrate.
Result<std::unique_ptr<ControlStore>> open_control_store(const std::filesystem::path& path,
                                                         std::string_view actor = "program");

}  // namespace tenantry::engine::sqlite
