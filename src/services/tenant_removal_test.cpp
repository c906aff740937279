#include "services/tenant_removal.hpp"

#include "engine/sqlite/stores.hpp"
#include "engine/sqlite/upkeep.hpp"
#include "marked_rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sqlite3.h>

#include <fstream>
#include <sstream>

namespace tenantry::services {
namespace {

using engine::testing::TestDatabase;

class TenantRemovalTest : public ::testing::Test {
protected:
    static TenantId id(std::string_view text) { return TenantId::parse(text).value(); }

    /// As another program would.
    void execute(const std::string& sql) const {
        sqlite3* raw = nullptr;
        ASSERT_EQ(sqlite3_open(database_.path().c_str(), &raw), SQLITE_OK);
        char* why = nullptr;
        EXPECT_EQ(sqlite3_exec(raw, sql.c_str(), nullptr, nullptr, &why), SQLITE_OK) << why;
        sqlite3_free(why);
        sqlite3_close(raw);
    }
    std::string text_of(const std::string& query) const {
        sqlite3* raw = nullptr;
        sqlite3_open(database_.path().c_str(), &raw);
        std::string out;
        const auto take = [](void* into, int count, char** cells, char**) {
            for (int i = 0; i < count; ++i)
                *static_cast<std::string*>(into) +=
                    std::string{i > 0 ? "|" : ""} + (cells[i] != nullptr ? cells[i] : "");
            *static_cast<std::string*>(into) += '\n';
            return 0;
        };
        EXPECT_EQ(sqlite3_exec(raw, query.c_str(), take, &out, nullptr), SQLITE_OK);
        sqlite3_close(raw);
        return out;
    }

    Result<RemovalReceipt> remove(std::string_view tenant) {
        const auto store = engine::sqlite::open_tenure_store(database_.path()).value();
        const auto issuer = database_.issuer();
        const RemovalTools tools{database_.engine(), *store, issuer, schema::lead_catalog()};
        return testing::finish(remove_tenant(tools, id(tenant), "cli:test"));
    }

    /// All bytes that SQLite keeps on disk.
    std::string bytes() const {
        std::string all;
        for (const char* suffix : {"", "-wal", "-shm"}) {
            std::ifstream file{database_.path().string() + suffix, std::ios::binary};
            std::ostringstream content;
            content << file.rdbuf();
            all += content.str();
        }
        return all;
    }

    void change_lead(const TenantScope& scope, Uuid lead, std::size_t length,
                     const std::string& mark) {
        const auto& leads = schema::lead_catalog().relation("leads");
        std::string city;
        while (city.size() < length) city += mark;
        database_
            .run(query::Update{.relation = &leads,
                               .assignments = {{&leads.column("city"), schema::Text{city}}},
                               .filter = query::equals(leads.id(), lead)},
                 scope)
            .value();
    }

    TestDatabase database_;
};

// The whole promise: whatever a tenant had, no byte of it is left, though another tenant's rows
// stand between its own, rows grew and moved, and connections stay open all the time.
TEST_F(TenantRemovalTest, LeavesNoByteInTheFileOrItsLog) {
    const auto victim = database_.scope("victim-tenant");
    const auto other = database_.scope("other");
    testing::MarkedRows gone{database_, victim, "zqxgone"};
    testing::MarkedRows stays{database_, other, "zqxstays"};
    constexpr std::size_t rounds = 30;
    for (std::size_t i = 0; i < rounds; ++i) {
        gone.add(5);
        stays.add(5);
        change_lead(victim, gone.newest("leads"), i * 5, "zqxgone");
        change_lead(other, stays.newest("leads"), (rounds - i) * 5, "zqxstays");
    }
    database_.control()
        .create_member(id("victim-tenant"), "zqxgone@a.example", "zqxgone", Role::admin)
        .value();
    execute(
        "INSERT INTO api_keys VALUES ('k1', 'victim-tenant', 'zqxgone', 'viewer', 'zqxgone', "
        "'zqxgone', 1, 'zqxgone', NULL, NULL, NULL);"
        "INSERT INTO tenant_keys VALUES ('victim-tenant', 'm', 'zqxgone', 1);"
        "INSERT INTO audit_log (at, actor, action, tenant_id, target, detail) VALUES (1, 'cli:x', "
        "'member.add', 'victim-tenant', 'zqxgone', '{\"name\":\"zqxgone\"}'), (2, 'cli:x', "
        "'tenant.create', NULL, 'victim-tenant', '{}');");
    ASSERT_THAT(bytes(), ::testing::HasSubstr("zqxgone"));

    const auto receipt = remove("victim-tenant").value();
    for (const auto& relation : schema::lead_catalog().relations())
        EXPECT_EQ(receipt.rows.at(relation->name()), 150) << relation->name();
    EXPECT_EQ(receipt.memberships, 1);
    EXPECT_EQ(receipt.api_keys, 1);
    EXPECT_EQ(receipt.users, 1);
    EXPECT_TRUE(receipt.key_destroyed);
    engine::sqlite::scrub(database_.path(), std::chrono::seconds{5}).value();

    const auto left = bytes();
    EXPECT_EQ(left.find("zqxgone"), std::string::npos);
    EXPECT_EQ(left.find("victim-tenant"), std::string::npos);
    for (const auto& row : gone.ids()) EXPECT_EQ(left.find(row), std::string::npos) << row;
    EXPECT_NE(left.find("zqxstays"), std::string::npos);

    // The connections that were open go on, in the rewritten file.
    stays.add();
    const auto found = engine::sqlite::examine(database_.path()).value();
    EXPECT_EQ(found.damage, std::vector<std::string>{});
    EXPECT_EQ(found.wrong_tallies, std::vector<std::string>{});
    EXPECT_EQ(found.dangling, 0);
}

TEST_F(TenantRemovalTest, GivesTheAuditLogTheReceiptsNumberForTheTenant) {
    database_.scope("acme");
    execute(
        "INSERT INTO audit_log (at, actor, action, tenant_id, target, detail) VALUES (1, 'cli:x', "
        "'member.add', 'acme', 'ann', '{\"a\":1}'), (2, 'cli:x', 'member.add', 'beta', 'bob', "
        "'{\"b\":1}')");
    const auto receipt = remove("acme").value();
    const auto name = "deleted:" + receipt.number;
    EXPECT_EQ(text_of("SELECT action, tenant_id, target, detail FROM audit_log WHERE action = "
                      "'member.add'"),
              "member.add|" + name + "||{}\nmember.add|beta|bob|{\"b\":1}\n");
    EXPECT_EQ(text_of("SELECT actor, action, tenant_id FROM audit_log WHERE action = "
                      "'tenant.delete'"),
              "cli:test|tenant.delete|" + name + "\n");
    EXPECT_EQ(engine::sqlite::examine(database_.path()).value().unscrubbed, 1);
}

TEST_F(TenantRemovalTest, LeavesMembersOfOtherTenantsAlone) {
    database_.scope("acme");
    database_.scope("beta");
    auto& control = database_.control();
    const auto both =
        control.create_member(id("acme"), "both@a.example", "Both", Role::admin).value();
    control.create_member(id("beta"), "both@a.example", "Both", Role::admin).value();
    const auto only =
        control.create_member(id("acme"), "only@a.example", "Only", Role::admin).value();
    EXPECT_EQ(remove("acme").value().users, 1);
    EXPECT_EQ(control.member(id("beta"), both.user.text()).value().email, "both@a.example");
    // A token for the other, should one be about, must not become one of a stranger, whom the token
    // alone vouches for.
    EXPECT_TRUE(database_.engine().standing(id("beta"), only.user.text()).is_user);
    EXPECT_EQ(text_of("SELECT count(*) FROM users WHERE email LIKE 'only%' OR name = 'Only'"),
              "0\n");
}

TEST_F(TenantRemovalTest, GoesOnWhereItWasStoppedWithTheSameReceipt) {
    testing::MarkedRows rows{database_, database_.scope("acme"), "mark"};
    rows.add(2);
    const auto store = engine::sqlite::open_tenure_store(database_.path()).value();
    auto begun = store->begin_removal(id("acme"), "test").value();
    begun.rows = {{"leads", 2}, {"events", 2}};
    store->keep_counts(id("acme"), begun).value();
    const auto scope = database_.issuer().for_removal(id("acme")).value();
    testing::finish(remove_rows(database_.engine(), schema::lead_catalog(), scope)).value();

    const auto receipt = remove("acme").value();
    EXPECT_EQ(receipt.number, begun.receipt);
    EXPECT_EQ(receipt.rows.at("leads"), 2);
    EXPECT_EQ(remove("acme").error().code, Errc::not_found);
}

TEST_F(TenantRemovalTest, ForgetsNoTenantThatHasRows) {
    testing::MarkedRows{database_, database_.scope("acme"), "mark"}.add();
    const auto store = engine::sqlite::open_tenure_store(database_.path()).value();
    const auto begun = store->begin_removal(id("acme"), "test").value();
    EXPECT_EQ(store->finish_removal(id("acme"), begun, "x").error().code, Errc::conflict);
    EXPECT_EQ(store->finish_removal(id("acme"), {.receipt = "another"}, "x").error().code,
              Errc::conflict);
    EXPECT_TRUE(database_.control().tenant(id("acme")));
}

}  // namespace
}  // namespace tenantry::services
