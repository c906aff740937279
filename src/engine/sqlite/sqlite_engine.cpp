#include "engine/sqlite/sqlite_engine.hpp"

#include "connection_pool.hpp"
#include "query/cost.hpp"
#include "resume.hpp"
#include "sqlite/control_connection.hpp"
#include "sqlite/errors.hpp"
#include "sqlite/guarded_connection.hpp"
#include "sqlite/migrate.hpp"
#include "sqlite/scan_pool.hpp"
#include "sqlite/writer.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace tenantry::engine::sqlite {
namespace {

namespace asio = boost::asio;

/// Searches that may wait for a thread, of all tenants.
constexpr std::size_t scan_queue_max = 10'000;

}  // namespace

class SqliteEngine::Impl {
public:
    Impl(const schema::Catalog& catalog, const Options& options)
        : path_{options.path.string()},
          readers_{[&catalog, options, path = path_] {
              return std::make_unique<GuardedConnection>(
                  path, catalog, GuardedConnection::Access::read_only, options.lock_timeout);
          }},
          controls_{[options, path = path_] {
              return std::make_unique<ControlConnection>(path, ControlConnection::Access::read_only,
                                                         options.lock_timeout);
          }},
          scans_{std::max<std::size_t>(1, options.readers), scan_queue_max},
          writer_{std::make_unique<GuardedConnection>(
                      path_, catalog, GuardedConnection::Access::read_write, options.lock_timeout),
                  options.write_queue_max, teller_} {
        readers_.take();
        controls_.take();
    }

    ~Impl() {
        writer_.drain();
        scans_.join();
    }

    Result<query::Reply> read(const query::ScopedPlan& plan, Deadline deadline) {
        try {
            return readers_.take()->read(plan, deadline);
        } catch (const SqliteFailure& failure) {
            return outcome_of(failure);
        }
    }

    Result<Replies> read_all(const std::vector<query::ScopedPlan>& plans, Deadline deadline) {
        try {
            return readers_.take()->read_all(plans, deadline);
        } catch (const SqliteFailure& failure) {
            return outcome_of(failure);
        }
    }

    /// Runs `work` on the pool for reads that may take long, when it is the tenant's turn.
    template <class T, class Work>
    asio::awaitable<Result<T>> scan(TenantId tenant, Work work) {
        return asio::async_initiate<const asio::use_awaitable_t<>,
                                    void(std::exception_ptr, Result<T>)>(
            [this](auto handler, const TenantId& whose, Work scan) {
                auto resume = resume_on_own_executor<T>(std::move(handler));
                // Kept outside of the scan, which is gone when it has been refused.
                auto shared = std::make_shared<decltype(resume)>(std::move(resume));
                const auto accepted =
                    scans_.submit(whose, [scan = std::move(scan), shared]() mutable {
                        std::exception_ptr fault;
                        Result<T> result{T{}};
                        try {
                            result = scan();
                        } catch (const Fault&) {
                            fault = std::current_exception();
                        }
                        (*shared)(fault, std::move(result));
                    });
                if (!accepted) (*shared)(nullptr, accepted.error());
            },
            asio::use_awaitable, std::move(tenant), std::move(work));
    }

    asio::awaitable<Result<Replies>> write(std::vector<query::ScopedPlan> plans,
                                           Deadline deadline) {
        return asio::async_initiate<const asio::use_awaitable_t<>,
                                    void(std::exception_ptr, Result<Replies>)>(
            [this](auto handler, std::vector<query::ScopedPlan> written, Deadline until) {
                writer_.submit(std::move(written), until,
                               resume_on_own_executor<Replies>(std::move(handler)));
            },
            asio::use_awaitable, std::move(plans), deadline);
    }

    auth::Standing standing(const TenantId& tenant, std::string_view subject) {
        try {
            return controls_.take()->standing(tenant, subject);
        } catch (const SqliteFailure& failure) {
            throw Fault{"standing: " + failure.message()};
        }
    }

    void probe() { controls_.take()->probe(); }

    std::optional<auth::KeyStanding> key(std::string_view hash) {
        try {
            return controls_.take()->key(hash);
        } catch (const SqliteFailure& failure) {
            throw Fault{"key: " + failure.message()};
        }
    }

    std::string settings(const TenantId& tenant) {
        try {
            return controls_.take()->settings(tenant);
        } catch (const SqliteFailure& failure) {
            throw Fault{"settings: " + failure.message()};
        }
    }

    Statistics statistics() const {
        const auto scans = scans_.load();
        return {writer_.statistics(), scans.waiting, scans.running};
    }

    Writer& writer() { return writer_; }
    CommitTeller& teller() { return teller_; }

    std::string mark() {
        try {
            return controls_.take()->mark();
        } catch (const SqliteFailure& failure) {
            throw Fault{"mark: " + failure.message()};
        }
    }

private:
    std::string path_;
    ConnectionPool<GuardedConnection> readers_;
    ConnectionPool<ControlConnection> controls_;
    ScanPool scans_;
    CommitTeller teller_;
    Writer writer_;
};

Result<std::unique_ptr<SqliteEngine>> SqliteEngine::open(const schema::Catalog& catalog,
                                                         const Options& options) {
    const auto path = options.path.string();
    if (auto latest = require_latest(path); !latest) return latest.error();
    try {
        return std::unique_ptr<SqliteEngine>{
            new SqliteEngine{std::make_unique<Impl>(catalog, options)}};
    } catch (const SqliteFailure& failure) {
        return opening_error(failure, path);
    }
}

SqliteEngine::SqliteEngine(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
SqliteEngine::~SqliteEngine() = default;

asio::awaitable<Result<query::Reply>> SqliteEngine::run(query::ScopedPlan plan, Deadline deadline) {
    if (std::holds_alternative<query::Read>(plan.request())) {
        // A bounded read is over sooner than a change of threads would be.
        if (query::cost_of(plan) == query::Cost::bounded) co_return impl_->read(plan, deadline);
        auto tenant = plan.tenant();
        // Named, since GCC 12 copies temporaries of an awaited expression byte by byte.
        auto work = [this, plan = std::move(plan), deadline] {
            return impl_->read(plan, deadline);
        };
        co_return co_await impl_->scan<query::Reply>(std::move(tenant), std::move(work));
    }
    std::vector<query::ScopedPlan> plans;
    plans.push_back(std::move(plan));
    auto replies = co_await impl_->write(std::move(plans), deadline);
    if (!replies) co_return replies.error();
    co_return std::move(replies->front());
}

asio::awaitable<Result<std::vector<query::Reply>>> SqliteEngine::read_all(
    std::vector<query::ScopedPlan> plans, Deadline deadline) {
    const bool bounded = std::ranges::all_of(
        plans, [](const auto& plan) { return query::cost_of(plan) == query::Cost::bounded; });
    if (bounded) co_return impl_->read_all(plans, deadline);
    auto tenant = plans.front().tenant();
    auto work = [this, plans = std::move(plans), deadline] {
        return impl_->read_all(plans, deadline);
    };
    co_return co_await impl_->scan<Replies>(std::move(tenant), std::move(work));
}

asio::awaitable<Result<std::vector<query::Reply>>> SqliteEngine::run_all(
    std::vector<query::ScopedPlan> plans, Deadline deadline) {
    co_return co_await impl_->write(std::move(plans), deadline);
}

auth::Standing SqliteEngine::standing(const TenantId& tenant, std::string_view subject) {
    return impl_->standing(tenant, subject);
}

std::optional<auth::KeyStanding> SqliteEngine::key(std::string_view hash) {
    return impl_->key(hash);
}
std::string SqliteEngine::settings(const TenantId& tenant) { return impl_->settings(tenant); }

Statistics SqliteEngine::statistics() const { return impl_->statistics(); }

asio::awaitable<bool> SqliteEngine::healthy(Deadline) {
    try {
        impl_->probe();
    } catch (const SqliteFailure&) {
        co_return false;
    }
    co_return true;
}

void SqliteEngine::set_commit_listener(std::shared_ptr<CommitListener> listener) {
    impl_->teller().set(std::move(listener));
}

// Whatever was committed may have changed somebody's standing.
asio::awaitable<Result<Marks>> SqliteEngine::marks(std::vector<TenantId> tenants, Deadline) {
    auto mark = impl_->mark();
    Marks marks{.standings = std::vector<std::string>(tenants.size(), mark)};
    marks.commits = std::move(mark);
    co_return marks;
}

void SqliteEngine::drain() { impl_->writer().drain(); }

}  // namespace tenantry::engine::sqlite
