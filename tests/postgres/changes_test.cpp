/// What is recorded of other clients of the database, and how servers hear of each other's commits.

#include "feed/feed.hpp"
#include "fixture.hpp"
#include "support/job_scopes.hpp"
#include "tls_fixture.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace tenantry::engine::postgres {
namespace {

using namespace std::chrono_literals;

class RecordTest : public PostgresTest {
protected:
    RecordTest() {
        script(
            "INSERT INTO tenantry.tenants (id, name, created_at, updated_at) VALUES ('acme', 'A', "
            "now(), now()), ('birch', 'B', now(), now())");
    }
    /// "acme 1 insert leads; …", in the order of tenants and numbers.
    std::string recorded() {
        return ask(
            "SELECT string_agg(format('%s %s %s %s', tenant_id, seq, op, relation), '; ' ORDER BY "
            "tenant_id, seq) FROM tenantry.changes");
    }
};

TEST_F(RecordTest, AStatementAboutSeveralTenantsIsRecordedInEach) {
    script(
        "INSERT INTO leads (tenant_id, first_name) VALUES ('birch', 'B1'), ('acme', 'A1'), "
        "('birch', 'B2'); UPDATE leads SET city = 'Oslo' WHERE first_name <> 'B2'; DELETE FROM "
        "leads");
    EXPECT_EQ(recorded(),
              "acme 1 insert leads; acme 2 update leads; acme 3 delete leads; birch 1 insert "
              "leads; birch 2 insert leads; birch 3 update leads; birch 4 delete leads; birch 5 "
              "delete leads");
    EXPECT_EQ(ask("SELECT string_agg(\"row\" ->> 'first_name', ' ' ORDER BY seq) FROM "
                  "tenantry.changes WHERE tenant_id = 'birch' AND op = 'insert'"),
              "B1 B2");
    EXPECT_EQ(ask("SELECT count(DISTINCT epoch) FROM tenantry.tenant_heads"), "2");
}

TEST_F(RecordTest, WhatChangesNothingOrIsTakenBackIsNoChange) {
    auto client = connect("postgres");
    client.script("INSERT INTO leads (tenant_id, first_name) VALUES ('acme', 'A1')");
    client.script("BEGIN; UPDATE leads SET city = 'Oslo'; ROLLBACK");
    client.script("UPDATE agents SET active_leads = 0");
    client.script("INSERT INTO leads (tenant_id, first_name) SELECT 'acme', 'x' WHERE false");
    client.script("INSERT INTO leads (tenant_id, first_name) VALUES ('acme', 'A2')");
    EXPECT_EQ(recorded(), "acme 1 insert leads; acme 2 insert leads");
}

TEST_F(RecordTest, NoRowGoesUnrecorded) {
    auto client = connect("postgres");
    client.script("INSERT INTO leads (tenant_id, first_name) VALUES ('acme', 'A1')");
    EXPECT_EQ(refusal(client, "TRUNCATE leads CASCADE"), "P0001");
    EXPECT_EQ(refusal(client, "UPDATE leads SET tenant_id = 'birch'"), "42501");
    EXPECT_EQ(recorded(), "acme 1 insert leads");
}

TEST_F(RecordTest, ATenantsNumbersAreOutOfOthersReach) {
    script("INSERT INTO leads (tenant_id, first_name) VALUES ('birch', 'B1'), ('acme', 'A1')");
    auto client = connect();
    pg::Transaction transaction{client};
    client.script("SELECT set_config('app.tenant_id', 'acme', true)");
    const auto of = [&](const std::string& sql) {
        return pg::text_at(client.run("SELECT (" + sql + ")::text").rows, 0, 0);
    };
    EXPECT_EQ(of("SELECT string_agg(tenant_id, ' ') FROM tenantry.changes"), "acme");
    EXPECT_EQ(of("SELECT string_agg(tenant_id, ' ') FROM tenantry.tenant_heads"), "acme");
    EXPECT_EQ(refusal(client,
                      "INSERT INTO tenantry.changes (tenant_id, seq, relation, op, row_id, "
                      "committed_at) VALUES ('birch', 2, 'leads', 'insert', gen_random_uuid(), "
                      "now())"),
              "42501");
}

/// Counts what it is told.
class Ear final : public CommitListener {
public:
    void committed(const TenantId& tenant) override {
        const std::lock_guard lock{mutex_};
        heard_.push_back(tenant.text());
        changed_.notify_all();
    }
    void committed_by_anybody() override {
        const std::lock_guard lock{mutex_};
        ++connected_;
        changed_.notify_all();
    }
    bool wait_for(const std::string& tenant) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, 60s,
                                 [&] { return std::ranges::find(heard_, tenant) != heard_.end(); });
    }
    bool wait_for_connection(int count) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, 60s, [&] { return connected_ >= count; });
    }
    std::size_t heard() {
        const std::lock_guard lock{mutex_};
        return heard_.size();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> heard_;
    int connected_ = 0;
};

class TwoServers : public TlsTest {
protected:
    std::unique_ptr<PostgresEngine> open_by(std::optional<pg::Url> direct) {
        return PostgresEngine::open(schema::lead_catalog(),
                                    {.url = url(), .direct = std::move(direct)})
            .value();
    }
    void add_lead(PostgresEngine& engine, const std::string& tenant = "acme") {
        const auto& leads = schema::lead_catalog().relation("leads");
        query::Insert insert{.relation = &leads, .columns = {&leads.column("first_name")}};
        insert.rows.push_back({schema::Text{"Ada"}});
        run(engine, std::move(insert), scope(engine, tenant)).value();
    }
};

TEST_F(TwoServers, HearOfEachOthersCommits) {
    const auto one = open(url());
    const auto other = open(url());
    const auto ear = std::make_shared<Ear>();
    other->set_commit_listener(ear);
    ASSERT_TRUE(ear->wait_for_connection(1));
    add_lead(*one, "birch");
    EXPECT_TRUE(ear->wait_for("birch"));
}

TEST_F(TwoServers, ListenAgainWhenTheConnectionWasCut) {
    const auto one = open(url());
    const auto other = open_by(proxied());
    const auto ear = std::make_shared<Ear>();
    other->set_commit_listener(ear);
    ASSERT_TRUE(ear->wait_for_connection(1));
    proxy().cut_all();
    ASSERT_TRUE(ear->wait_for_connection(2)) << "and look for what was missed meanwhile";
    add_lead(*one);
    EXPECT_TRUE(ear->wait_for("acme"));
}

TEST_F(TwoServers, LookForThemselvesWhereNothingIsHeard) {
    proxy().refuse_for(1h);
    const auto one = open(url());
    const auto other = open_by(proxied());
    const auth::TokenVerifier verifier{
        auth::Secret::parse("a secret for tests, 32 bytes or more").value()};
    const auth::ScopeIssuer issuer{verifier, *other};
    scope(*one);
    const auto feed = feed::make_feed(*other, issuer, schema::lead_catalog());

    support::JobScopes scopes{issuer, "acme"};
    const auto follower = feed->follow(TenantId::parse("acme").value(), {});
    for (int i = 1; i <= 3; ++i) {
        std::thread writer{[&] { add_lead(*one); }};
        std::vector<feed::ChangePtr> told;
        while (told.empty()) {
            told = testing::wait_for(follower->next(scopes, std::chrono::steady_clock::now() + 60s))
                       .value()
                       .changes;
        }
        writer.join();
        EXPECT_EQ(told.front()->seq, i);
    }
}

}  // namespace
}  // namespace tenantry::engine::postgres
