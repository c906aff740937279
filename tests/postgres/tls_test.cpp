/// TLS to the database: whom it trusts, what it refuses, and what it says then.

#include "tls_fixture.hpp"

#include "engine/postgres/audit.hpp"
#include "engine/postgres/migrate.hpp"

#include <algorithm>

namespace tenantry::engine::postgres {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::TlsCluster;

class TlsConnection : public TlsTest {
protected:
    std::string verified() const { return cluster_.verified_by(cluster_.authority()); }
    Way pooled(std::string options = {}) const {
        return {.host = TlsCluster::pooled_host,
                .port = cluster_.pooler_port(),
                .options = std::move(options)};
    }
    /// That requests are served over it, from a tenant's own rows.
    void expect_service(const pg::Url& url) {
        const auto engine = open(url);
        const auto acme = scope(*engine, "acme");
        const auto birch = scope(*engine, "birch");
        EXPECT_TRUE(run(*engine, insert_of("Ada"), acme));
        EXPECT_TRUE(run(*engine, insert_of("Bob"), birch));
        EXPECT_EQ(json(run(*engine, names(), acme).value()), R"([{"first_name":"Ada"}])");
        EXPECT_EQ(json(run(*engine, names(), birch).value()), R"([{"first_name":"Bob"}])");
        script("DELETE FROM leads");
    }
};

TEST_F(TlsConnection, VerifiesFullyAndServes) {
    expect_service(url());
    pg::Client client{{.url = url()}};
    const auto tls =
        client.run("SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
    EXPECT_TRUE(pg::boolean_at(tls.rows, 0, 0));
}

TEST_F(TlsConnection, AnotherAuthoritysCertificateIsRefused) {
    EXPECT_THAT(refusal(url({.options = cluster_.verified_by(cluster_.other_authority())})),
                AllOf(HasSubstr("ep-quiet-sea.neon.test"), HasSubstr("certificate verify failed"),
                      HasSubstr("was not made by an authority in sslrootcert")));
    // Whom the machine trusts, whichever libpq; these tests' authority is unknown to it.
    EXPECT_THAT(refusal(url({.options = "sslrootcert=system"})),
                HasSubstr("certificate verify failed"));
    EXPECT_THAT(refusal(url({.options = "sslmode=verify-full&sslrootcert=/nowhere.crt"})),
                AllOf(HasSubstr("/nowhere.crt"), HasSubstr("use sslrootcert=system")));
}

TEST_F(TlsConnection, ACertificateOfAnotherNameIsRefused) {
    EXPECT_THAT(refusal(url({.host = "db.elsewhere.test"})),
                AllOf(HasSubstr("does not match host name \"db.elsewhere.test\""),
                      HasSubstr("write the host in the URL as its certificate has it")));
}

TEST_F(TlsConnection, ChannelsAreBoundWhereTheOtherEndCan) {
    const auto bound = verified() + "&channel_binding=require";
    expect_service(url({.options = bound}));
    EXPECT_THAT(
        refusal(url(pooled(bound))),
        AllOf(HasSubstr("channel binding"), HasSubstr("leave it out and use sslmode=verify-full")));
    EXPECT_THAT(refusal(url({.options = "sslmode=disable&channel_binding=require"})),
                HasSubstr("channel_binding=require needs sslmode=require or more"));
}

TEST_F(TlsConnection, TheHostsNameIsSent) {
    open(proxied());
    const auto engine =
        open(url({.host = "elsewhere.test", .port = proxy().port(), .options = "sslmode=require"}));
    pg::Client silent{
        {.url = url({.port = proxy().port(), .options = "sslmode=require&sslsni=0"})}};
    auto seen = proxy().server_names();
    EXPECT_THAT(seen, Contains("elsewhere.test"));
    std::erase(seen, "elsewhere.test");
    EXPECT_THAT(seen, AllOf(Not(::testing::IsEmpty()), Each(TlsCluster::direct_host)));
}

TEST_F(TlsConnection, DirectHostAndPoolerBothServe) {
    testing::FaultyProxy before_pooler{cluster_.pooler_port()};
    auto way = pooled();
    way.port = before_pooler.port();
    expect_service(url(way));
    EXPECT_THAT(before_pooler.server_names(), Each(TlsCluster::pooled_host));
    EXPECT_GT(before_pooler.server_names().size(), 2U);
    expect_service(url());
    pg::Client client{{.url = url(way)}};
    EXPECT_TRUE(client.pooled());
    EXPECT_TRUE(audit(url(way))->empty());
}

TEST_F(TlsConnection, WhatIsWrongIsNotTriedAgain) {
    EXPECT_THAT(refusal(url().with_login(TlsCluster::app, "not-hunter2")),
                HasSubstr("password authentication failed for user \"tenantry_app\""));
    EXPECT_THAT(refusal(cluster_.url("no_such_database", {})),
                HasSubstr("database \"no_such_database\" does not exist"));
    EXPECT_THAT(refusal(url(pooled()).with_login(TlsCluster::app, "not-hunter2")),
                HasSubstr("look at the user and the password"));
    EXPECT_THAT(refusal(url({.options = "sslmode=full"})),
                HasSubstr("invalid sslmode value: \"full\""));
    EXPECT_THAT(refusal(url().with_login("no_such_role", "hunter2")),
                HasSubstr("password authentication failed"));
}

class TlsMigration : public TlsTest {
protected:
    TlsMigration() : TlsTest{false} {}
};

TEST_F(TlsMigration, ThroughAPoolerIsRefusedWithTheOptionsName) {
    const auto pooled = url({.role = TlsCluster::owner,
                             .host = TlsCluster::pooled_host,
                             .port = cluster_.pooler_port()});
    for (const auto& message :
         {migrate(pooled).error().message, plan_migration(pooled).error().message}) {
        EXPECT_THAT(message, AllOf(HasSubstr("pooler"), HasSubstr("--database-direct"),
                                   Not(HasSubstr("hunter2"))));
    }
    EXPECT_EQ(ask("SELECT to_regnamespace('tenantry') IS NULL"), "true");
    EXPECT_TRUE(migrate(url({.role = TlsCluster::owner})));
}

}  // namespace
}  // namespace tenantry::engine::postgres
