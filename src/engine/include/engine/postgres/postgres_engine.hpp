#pragma once
/// PostgreSQL: one pipelined round trip a request, under row-level security.

#include "base/limits.hpp"
#include "engine/engine.hpp"
#include "pg/url.hpp"
#include "schema/catalog.hpp"

#include <cstddef>
#include <memory>
#include <optional>

namespace tenantry::engine::postgres {

struct Options {
    pg::Url url;
    /// Past a pooler, through which servers can't hear of each other's commits.
    std::optional<pg::Url> direct{};
    // Connections, and segments under way on each: reads that an index leads to share theirs;
    // reports have theirs to themselves, lest they hold others up; a commit's fsync holds its
    // connection, so writes want several, but each is a process that competes for the processors.
    std::size_t read_connections = limits::readers;
    std::size_t read_depth = 8;
    std::size_t scan_connections = limits::readers;
    std::size_t write_connections = limits::writers;
    std::size_t write_depth = 2;
    /// That have connections of their own (Engine::connect_thread), each its part of those above
    /// and one at least. As many as above are for all other threads.
    std::size_t threads = 1;
    /// Jobs waiting, of each kind, before `overloaded`.
    std::size_t queue_max = limits::write_queue_max;
    /// How long opening and requests wait for a database that can't be reached, which may be waking
    /// up.
    std::chrono::milliseconds patience{10'000};
};

/// Threads: any. Connections are served by a thread of its own.
class PostgresEngine final : public Engine {
public:
    /// Checks the version and that the database is fit (audit.hpp).
    /// Errors: storage_unusable, in words for operators.
    static Result<std::unique_ptr<PostgresEngine>> open(const schema::Catalog& catalog,
                                                        const Options& options);
    ~PostgresEngine() override;

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
    auth::Recalled<auth::Standing> recall(const TenantId& tenant,
                                          std::string_view subject) override;
    auth::Recalled<MaybeKey> recall_key(std::string_view hash) override;
    boost::asio::awaitable<Result<auth::Standing>> learn(TenantId tenant, std::string subject,
                                                         Deadline deadline) override;
    boost::asio::awaitable<Result<MaybeKey>> learn_key(std::string hash,
                                                       Deadline deadline) override;
    boost::asio::awaitable<bool> healthy(Deadline deadline) override;
    void set_commit_listener(std::shared_ptr<CommitListener> listener) override;
    boost::asio::awaitable<Result<Marks>> marks(std::vector<TenantId> tenants,
                                                Deadline deadline) override;
    std::unique_ptr<ThreadConnections> connect_thread(boost::asio::io_context& context) override;
    void drain() override;

private:
    class Impl;
    explicit PostgresEngine(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace tenantry::engine::postgres
