/// Connections that break while something is under way, and a database that refuses: what is told,
/// what is repeated, and that nothing is done twice.

#include "tls_fixture.hpp"

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <csignal>
#include <thread>

namespace tenantry::engine::postgres {
namespace {

using namespace std::chrono_literals;
using ::testing::AnyOf;
using ::testing::HasSubstr;

Deadline now() { return std::chrono::steady_clock::now(); }

class BreakingDatabase : public TlsTest {
protected:
    BreakingDatabase() { EXPECT_TRUE(run(*engine_, insert_of("Ada"), acme_)); }

    Result<query::Reply> write(std::string name, Deadline deadline = no_deadline) {
        return run(*engine_, insert_of(std::move(name)), acme_, deadline);
    }
    std::string read() { return json(run(*engine_, names(), acme_).value()); }
    static void expect_unknown(const Result<query::Reply>& written) {
        ASSERT_FALSE(written);
        EXPECT_EQ(written.error().code, Errc::storage_unusable);
        EXPECT_THAT(written.error().message, HasSubstr("may or may not have been made"));
    }

    std::unique_ptr<PostgresEngine> engine_ = open(proxied());
    TenantScope acme_ = scope(*engine_);
};

TEST_F(BreakingDatabase, AReadThatIsCutInTheMiddleOfItsAnswerIsRepeated) {
    const auto whole = read();
    for (const std::size_t bytes : {1U, 5U, 40U, 100U, 200U}) {
        proxy().cut_after(bytes);
        EXPECT_EQ(read(), whole);
    }
}

TEST_F(BreakingDatabase, AWriteThatIsCutInTheMiddleOfItsAnswerSaysSoAndIsDoneOnceAtMost) {
    for (const std::size_t bytes : {1U, 40U, 100U}) {
        proxy().cut_after(bytes);
        expect_unknown(write(fmt::format("Bob{}", bytes)));
        EXPECT_TRUE(write(fmt::format("Cleo{}", bytes)));
    }
    EXPECT_EQ(stored(), "Ada Bob1 Bob100 Bob40 Cleo1 Cleo100 Cleo40")
        << "the server had answered, and so committed";
}

TEST_F(BreakingDatabase, WhatTheServerHadNotBegunWithIsRepeatedEvenIfItWrites) {
    for (int i = 0; i < 20; ++i) {
        end_sessions();
        EXPECT_TRUE(write("Bob"));
    }
    EXPECT_EQ(ask("SELECT count(*) FROM leads WHERE first_name = 'Bob'"), "20");
}

TEST_F(BreakingDatabase, SlowNetworksAreOnlySlow) {
    proxy().delay(20ms);
    EXPECT_TRUE(write("Bob"));
    EXPECT_EQ(read(), R"([{"first_name":"Ada"},{"first_name":"Bob"}])");
}

TEST_F(BreakingDatabase, InABlackHoleRequestsEndAtTheirDeadline) {
    read();
    const auto begun = now();
    const auto made = [&] { return proxy().server_names().size(); };
    const auto connections = proxy().connections();
    const auto made_before = made();
    proxy().stall(true);
    EXPECT_EQ(run(*engine_, names(), acme_, now() + 300ms).error().code, Errc::deadline_exceeded);
    expect_unknown(write("Bob", now() + 300ms));
    EXPECT_LT(now() - begun, ceiling);
    proxy().stall(false);
    // On other connections: what the silent two would say next belongs to nobody.
    EXPECT_THAT(read(), HasSubstr("Ada"));
    EXPECT_TRUE(write("Cleo"));
    while (proxy().connections() - (made() - made_before) > connections - 2)
        std::this_thread::yield();
    EXPECT_THAT(stored(), AnyOf("Ada Cleo", "Ada Bob Cleo"));
}

TEST_F(BreakingDatabase, ABackendThatIsKilledTakesItsWriteWithItAndReadsGoOn) {
    auto blocker = cluster_.superuser(name_);
    blocker.script("BEGIN; LOCK TABLE leads");
    Result<query::Reply> written = fail(Errc::bad_value, "not run");
    std::string seen;
    {
        const std::jthread writer{[&] { written = write("Bob"); }};
        const int session = waiting_session();
        const std::jthread reader{[&] { seen = read(); }};
        ASSERT_EQ(::kill(session, SIGKILL), 0);
    }
    expect_unknown(written);
    EXPECT_EQ(seen, R"([{"first_name":"Ada"}])");
    EXPECT_TRUE(write("Cleo"));
    EXPECT_EQ(stored(), "Ada Cleo");
}

TEST_F(BreakingDatabase, ADeadlockIsResolvedByRepeating) {
    EXPECT_TRUE(write("Bob"));
    auto other = cluster_.superuser(name_);
    // So that the server ends the engine's transaction, not this one.
    other.script(
        "SET deadlock_timeout = '60s'; BEGIN;"
        "UPDATE leads SET city = 'Rome' WHERE first_name = 'Bob'");
    Errc outcome = Errc::bad_value;
    {
        const std::jthread writer{[&] {
            std::vector<query::ScopedPlan> plans{plan_of(set_city("Ada", "Oslo"), acme_),
                                                 plan_of(set_city("Bob", "Oslo"), acme_)};
            const auto done = testing::wait_for(engine_->run_all(std::move(plans), no_deadline));
            outcome = done ? Errc{} : done.error().code;
        }};
        waiting_session();
        other.script("UPDATE leads SET city = 'Rome' WHERE first_name = 'Ada'; COMMIT");
    }
    EXPECT_EQ(outcome, Errc{});
    EXPECT_EQ(ask("SELECT string_agg(city, ' ') FROM leads"), "Oslo Oslo");
}

TEST_F(BreakingDatabase, ASerializationFailureIsRepeatedAndInTheEndSaid) {
    script(
        "CREATE SEQUENCE public.stumbles; GRANT USAGE ON SEQUENCE public.stumbles TO tenantry_app;"
        "CREATE FUNCTION public.stumble() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF nextval('public.stumbles') % 4 <> 0 OR NEW.first_name = 'never' THEN"
        "  RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END IF; RETURN NEW; END $$;"
        "CREATE TRIGGER stumble BEFORE INSERT ON leads FOR EACH ROW EXECUTE FUNCTION "
        "public.stumble()");
    EXPECT_TRUE(write("Bob"));
    EXPECT_EQ(write("never").error().code, Errc::storage_busy);
    EXPECT_EQ(stored(), "Ada Bob");
}

TEST_F(BreakingDatabase, AReadOnlyDatabaseSaysSoAndIsRead) {
    script(fmt::format("ALTER DATABASE {} SET default_transaction_read_only = on", name_));
    end_sessions();
    const auto written = write("Bob");
    EXPECT_EQ(written.error().code, Errc::storage_unusable);
    EXPECT_THAT(written.error().message, HasSubstr("takes no writes now"));
    EXPECT_EQ(read(), R"([{"first_name":"Ada"}])");
}

/// How many connections the role may have, as long as this stands.
class ConnectionLimit {
public:
    explicit ConnectionLimit(const testing::TlsCluster& cluster, int limit) : cluster_{cluster} {
        set(limit);
    }
    ~ConnectionLimit() { set(-1); }
    ConnectionLimit(const ConnectionLimit&) = delete;
    ConnectionLimit& operator=(const ConnectionLimit&) = delete;

private:
    void set(int limit) const {
        cluster_.script("postgres",
                        fmt::format("ALTER ROLE tenantry_app CONNECTION LIMIT {}", limit));
    }
    const testing::TlsCluster& cluster_;
};

TEST_F(BreakingDatabase, WhereConnectionsRunOutRequestsWaitOrAreToldToComeAgain) {
    engine_ = open(proxied(), 3s);
    const auto birch = scope(*engine_, "birch");
    EXPECT_TRUE(run(*engine_, insert_of("Birk"), birch));
    end_sessions();
    std::map<Errc, int> outcomes;
    {
        const ConnectionLimit limit{cluster_, 3};
        boost::asio::io_context context;
        for (int i = 0; i < 60; ++i) {
            const auto& tenant = i % 2 == 0 ? acme_ : birch;
            auto plan = i % 3 == 0 ? plan_of(insert_of(i % 2 == 0 ? "Ada" : "Birk"), tenant)
                                   : plan_of(names(), tenant);
            boost::asio::co_spawn(
                context, engine_->run(std::move(plan), no_deadline),
                [&, i](const std::exception_ptr& fault, auto reply) {
                    EXPECT_FALSE(fault);
                    ++outcomes[reply ? Errc{} : reply.error().code];
                    if (!reply) return;
                    EXPECT_THAT(json(*reply), HasSubstr(i % 2 == 0 ? "Ada" : "Birk"));
                    EXPECT_THAT(json(*reply),
                                ::testing::Not(HasSubstr(i % 2 == 0 ? "Birk" : "Ada")));
                });
        }
        context.run();
    }
    EXPECT_GT(outcomes[Errc{}], 0);
    EXPECT_EQ(outcomes[Errc{}] + outcomes[Errc::storage_unusable], 60);
    while (!run(*engine_, insert_of("Ada"), acme_)) std::this_thread::yield();
    while (!run(*engine_, names(), birch)) std::this_thread::yield();
}

}  // namespace
}  // namespace tenantry::engine::postgres
