/// Threads that have connections of their own, as those of the server do.

#include "tls_fixture.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>

#include <future>
#include <thread>

namespace tenantry::engine::postgres {
namespace {

namespace asio = boost::asio;
using Replied = std::future<Result<query::Reply>>;

class OwnThread {
public:
    explicit OwnThread(Engine& engine)
        : engine_{engine}, work_{context_.get_executor()}, thread_{[this] {
              connections_ = engine_.connect_thread(context_);
              context_.run();
          }} {}
    ~OwnThread() {
        disconnect();
        work_.reset();
        thread_.join();
    }

    Replied start(query::Request request, const TenantScope& scope) {
        return asio::co_spawn(context_, run(plan_of(std::move(request), scope)), asio::use_future);
    }
    Result<query::Reply> ask(query::Request request, const TenantScope& scope) {
        return start(std::move(request), scope).get();
    }
    void disconnect() {
        asio::post(context_, asio::use_future([this] { connections_.reset(); })).get();
    }

private:
    asio::awaitable<Result<query::Reply>> run(query::ScopedPlan plan) {
        co_return co_await engine_.run(std::move(plan), testing::no_deadline);
    }

    Engine& engine_;
    asio::io_context context_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::unique_ptr<ThreadConnections> connections_;
    std::thread thread_;
};

class OwnConnections : public TlsTest {
protected:
    std::string read_sessions() const {
        return ask(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'tenantry_app' AND "
            "datname = current_database() AND query LIKE 'SELECT%leads%'");
    }

    std::unique_ptr<PostgresEngine> engine_ = open(url());
    TenantScope acme_ = scope(*engine_);
    TenantScope globex_ = scope(*engine_, "globex");
};

TEST_F(OwnConnections, ReadsGoOverThoseOfTheirThreadAndFindWhatOthersHaveWritten) {
    OwnThread first{*engine_};
    OwnThread second{*engine_};
    EXPECT_TRUE(first.ask(insert_of("Ada"), acme_));
    EXPECT_TRUE(second.ask(insert_of("Gil"), globex_));
    for (int i = 0; i < 20; ++i) {
        for (auto* thread : {&first, &second}) {
            EXPECT_EQ(json(thread->ask(names(), acme_).value()), R"([{"first_name":"Ada"}])");
            EXPECT_EQ(json(thread->ask(names(), globex_).value()), R"([{"first_name":"Gil"}])");
        }
    }
    EXPECT_EQ(read_sessions(), "2") << "one for each thread";
}

TEST_F(OwnConnections, AreThereBeforeTheFirstRequest) {
    const OwnThread first{*engine_};
    const OwnThread second{*engine_};
    // What each new connection is asked.
    while (ask("SELECT count(*) FROM pg_stat_activity WHERE usename = 'tenantry_app' AND "
               "datname = current_database() AND query LIKE '%rolbypassrls%'") != "3") {
    }
}

TEST_F(OwnConnections, OneThreadGoneTheOthersGoOn) {
    OwnThread first{*engine_};
    OwnThread second{*engine_};
    EXPECT_TRUE(first.ask(insert_of("Ada"), acme_));
    EXPECT_TRUE(first.ask(names(), acme_));
    {
        pg::Client owner{{.url = url({.role = testing::TlsCluster::owner})}};
        owner.script("BEGIN; LOCK TABLE leads");
        auto waits = first.start(names(), acme_);
        waiting_session();
        first.disconnect();
        const auto lost = waits.get();
        ASSERT_FALSE(lost);
        EXPECT_EQ(lost.error().code, Errc::storage_unusable);
        owner.script("ROLLBACK");
    }
    EXPECT_TRUE(second.ask(names(), acme_));
    EXPECT_EQ(json(first.ask(names(), acme_).value()), R"([{"first_name":"Ada"}])")
        << "over those of no thread";
    EXPECT_EQ(stored(), "Ada");
}

}  // namespace
}  // namespace tenantry::engine::postgres
