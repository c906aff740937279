/// Connections that break, statements that the server has lost, and tenants side by side under
/// load.

#include "fixture.hpp"
#include "requests.hpp"
#include "storm_fixture.hpp"

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <csignal>
#include <thread>

namespace tenantry::engine::postgres {
namespace {

class FaultTest : public ::testing::Test {
protected:
    /// Ends every connection of the engine to the database, and waits until they are gone.
    void cut_connections() {
        testing::PostgresCluster::instance().script(
            "postgres", fmt::format("SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity "
                                    "WHERE datname = '{}'",
                                    database_.name()));
    }

    testing::AnyDatabase database_{testing::EngineKind::postgres};
    TenantScope scope_ = database_.scope("acme");
};

TEST_F(FaultTest, AfterACutRequestsGoOnOnNewConnections) {
    EXPECT_TRUE(database_.run(insert_of("one"), scope_));
    cut_connections();
    EXPECT_EQ(json(database_.run(names(), scope_).value()), R"([{"first_name":"one"}])");
    // A write that was on its way when the wire broke may say so; the next one is done.
    if (!database_.run(insert_of("two"), scope_)) database_.run(insert_of("two"), scope_).value();
    EXPECT_TRUE(testing::wait_for(database_.engine().healthy(testing::no_deadline)));
    EXPECT_EQ(database_.engine().standing(scope_.tenant(), "s").tenant, auth::TenantStatus::active);
}

TEST_F(FaultTest, StatementsThatTheServerHasForgottenArePreparedAgain) {
    EXPECT_TRUE(database_.run(insert_of("one"), scope_));
    EXPECT_EQ(json(database_.run(names(), scope_).value()), R"([{"first_name":"one"}])");
    testing::PostgresCluster::instance().script(
        database_.name(), "ALTER TABLE leads ALTER COLUMN first_name TYPE varchar(255)");
    EXPECT_EQ(json(database_.run(names(), scope_).value()), R"([{"first_name":"one"}])");
    EXPECT_TRUE(database_.run(insert_of("two"), scope_));
}

TEST_F(FaultTest, AStatementIsStoppedAtTheDeadline) {
    auto blocker =
        pg::Client{{.url = testing::PostgresCluster::instance().url(database_.name(), "postgres")}};
    blocker.script("BEGIN; LOCK TABLE leads");
    const auto soon = std::chrono::steady_clock::now() + std::chrono::milliseconds{100};
    for (const auto& request : {query::Request{insert_of("late")}, query::Request{names()}}) {
        EXPECT_EQ(
            testing::wait_for(database_.engine().run(plan_of(request, scope_), soon)).error().code,
            Errc::deadline_exceeded);
    }
    blocker.script("COMMIT");
    EXPECT_EQ(json(database_.run(names(), scope_).value()), "[]");
}

TEST_F(FaultTest, AnUpdateThatMustMatchTakesBackWhatRanBefore) {
    database_.run(insert_of("one"), scope_).value();
    query::Update update{
        .relation = &leads(),
        .assignments = {{&leads().column("city"), schema::Text{"Oslo"}}},
        .filter = query::equals(leads().column("first_name"), schema::Text{"none"}),
        .must_match = true};
    std::vector<query::ScopedPlan> plans{plan_of(insert_of("two"), scope_),
                                         plan_of(update, scope_)};
    EXPECT_EQ(testing::wait_for(database_.engine().run_all(plans, testing::no_deadline)).error(),
              fail(Errc::no_match, "no row is as the request expects it"));
    EXPECT_EQ(json(database_.run(names(), scope_).value()), R"([{"first_name":"one"}])");
    update.filter = query::equals(leads().column("first_name"), schema::Text{"one"});
    update.returning = {&leads().column("city")};
    const auto reply = database_.run(update, scope_).value();
    EXPECT_EQ(reply.affected, 1);
    EXPECT_EQ(json(reply), R"([{"city":"Oslo"}])");
}

TEST_F(FaultTest, JsonComesBackToTheByte) {
    const std::string document =
        R"({"a":1e+22,"b":[-1e-07,2.5,17,1e+300,5e-324],"aa":{"n":null,"t":true},"é":"x: y, z\"\\",)"
        R"("big":18446744073709551615,"one":1.0})";
    const auto& metadata = leads().column("metadata");
    auto insert = insert_of("one");
    insert.columns.push_back(&metadata);
    insert.rows[0].push_back(schema::parse_text(metadata, document).value());
    insert.returning = {&metadata};
    EXPECT_EQ(json(database_.run(insert, scope_).value()), "[{\"metadata\":" + document + "}]");
}

/// The small form of storm_test.cpp, for the sanitizers.
TEST_F(StormTest, TenantsSideBySideUnderFailuresAndCutsGetTheirOwn) {
    expect_to_weather({.requests = 3000, .at_once = 24, .break_every = 60});
}

}  // namespace
}  // namespace tenantry::engine::postgres
