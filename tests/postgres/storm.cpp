#include "storm.hpp"

#include "requests.hpp"

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <random>
#include <semaphore>
#include <thread>

namespace tenantry::engine::postgres {
namespace {

namespace asio = boost::asio;

/// What became of a row that was to be inserted.
enum class Fate { acknowledged, refused, unknown };

/// A row that its tenant has been told is there.
struct Known {
    schema::Value id;
    std::string name;
};

/// The one who breaks things, on a thread of its own.
class Breaker {
public:
    Breaker(testing::FaultyProxy& proxy, pg::Client client)
        : proxy_{proxy}, client_{std::move(client)}, thread_{[this] { work(); }} {}
    ~Breaker() {
        ended_ = true;
        due_.release();
        thread_.join();
    }
    Breaker(const Breaker&) = delete;
    Breaker& operator=(const Breaker&) = delete;

    void break_something() {
        ++breaks_;
        due_.release();
    }
    std::size_t breaks() const noexcept { return breaks_; }

private:
    void work() {
        std::minstd_rand random{7};
        for (std::size_t i = 0;; ++i) {
            due_.acquire();
            if (ended_) return;
            switch (i % 8) {
            case 0:
            case 4: proxy_.cut_after(1 + random() % 3000); break;
            case 7: proxy_.cut_all(); break;
            case 1:
            case 5: on_a_session("pg_cancel_backend"); break;
            default: on_a_session("pg_terminate_backend"); break;
            }
        }
    }
    void on_a_session(std::string_view what) {
        client_.run(
            fmt::format("SELECT {}((SELECT pid FROM pg_stat_activity WHERE usename = "
                        "'tenantry_app' AND datname = current_database() "
                        "ORDER BY random() LIMIT 1))",
                        what));
    }

    testing::FaultyProxy& proxy_;
    pg::Client client_;
    std::counting_semaphore<> due_{0};
    std::atomic<bool> ended_ = false;
    std::size_t breaks_ = 0;
    std::thread thread_;
};

class Storm {
public:
    Storm(PostgresEngine& engine, const std::vector<TenantScope>& scopes, const StormPlan& plan,
          Breaker& breaker)
        : engine_{engine},
          scopes_{scopes},
          plan_{plan},
          breaker_{breaker},
          fates_(scopes.size()),
          known_(scopes.size()) {}

    void run() {
        asio::io_context context;
        for (std::size_t i = 0; i < plan_.at_once; ++i)
            asio::co_spawn(context, work(i), asio::detached);
        context.run();
    }

    /// Compares what was told with what there is; `rows` are tenant, name and how often.
    StormReport judge(const pg::Rows& rows) {
        std::map<std::string, std::size_t> stored;
        for (std::size_t row = 0; row < rows.size(); ++row) {
            const auto name = pg::text_at(rows, row, 1);
            if (!name.starts_with(pg::text_at(rows, row, 0) + ' ')) violation("moved", name);
            stored[name] = static_cast<std::size_t>(pg::integer_at(rows, row, 2));
        }
        for (const auto& [name, times] : stored) {
            if (times > 1) violation("stored twice", name);
        }
        for (const auto& fates : fates_) {
            for (const auto& [name, fate] : fates) {
                const bool there = stored.erase(name) != 0;
                if (fate == Fate::acknowledged && !there) violation("acknowledged, lost", name);
                if (fate == Fate::refused && there) violation("refused, stored", name);
            }
        }
        for (const auto& [name, times] : stored) {
            if (name.find(" taken") == std::string::npos) violation("from nowhere", name);
        }
        return {std::move(violations_), std::move(outcomes_), breaker_.breaks()};
    }

private:
    asio::awaitable<void> work(std::size_t worker) {
        std::minstd_rand random{static_cast<unsigned>(worker) + 1};
        while (begun_ < plan_.requests) {
            const auto serial = begun_++;
            const auto tenant = random() % scopes_.size();
            try {
                switch (serial % 3) {
                case 0: co_await insert(tenant, serial, deadline(random)); break;
                case 1: co_await insert_in_vain(tenant, deadline(random)); break;
                default: co_await read(tenant, random(), deadline(random)); break;
                }
            } catch (const std::exception& fault) {
                violation("fault", fault.what());
            }
            if (++ended_ % plan_.break_every == 0) breaker_.break_something();
        }
    }

    /// One in twenty has hardly any time.
    static Deadline deadline(std::minstd_rand& random) {
        const auto now = std::chrono::steady_clock::now();
        if (random() % 20 != 0) return now + std::chrono::seconds{60};
        return now + std::chrono::microseconds{500 + random() % 8000};
    }

    asio::awaitable<void> insert(std::size_t tenant, std::size_t serial, Deadline deadline) {
        const auto name = fmt::format("{} {}", tenant_name(tenant), serial);
        auto request = insert_of(name);
        request.returning.push_back(&leads().column("id"));
        const auto reply =
            co_await engine_.run(plan_of(std::move(request), scopes_[tenant]), deadline);
        note("insert", reply);
        fates_[tenant].emplace(name, fate_of(reply));
        if (!reply) co_return;
        if (reply->rows.row_count() != 1 || reply->rows.cell(0, 0).text != name)
            violation("another's reply to an insert of", name);
        known_[tenant].push_back({reply->rows.value(0, 1), name});
    }

    asio::awaitable<void> insert_in_vain(std::size_t tenant, Deadline deadline) {
        auto request = insert_of(tenant_name(tenant) + " in vain", "taken@example.com");
        const auto reply =
            co_await engine_.run(plan_of(std::move(request), scopes_[tenant]), deadline);
        note("in vain", reply);
        if (reply) violation("taken twice", tenant_name(tenant));
    }

    asio::awaitable<void> read(std::size_t tenant, std::size_t which, Deadline deadline) {
        if (known_[tenant].empty()) co_return;
        const auto wanted = known_[tenant][which % known_[tenant].size()];
        query::Read request{.relation = &leads(),
                            .projection = {&leads().column("first_name")},
                            .filter = query::equals(leads().column("id"), wanted.id)};
        const auto reply =
            co_await engine_.run(plan_of(std::move(request), scopes_[tenant]), deadline);
        note("read", reply);
        if (!reply) co_return;
        if (reply->rows.row_count() != 1 || reply->rows.cell(0, 0).text != wanted.name)
            violation("another's reply, or none, to a read of", wanted.name);
    }

    static Fate fate_of(const Result<query::Reply>& reply) {
        if (reply) return Fate::acknowledged;
        const bool unknown = reply.error().message.find("may or may not") != std::string::npos;
        return unknown ? Fate::unknown : Fate::refused;
    }

    void note(std::string_view what, const Result<query::Reply>& reply) {
        const auto how = reply ? std::string{"done"}
                         : fate_of(reply) == Fate::unknown
                             ? std::string{"unknown"}
                             : std::string{code_of(reply.error().code)};
        ++outcomes_[fmt::format("{}: {}", what, how)];
    }

    void violation(std::string_view what, std::string_view whose) {
        constexpr std::size_t shown_max = 20;
        if (violations_.size() < shown_max)
            violations_.push_back(fmt::format("{} {}", what, whose));
    }

    std::string tenant_name(std::size_t tenant) const { return scopes_[tenant].tenant().text(); }

    PostgresEngine& engine_;
    const std::vector<TenantScope>& scopes_;
    const StormPlan& plan_;
    Breaker& breaker_;
    std::size_t begun_ = 0;
    std::size_t ended_ = 0;
    std::vector<std::map<std::string, Fate>> fates_;  // by tenant, then name
    std::vector<std::vector<Known>> known_;
    std::vector<std::string> violations_;
    std::map<std::string, std::size_t> outcomes_;
};

}  // namespace

StormReport run_storm(PostgresEngine& engine, testing::FaultyProxy& proxy,
                      const testing::TlsCluster& cluster, const std::string& database,
                      const std::vector<TenantScope>& scopes, const StormPlan& plan) {
    Breaker breaker{proxy, cluster.superuser(database)};
    Storm storm{engine, scopes, plan, breaker};
    storm.run();
    // What is still under way in sessions that were cut off ends before it is looked at.
    auto client = cluster.superuser(database);
    client.run(
        "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE usename = "
        "'tenantry_app' AND datname = current_database()");
    return storm.judge(
        client.run("SELECT tenant_id, first_name, count(*) FROM leads GROUP BY 1, 2").rows);
}

}  // namespace tenantry::engine::postgres
