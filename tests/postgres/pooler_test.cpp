/// Behind a pooler in transaction mode: a session is lent for one transaction, is whatever others
/// have made of it, and is given back as it was.

#include "fixture.hpp"
#include "requests.hpp"

#include "query/render.hpp"

#include <fmt/format.h>

namespace tenantry::engine::postgres {
namespace {

class PoolerTest : public ::testing::Test {
protected:
    pg::Client connect(bool pooled = true) const {
        const auto& cluster = testing::PostgresCluster::instance();
        return pg::Client{{.url = pooled ? cluster.pooled_url(database_.name(), "tenantry_app")
                                         : cluster.url(database_.name(), "tenantry_app")}};
    }
    Result<query::Reply> write(const TenantScope& scope, std::string name) {
        return database_.run(query::Insert{.relation = &leads(),
                                           .columns = {&leads().column("first_name")},
                                           .rows = {{schema::Text{std::move(name)}}}},
                             scope);
    }
    std::string names(const TenantScope& scope) {
        const auto reply = database_
                               .run(query::Read{.relation = &leads(),
                                                .projection = {&leads().column("first_name")},
                                                .order = {{&leads().column("first_name")}}},
                                    scope)
                               .value();
        std::string out;
        query::append_json_rows(out, reply.rows);
        return out;
    }
    /// What a session that anybody is lent looks like.
    static std::string state(pg::Client& client) {
        const auto found = client.run(
            "SELECT concat_ws(' ', coalesce(current_setting('app.tenant_id', true), ''),"
            " current_setting('statement_timeout'), current_setting('search_path'),"
            " current_setting('TimeZone'), current_setting('jit'),"
            " current_setting('default_transaction_read_only'),"
            " current_setting('default_transaction_isolation'),"
            " (SELECT count(*) FROM pg_prepared_statements),"
            " (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'))");
        return pg::text_at(found.rows, 0, 0);
    }

    testing::AnyDatabase database_{testing::EngineKind::pooled};
    TenantScope acme_ = database_.scope("acme");
    TenantScope birch_ = database_.scope("birch");
};

TEST_F(PoolerTest, IsFoundOut) {
    EXPECT_TRUE(connect().pooled());
    EXPECT_FALSE(connect(false).pooled());
}

TEST_F(PoolerTest, TenantsShareSessionsAndNothingElse) {
    for (int i = 0; i < 50; ++i) {
        write(acme_, fmt::format("a{:02}", i)).value();
        write(birch_, fmt::format("b{:02}", i)).value();
        EXPECT_EQ(names(acme_).find('b'), std::string::npos);
    }
    EXPECT_NE(names(birch_).find("b49"), std::string::npos);
}

TEST_F(PoolerTest, NothingOfOursReachesWhoeverComesNext) {
    auto stranger = connect();
    const auto before = state(stranger);
    for (int i = 0; i < 20; ++i) {
        write(acme_, fmt::format("{}", i)).value();
        names(acme_);
        query::Update in_vain{
            .relation = &leads(),
            .assignments = {{&leads().column("city"), schema::Text{"Oslo"}}},
            .filter = query::equals(leads().column("first_name"), schema::Text{"none"}),
            .must_match = true};
        EXPECT_EQ(database_.run(std::move(in_vain), acme_).error().code, Errc::no_match);
        database_.control().tenant(acme_.tenant()).value();
        EXPECT_EQ(state(stranger), before);
    }
}

TEST_F(PoolerTest, WhatOthersLeaveBehindDoesNotMatter) {
    write(acme_, "Ada").value();
    write(birch_, "Bob").value();
    {
        // One after the other gets both sessions; a transaction that is open holds one.
        auto first = connect();
        auto second = connect();
        for (auto* client : {&first, &second}) {
            client->script(
                "BEGIN; SELECT set_config('app.tenant_id', 'birch', false),"
                " set_config('search_path', 'pg_temp, public', false),"
                " set_config('default_transaction_read_only', 'on', false),"
                " set_config('statement_timeout', '1h', false),"
                " set_config('TimeZone', 'Asia/Tokyo', false)");
        }
        for (auto* client : {&first, &second}) client->script("COMMIT");
    }
    EXPECT_EQ(names(acme_), R"([{"first_name":"Ada"}])");
    write(acme_, "Cleo").value();
    EXPECT_EQ(names(acme_), R"([{"first_name":"Ada"},{"first_name":"Cleo"}])");
    EXPECT_EQ(names(birch_), R"([{"first_name":"Bob"}])");
}

}  // namespace
}  // namespace tenantry::engine::postgres
