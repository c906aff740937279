#pragma once
/// Deletions of tenants while the server runs.

#include "auth/operator_scope.hpp"
#include "services/tenant_removal.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace tenantry::services {

/// How far a deletion has come.
struct RemovalProgress {
    std::string number;                       // of the receipt
    std::optional<RemovalReceipt> receipt{};  // nullopt: it goes on
};

/// Runs `remove_tenant` on a thread of its own. A deletion may take longer than a request: who
/// asked for it waits until the request's deadline, and it goes on without. It ends early only with
/// the server; asked for again, or taken up by the next one, it goes on where it was.
///
/// Threads: any; a call resumes on the caller's executor, which runs on one thread or is a strand.
class Removals {
public:
    using Open = std::function<Result<std::unique_ptr<engine::TenureStore>>()>;
    /// Told why a deletion failed that nobody waited for any more. Called on the own thread.
    using Failed = std::function<void(const TenantId& tenant, std::string_view why)>;
    /// Deletions at a time, before `overloaded`.
    static constexpr std::size_t under_way_max = 16;

    /// The relations whose rows a deletion takes, as they are when it begins.
    using Catalog = std::function<std::shared_ptr<const schema::Catalog>()>;

    /// `executor` and `issuer` must outlive it.
    Removals(engine::Executor& executor, const auth::ScopeIssuer& issuer, Open open,
             Catalog catalog, Failed failed);
    /// Stops; nobody may be waiting in a call.
    ~Removals();
    Removals(const Removals&) = delete;
    Removals& operator=(const Removals&) = delete;

    /// Begins the deletion, or joins the one under way. From then on the tenant is refused.
    /// Errors: not_found, overloaded, shutting_down, those of opening the store and of
    ///         remove_tenant; deadline_exceeded if it has not even begun until then.
    /// Throws: as remove_tenant.
    boost::asio::awaitable<Result<RemovalProgress>> remove(auth::OperatorScope scope,
                                                           TenantId tenant,
                                                           engine::Deadline deadline);

    /// Goes on with what API keys have asked for and no server has brought to its end; returns of
    /// how many tenants. Removals that people have begun by hand are theirs. Blocking. Errors:
    /// those of opening the store.
    Result<std::size_t> resume();

    /// From now on those under way end after their current step, as `shutting_down`.
    void stop() noexcept { stopping_ = true; }

private:
    using Timer = std::shared_ptr<boost::asio::steady_timer>;
    struct Job {
        std::string number{};
        std::optional<Result<RemovalReceipt>> outcome{};
        std::exception_ptr fault{};
        std::vector<Timer> waiting{};
    };

    Result<std::shared_ptr<Job>> join(const TenantId& tenant, const std::string& actor,
                                      const Timer& timer);
    std::shared_ptr<Job> start(const TenantId& tenant, const std::string& actor);
    boost::asio::awaitable<void> run(std::shared_ptr<Job> job, TenantId tenant, std::string actor);
    boost::asio::awaitable<Result<RemovalReceipt>> perform(Job& job, TenantId tenant,
                                                           std::string actor);
    void finish(const TenantId& tenant, Job& job, std::exception_ptr fault);
    Result<RemovalProgress> leave(Job& job, const Timer& timer);

    engine::Executor& executor_;
    const auth::ScopeIssuer& issuer_;
    Open open_;
    Catalog catalog_;
    Failed failed_;
    std::atomic<bool> stopping_ = false;
    std::mutex mutex_;  // of the jobs
    std::unordered_map<std::string, std::shared_ptr<Job>> under_way_;
    boost::asio::thread_pool pool_{1};  // last: its thread uses the others
};

}  // namespace tenantry::services
