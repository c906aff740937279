#include "engine/postgres/postgres_engine.hpp"

#include "engine/postgres/audit.hpp"
#include "postgres/bulletin.hpp"
#include "postgres/client_pool.hpp"
#include "postgres/compile.hpp"
#include "postgres/directory.hpp"
#include "postgres/lane_kinds.hpp"
#include "postgres/session.hpp"
#include "query/cost.hpp"
#include "resume.hpp"
#include "violations.hpp"

#include <fmt/format.h>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace tenantry::engine::postgres {
namespace {

namespace asio = boost::asio;
using Replies = std::vector<query::Reply>;

/// What is left of `deadline`, for statement_timeout; zero where there is none.
std::chrono::milliseconds timeout_until(Deadline deadline) {
    if (deadline == Deadline::max()) return std::chrono::milliseconds{0};
    const auto now = std::chrono::steady_clock::now();
    // One that was over from the start may lie too far back for a difference.
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(std::max(deadline, now) - now);
    return std::clamp(left, std::chrono::milliseconds{1}, std::chrono::milliseconds{86'400'000});
}

/// What a job means that was neither done nor refused. Throws: Fault.
Error error_of(const pg::Settled& settled, bool writes) {
    using Kind = pg::Settled::Kind;
    switch (settled.kind) {
    case Kind::done:
    case Kind::refused: std::abort();
    case Kind::lost:
        return fail(Errc::storage_unusable,
                    writes ? "the connection to the database broke before it had answered: the "
                             "change may or may not have been made"
                           : "the connection to the database broke; try again");
    case Kind::expired: return too_late();
    case Kind::overloaded:
        return fail(Errc::overloaded, "too many requests are waiting for the database; try again");
    case Kind::unreachable:
        return fail(Errc::storage_unusable, "the database can't be reached; try again shortly");
    case Kind::unfit: throw Fault{"PostgreSQL: " + settled.outcome.failure.message};
    case Kind::closed: return draining();
    }
    std::abort();
}

/// As the one above, of plans.
Error error_of(const CompiledPlans& plans, const pg::Settled& settled, bool writes) {
    if (settled.kind != pg::Settled::Kind::refused) return error_of(settled, writes);
    const auto& outcome = settled.outcome;
    return plans.error_of(outcome.failure, outcome.failed_call);
}

/// The lanes that the calling thread has for itself, and for whose engine. One of several engines,
/// the last to have come.
struct OwnLanes {
    const void* engine = nullptr;
    ReadLanes* lanes = nullptr;
};
thread_local OwnLanes own_lanes;

class OwnLanesHolder final : public ThreadConnections {
public:
    OwnLanesHolder(asio::io_context& context, const Options& options, const void* engine,
                   std::atomic<std::size_t>& scans_waiting)
        : lanes_{context, options, scans_waiting, options.threads},
          before_{std::exchange(own_lanes, OwnLanes{engine, &lanes_})} {
        lanes_.of(LaneKind::read).warm_up();
    }
    ~OwnLanesHolder() override {
        own_lanes = before_;
        lanes_.shut_down();
    }

private:
    ReadLanes lanes_;
    OwnLanes before_;
};

bool is_read(const query::ScopedPlan& plan) { return !query::is_write(plan.request()); }

bool is_scan(const query::ScopedPlan& plan) { return query::cost_of(plan) == query::Cost::scan; }

}  // namespace

class PostgresEngine::Impl {
public:
    explicit Impl(const Options& options)
        : options_{options},
          work_{context_.get_executor()},
          reads_{context_, options, scans_waiting_},
          writes_{context_, lane_options(options, LaneKind::write)},
          controls_{control_startup(options.url, options.patience)},
          bulletin_{options.direct.value_or(options.url), teller_},
          thread_{[this] { context_.run(); }} {}

    ~Impl() {
        drain();
        asio::post(context_, [this] {
            reads_.shut_down();
            writes_.shut_down();
            work_.reset();
        });
        thread_.join();
    }

    std::unique_ptr<ThreadConnections> connect_thread(asio::io_context& context) {
        asio::post(context_, [this] { writes_.warm_up(); });
        return std::make_unique<OwnLanesHolder>(context, options_, this, scans_waiting_);
    }

    /// Answers are taken apart on the caller's thread: the engine's own has enough to do.
    asio::awaitable<Result<Replies>> run(std::vector<query::ScopedPlan> plans, LaneKind kind,
                                         Deadline deadline) {
        const auto compiled = std::make_shared<const CompiledPlans>(std::move(plans));
        auto settled = co_await settle(job_of(compiled, kind, deadline), kind);
        if (!settled) co_return settled.error();
        if (settled->kind == pg::Settled::Kind::done) {
            if (auto* premise = compiled->premise()) premise->confirmed = true;
            if (kind == LaneKind::write) tell_commit(compiled->tenant());
            co_return compiled->replies(settled->outcome.answers);
        }
        auto error = error_of(*compiled, *settled, kind == LaneKind::write);
        if (error.code == Errc::standing_changed) memory_.forget(compiled->tenant());
        co_return error;
    }

    /// One statement about the platform's records, which repeats `asked` in its answer.
    asio::awaitable<Result<pg::Rows>> ask(std::string asked, pg::Call call, Deadline deadline) {
        pg::Job job{.tenant = asked, .segment = {}, .deadline = deadline, .repeatable = true};
        job.segment.calls.push_back(std::move(call));
        job.trusted = [asked = std::move(asked)](const pg::Outcome& outcome) {
            return is_echoed(asked, outcome.answers.front().rows);
        };
        auto settled = co_await settle(std::move(job), LaneKind::read);
        if (!settled) co_return settled.error();
        if (settled->kind == pg::Settled::Kind::done)
            co_return std::move(settled->outcome.answers.front().rows);
        if (settled->kind == pg::Settled::Kind::refused)
            throw Fault{"PostgreSQL: " + settled->outcome.failure.message};
        co_return error_of(*settled, false);
    }

    /// The same, holding up the thread.
    pg::Rows ask_now(const pg::Call& call) {
        try {
            return controls_.read([&](pg::Client& client) {
                return std::move(client.run(call.text, call.arguments).rows);
            });
        } catch (const pg::ClientError& error) {
            throw Fault{fmt::format("PostgreSQL {}: {}", error.failure().sqlstate, error.what())};
        }
    }

    Memory& memory() noexcept { return memory_; }
    void listen(std::shared_ptr<CommitListener> listener) {
        bulletin_.listen(listener != nullptr);
        teller_.set(std::move(listener));
    }

    Statistics statistics() const {
        const auto scans = scanning_.load();
        const auto waiting = std::min(scans, scans_waiting_.load());
        return {.writer = {.waiting = writing_.load()},
                .scans_waiting = waiting,
                .scans_running = scans - waiting};
    }

    void drain() {
        std::unique_lock lock{mutex_};
        draining_ = true;
        all_written_.wait(lock, [this] { return writing_ == 0; });
    }

private:
    pg::Job job_of(const std::shared_ptr<const CompiledPlans>& plans, LaneKind kind,
                   Deadline deadline) {
        pg::Job job{.tenant = plans->tenant().text(),
                    .segment = plans->segment(timeout_until(deadline)),
                    .deadline = deadline,
                    .repeatable = kind != LaneKind::write,
                    .serial = kind == LaneKind::write && plans->are_recorded()};
        job.trusted = [plans](const pg::Outcome& outcome) {
            return plans->are_own(outcome.answers);
        };
        return job;
    }

    asio::awaitable<Result<pg::Settled>> settle(pg::Job job, LaneKind kind) {
        return asio::async_initiate<const asio::use_awaitable_t<>,
                                    void(std::exception_ptr, Result<pg::Settled>)>(
            [this, kind](auto handler, pg::Job own) {
                submit(std::move(own), kind,
                       resume_on_own_executor<pg::Settled>(std::move(handler)));
            },
            asio::use_awaitable, std::move(job));
    }

    template <class Resume>
    void submit(pg::Job job, LaneKind kind, Resume resume) {
        if (std::chrono::steady_clock::now() >= job.deadline) return resume(nullptr, too_late());
        const bool writes = kind == LaneKind::write;
        const bool scans = kind == LaneKind::scan;
        if (writes && !begin_write()) return resume(nullptr, draining());
        if (scans) ++scanning_;
        job.handler = [this, writes, scans,
                       resume = std::move(resume)](pg::Settled settled) mutable {
            if (writes) end_write();
            if (scans) --scanning_;
            resume(nullptr, std::move(settled));
        };
        // The writes of all threads go one way: those of one tenant, one behind the other.
        if (!writes && own_lanes.engine == this)
            return own_lanes.lanes->of(kind).submit(std::move(job));
        asio::post(context_, [lanes = writes ? &writes_ : &reads_.of(kind),
                              job = std::move(job)]() mutable { lanes->submit(std::move(job)); });
    }

    void tell_commit(const TenantId& tenant) {
        teller_.tell(tenant);
        bulletin_.announce(tenant);
    }

    bool begin_write() {
        const std::lock_guard lock{mutex_};
        if (draining_) return false;
        ++writing_;
        return true;
    }

    void end_write() {
        const std::lock_guard lock{mutex_};
        if (--writing_ == 0) all_written_.notify_all();
    }

    const Options options_;
    asio::io_context context_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::atomic<std::size_t> scans_waiting_ = 0;  // of all threads' lanes
    ReadLanes reads_;
    pg::Lanes writes_;
    ClientPool controls_;
    Memory memory_;
    CommitTeller teller_;
    Bulletin bulletin_;
    std::mutex mutex_;
    std::condition_variable all_written_;
    std::atomic<std::size_t> writing_ = 0;  // changed under the mutex
    std::atomic<std::size_t> scanning_ = 0;
    bool draining_ = false;
    std::thread thread_;
};

PostgresEngine::PostgresEngine(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
PostgresEngine::~PostgresEngine() = default;

Result<std::unique_ptr<PostgresEngine>> PostgresEngine::open(const schema::Catalog&,
                                                             const Options& options) {
    TENANTRY_TRY_VOID(require_fit(options.url, options.patience));
    return std::unique_ptr<PostgresEngine>{new PostgresEngine{std::make_unique<Impl>(options)}};
}

asio::awaitable<Result<query::Reply>> PostgresEngine::run(query::ScopedPlan plan,
                                                          Deadline deadline) {
    const auto kind = !is_read(plan)  ? LaneKind::write
                      : is_scan(plan) ? LaneKind::scan
                                      : LaneKind::read;
    std::vector<query::ScopedPlan> plans;
    plans.push_back(std::move(plan));
    auto replies = co_await impl_->run(std::move(plans), kind, deadline);
    if (!replies) co_return replies.error();
    co_return std::move(replies->front());
}

asio::awaitable<Result<Replies>> PostgresEngine::read_all(std::vector<query::ScopedPlan> plans,
                                                          Deadline deadline) {
    const auto kind = std::ranges::any_of(plans, is_scan) ? LaneKind::scan : LaneKind::read;
    co_return co_await impl_->run(std::move(plans), kind, deadline);
}

asio::awaitable<Result<Replies>> PostgresEngine::run_all(std::vector<query::ScopedPlan> plans,
                                                         Deadline deadline) {
    co_return co_await impl_->run(std::move(plans), LaneKind::write, deadline);
}

auth::Standing PostgresEngine::standing(const TenantId& tenant, std::string_view subject) {
    return standing_in(impl_->ask_now(standing_call(tenant, subject))).standing;
}

auth::Recalled<auth::Standing> PostgresEngine::recall(const TenantId& tenant,
                                                      std::string_view subject) {
    return impl_->memory().standing(tenant, subject);
}

asio::awaitable<Result<auth::Standing>> PostgresEngine::learn(TenantId tenant, std::string subject,
                                                              Deadline deadline) {
    const auto rows = co_await impl_->ask(tenant.text(), standing_call(tenant, subject), deadline);
    if (!rows) co_return rows.error();
    auto answer = standing_in(*rows);
    if (answer.facts)
        impl_->memory().keep(tenant, subject, answer.standing, std::move(*answer.facts));
    co_return answer.standing;
}

std::optional<auth::KeyStanding> PostgresEngine::key(std::string_view hash) {
    return key_in(impl_->ask_now(key_call(hash))).key;
}

// An operator's key has no version, so it is not remembered.
auth::Recalled<auth::Directory::MaybeKey> PostgresEngine::recall_key(std::string_view hash) {
    auto known = impl_->memory().key(hash);
    if (!known) return std::nullopt;
    return auth::Recalled<MaybeKey>{std::move(known)};
}

asio::awaitable<Result<auth::Directory::MaybeKey>> PostgresEngine::learn_key(std::string hash,
                                                                             Deadline deadline) {
    const auto rows = co_await impl_->ask(hash, key_call(hash), deadline);
    if (!rows) co_return rows.error();
    auto answer = key_in(*rows);
    if (answer.facts) impl_->memory().keep_key(hash, *answer.key, std::move(*answer.facts));
    co_return std::move(answer.key);
}

std::string PostgresEngine::settings(const TenantId& tenant) {
    if (auto known = impl_->memory().settings(tenant)) return std::move(*known);
    const auto rows = impl_->ask_now(settings_call(tenant));
    return rows.size() == 0 ? "{}" : pg::text_at(rows, 0, 1);
}

Statistics PostgresEngine::statistics() const { return impl_->statistics(); }

asio::awaitable<bool> PostgresEngine::healthy(Deadline deadline) {
    try {
        const pg::Call call{.text = "SELECT 'alive'::text"};
        const auto rows = co_await impl_->ask("alive", call, deadline);
        co_return rows.has_value();
    } catch (const Fault&) {
        co_return false;
    }
}

void PostgresEngine::set_commit_listener(std::shared_ptr<CommitListener> listener) {
    impl_->listen(std::move(listener));
}

asio::awaitable<Result<Marks>> PostgresEngine::marks(std::vector<TenantId> tenants,
                                                     Deadline deadline) {
    const auto rows = co_await impl_->ask("marks", marks_call("marks", tenants), deadline);
    if (!rows) co_return rows.error();
    co_return marks_in(*rows);
}

std::unique_ptr<ThreadConnections> PostgresEngine::connect_thread(asio::io_context& context) {
    return impl_->connect_thread(context);
}

void PostgresEngine::drain() { impl_->drain(); }

}  // namespace tenantry::engine::postgres
