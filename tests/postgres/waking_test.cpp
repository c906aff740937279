/// A database that sleeps: it is waited for, when a server starts and later.

#include "tls_fixture.hpp"

#include "engine/postgres/migrate.hpp"

#include <thread>

namespace tenantry::engine::postgres {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class WakingDatabase : public TlsTest {};

TEST_F(WakingDatabase, IsWaitedForAtTheStart) {
    proxy().refuse_for(3s);
    auto engine = open(proxied());
    EXPECT_TRUE(run(*engine, insert_of("Ada"), scope(*engine)));
    engine.reset();
    proxy().hang_up_for(1s);
    open(proxied());
    EXPECT_EQ(stored(), "Ada");
}

TEST_F(WakingDatabase, IsWaitedForByMigrations) {
    proxy().refuse_for(1s);
    EXPECT_TRUE(migrate(proxied(testing::TlsCluster::owner)));
}

TEST_F(WakingDatabase, IsWaitedForByRequests) {
    const auto engine = open(proxied());
    const auto acme = scope(*engine);
    EXPECT_TRUE(run(*engine, insert_of("Ada"), acme));
    proxy().refuse_for(3s);
    EXPECT_EQ(json(run(*engine, names(), acme).value()), R"([{"first_name":"Ada"}])");
    proxy().hang_up_for(1s);
    EXPECT_TRUE(run(*engine, insert_of("Bob"), acme));
    EXPECT_EQ(stored(), "Ada Bob");
}

TEST_F(WakingDatabase, IsWaitedForByWhatBlocks) {
    const auto engine = open(proxied());
    const auto acme = scope(*engine);
    proxy().refuse_for(1s);
    EXPECT_EQ(engine->standing(acme.tenant(), "s").tenant, auth::TenantStatus::active);
    const auto control = open_control_store(proxied()).value();
    EXPECT_TRUE(control->tenant(acme.tenant()));
    proxy().hang_up_for(1s);
    EXPECT_TRUE(control->rename_tenant(acme.tenant(), "Acme Realty"));
    end_sessions();
    EXPECT_EQ(control->tenant(acme.tenant())->name, "Acme Realty");
}

TEST_F(WakingDatabase, IsGivenUpInTheEnd) {
    const auto closed = url({.port = 1, .options = "sslmode=disable"});
    const auto opened =
        PostgresEngine::open(schema::lead_catalog(), {.url = closed, .patience = 200ms});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Errc::storage_unusable);
    EXPECT_THAT(opened.error().message, AllOf(HasSubstr("ep-quiet-sea.neon.test"),
                                              HasSubstr("refused"), Not(HasSubstr("hunter2"))));
    const auto engine = open(proxied(), 200ms);
    const auto acme = scope(*engine);
    proxy().refuse_for(ceiling);
    for (const auto& request : {query::Request{names()}, query::Request{insert_of("Ada")}}) {
        const auto answer = run(*engine, request, acme);
        EXPECT_EQ(answer.error(),
                  fail(Errc::storage_unusable, "the database can't be reached; try again shortly"));
    }
    EXPECT_FALSE(testing::wait_for(engine->healthy(no_deadline)));
    proxy().refuse_for(0s);
    while (!run(*engine, names(), acme)) std::this_thread::yield();
    EXPECT_EQ(stored(), "");
}

TEST_F(WakingDatabase, APasswordThatWasChangedIsSaidAtOnce) {
    const auto engine = open(url(), 1h);
    const auto acme = scope(*engine);
    script("ALTER ROLE tenantry_app PASSWORD 'another'");
    end_sessions();
    EXPECT_THROW(
        {
            try {
                // What was on its way when the sessions ended is repeated first.
                run(*engine, names(), acme).value();
            } catch (const Fault& fault) {
                EXPECT_THAT(fault.what(), HasSubstr("password authentication failed"));
                throw;
            }
        },
        Fault);
    script("ALTER ROLE tenantry_app PASSWORD '" + testing::password_of(testing::TlsCluster::app) +
           "'");
    const auto recovered = [&] {
        try {
            return run(*engine, names(), acme).has_value();
        } catch (const Fault&) {
            return false;
        }
    };
    while (!recovered()) std::this_thread::yield();
}

TEST_F(WakingDatabase, ARestartIsWaitedFor) {
    const auto engine = open(proxied());
    const auto acme = scope(*engine);
    EXPECT_TRUE(run(*engine, insert_of("Ada"), acme));
    cluster_.stop();
    std::string seen;
    Result<query::Reply> written = fail(Errc::bad_value, "not run");
    {
        const std::jthread reader{[&] { seen = json(run(*engine, names(), acme).value()); }};
        const std::jthread writer{[&] { written = run(*engine, insert_of("Bob"), acme); }};
        cluster_.start();
    }
    EXPECT_EQ(seen.substr(0, 21), R"([{"first_name":"Ada"})");
    EXPECT_TRUE(written);
    EXPECT_EQ(stored(), "Ada Bob");
}

}  // namespace
}  // namespace tenantry::engine::postgres
