#include "engine/postgres/postgres_engine.hpp"

#include "control/stores.hpp"
#include "engine/postgres/audit.hpp"
#include "engine/postgres/migrate.hpp"
#include "pg/decode.hpp"
#include "pg/lanes.hpp"
#include "postgres/client_pool.hpp"
#include "postgres/compile.hpp"
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

namespace tenantry::engine::postgres {
namespace {

namespace asio = boost::asio;
using Replies = std::vector<query::Reply>;

enum class LaneKind { read, scan, write };

/// What is left of `deadline`, for statement_timeout; zero where there is none.
std::chrono::milliseconds timeout_until(Deadline deadline) {
    if (deadline == Deadline::max()) return std::chrono::milliseconds{0};
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    return std::clamp(left, std::chrono::milliseconds{1}, std::chrono::milliseconds{86'400'000});
}

/// What a job that was not done means. Throws: Fault.
Error error_of(const CompiledPlans& plans, const pg::Settled& settled, bool writes) {
    using Kind = pg::Settled::Kind;
    const auto& outcome = settled.outcome;
    switch (settled.kind) {
    case Kind::done: std::abort();
    case Kind::refused: return outcome_of(outcome.failure, plans.relation_at(outcome.failed_call));
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
    case Kind::unfit: throw Fault{"PostgreSQL: " + outcome.failure.message};
    case Kind::closed: return draining();
    }
    std::abort();
}

bool is_read(const query::ScopedPlan& plan) {
    return std::holds_alternative<query::Read>(plan.request());
}

bool is_scan(const query::ScopedPlan& plan) { return query::cost_of(plan) == query::Cost::scan; }

}  // namespace

class PostgresEngine::Impl {
public:
    explicit Impl(const Options& options)
        : work_{context_.get_executor()},
          reads_{context_, lanes(options, LaneKind::read)},
          scans_{context_, lanes(options, LaneKind::scan)},
          writes_{context_, lanes(options, LaneKind::write)},
          controls_{control_startup(options.url)},
          scan_connections_{options.scan_connections},
          thread_{[this] { context_.run(); }} {}

    ~Impl() {
        drain();
        asio::post(context_, [this] {
            reads_.shut_down();
            scans_.shut_down();
            writes_.shut_down();
            work_.reset();
        });
        thread_.join();
    }

    /// Answers are taken apart on the caller's thread: the engine's own has enough to do.
    asio::awaitable<Result<Replies>> run(std::vector<query::ScopedPlan> plans, LaneKind kind,
                                         Deadline deadline) {
        const auto compiled = std::make_shared<const CompiledPlans>(std::move(plans));
        auto settled = co_await settle(compiled, kind, deadline);
        if (!settled) co_return settled.error();
        if (settled->kind == pg::Settled::Kind::done)
            co_return compiled->replies(settled->outcome.answers);
        co_return error_of(*compiled, *settled, kind == LaneKind::write);
    }

    auth::Standing standing(const TenantId& tenant, std::string_view subject);
    std::optional<auth::KeyStanding> key(std::string_view hash);
    std::string settings(const TenantId& tenant);

    Statistics statistics() const {
        const auto scans = scanning_.load();
        const auto running = std::min(scans, scan_connections_);
        return {.writer = {.waiting = writing_.load()},
                .scans_waiting = scans - running,
                .scans_running = running};
    }

    bool healthy() noexcept {
        try {
            return controls_.read(
                [](pg::Client& client) { return client.run("SELECT 1").rows.size() == 1; });
        } catch (const std::exception&) {
            return false;
        }
    }

    void drain() {
        std::unique_lock lock{mutex_};
        draining_ = true;
        all_written_.wait(lock, [this] { return writing_ == 0; });
    }

private:
    static pg::LaneOptions lanes(const Options& options, LaneKind kind) {
        pg::LaneOptions out{.startup = kind == LaneKind::write ? write_startup(options.url)
                                                               : read_startup(options.url),
                            .greeting = role_greeting(),
                            .objection = greeting_objection};
        out.limits.waiting_max = options.queue_max;
        out.limits.patience = options.patience;
        switch (kind) {
        case LaneKind::read:
            out.limits.connections = options.read_connections;
            out.limits.depth = options.read_depth;
            break;
        case LaneKind::scan:
            out.limits.connections = options.scan_connections;
            out.limits.depth = 1;
            break;
        case LaneKind::write:
            out.limits.connections = options.write_connections;
            out.limits.depth = options.write_depth;
            break;
        }
        return out;
    }

    pg::Lanes& of(LaneKind kind) {
        switch (kind) {
        case LaneKind::read: return reads_;
        case LaneKind::scan: return scans_;
        case LaneKind::write: return writes_;
        }
        std::abort();
    }

    asio::awaitable<Result<pg::Settled>> settle(std::shared_ptr<const CompiledPlans> plans,
                                                LaneKind kind, Deadline deadline) {
        return asio::async_initiate<const asio::use_awaitable_t<>,
                                    void(std::exception_ptr, Result<pg::Settled>)>(
            [this, kind](auto handler, std::shared_ptr<const CompiledPlans> own, Deadline until) {
                submit(std::move(own), kind, until,
                       resume_on_own_executor<pg::Settled>(std::move(handler)));
            },
            asio::use_awaitable, std::move(plans), deadline);
    }

    template <class Resume>
    void submit(std::shared_ptr<const CompiledPlans> plans, LaneKind kind, Deadline deadline,
                Resume resume) {
        if (std::chrono::steady_clock::now() >= deadline) return resume(nullptr, too_late());
        const bool writes = kind == LaneKind::write;
        const bool scans = kind == LaneKind::scan;
        if (writes && !begin_write()) return resume(nullptr, draining());
        if (scans) ++scanning_;
        pg::Job job{.tenant = plans->tenant().text(),
                    .segment = plans->segment(timeout_until(deadline)),
                    .deadline = deadline,
                    .repeatable = !writes};
        job.trusted = [plans](const pg::Outcome& outcome) {
            return plans->are_own(outcome.answers);
        };
        job.handler = [this, writes, scans,
                       resume = std::move(resume)](pg::Settled settled) mutable {
            if (writes) end_write();
            if (scans) --scanning_;
            resume(nullptr, std::move(settled));
        };
        asio::post(context_, [this, kind, job = std::move(job)]() mutable {
            of(kind).submit(std::move(job));
        });
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

    asio::io_context context_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    pg::Lanes reads_;
    pg::Lanes scans_;
    pg::Lanes writes_;
    ClientPool controls_;
    std::mutex mutex_;
    std::condition_variable all_written_;
    std::atomic<std::size_t> writing_ = 0;  // changed under the mutex
    std::atomic<std::size_t> scanning_ = 0;
    std::size_t scan_connections_;
    bool draining_ = false;
    std::thread thread_;
};

namespace {

[[noreturn]] void throw_fault(std::string_view what, const pg::ClientError& error) {
    throw Fault{fmt::format("{}: PostgreSQL {}: {}", what, error.failure().sqlstate, error.what())};
}

}  // namespace

auth::Standing PostgresEngine::Impl::standing(const TenantId& tenant, std::string_view subject) {
    pg::Arguments arguments;
    arguments.add_text(tenant.text());
    // A subject that is no uuid is no user's.
    if (const auto id = parse_uuid(subject)) {
        arguments.add_uuid(*id);
    } else {
        arguments.add_null();
    }
    try {
        return controls_.read([&](pg::Client& client) {
            const auto found = client.run(
                "SELECT (SELECT status FROM tenantry.tenants WHERE id = $1),"
                " EXISTS (SELECT FROM tenantry.users WHERE id = $2),"
                " (SELECT role FROM tenantry.memberships WHERE tenant_id = $1 AND user_id = $2)",
                arguments);
            auth::Standing standing;
            if (const auto status = pg::text_at(found.rows, 0, 0); !status.empty())
                standing.tenant = control::tenant_status_of(status);
            standing.is_user = pg::boolean_at(found.rows, 0, 1);
            if (const auto role = pg::text_at(found.rows, 0, 2); !role.empty())
                standing.membership = parse_role(role).value();
            return standing;
        });
    } catch (const pg::ClientError& error) {
        throw_fault("standing", error);
    }
}

std::optional<auth::KeyStanding> PostgresEngine::Impl::key(std::string_view hash) {
    pg::Arguments arguments;
    arguments.add_text(hash);
    try {
        return controls_.read([&](pg::Client& client) -> std::optional<auth::KeyStanding> {
            const auto found = client.run(
                "SELECT k.id::text, k.tenant_id, t.status, k.role, k.expires_at,"
                " k.revoked_at IS NOT NULL FROM tenantry.api_keys k"
                " LEFT JOIN tenantry.tenants t ON t.id = k.tenant_id WHERE k.hash = $1",
                arguments);
            const auto& rows = found.rows;
            if (rows.size() == 0) return std::nullopt;
            auth::KeyStanding key{.id = auth::ApiKeyId::parse(pg::text_at(rows, 0, 0)).value()};
            if (const auto tenant = pg::text_at(rows, 0, 1); !tenant.empty()) {
                key.tenant = TenantId::parse(tenant).value();
                key.status = control::tenant_status_of(pg::text_at(rows, 0, 2));
                key.role = parse_role(pg::text_at(rows, 0, 3)).value();
            }
            if (const auto expiry = rows.cell(0, 4)) key.expires_at = pg::decode_timestamp(*expiry);
            key.revoked = pg::boolean_at(rows, 0, 5);
            return key;
        });
    } catch (const pg::ClientError& error) {
        throw_fault("key", error);
    }
}

std::string PostgresEngine::Impl::settings(const TenantId& tenant) {
    pg::Arguments arguments;
    arguments.add_text(tenant.text());
    try {
        return controls_.read([&](pg::Client& client) -> std::string {
            const auto found =
                client.run("SELECT settings::text FROM tenantry.tenants WHERE id = $1", arguments);
            if (found.rows.size() == 0) return "{}";
            return std::string{pg::text_at(found.rows, 0, 0)};
        });
    } catch (const pg::ClientError& error) {
        throw_fault("settings", error);
    }
}

PostgresEngine::PostgresEngine(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
PostgresEngine::~PostgresEngine() = default;

Result<std::unique_ptr<PostgresEngine>> PostgresEngine::open(const schema::Catalog&,
                                                             const Options& options) {
    TENANTRY_TRY_VOID(require_latest(options.url));
    TENANTRY_TRY_VOID(require_isolation(options.url));
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
    return impl_->standing(tenant, subject);
}
std::optional<auth::KeyStanding> PostgresEngine::key(std::string_view hash) {
    return impl_->key(hash);
}
std::string PostgresEngine::settings(const TenantId& tenant) { return impl_->settings(tenant); }
Statistics PostgresEngine::statistics() const { return impl_->statistics(); }
bool PostgresEngine::healthy() noexcept { return impl_->healthy(); }
void PostgresEngine::drain() { impl_->drain(); }

}  // namespace tenantry::engine::postgres
