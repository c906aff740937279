/// Hostile SQL through the guard itself, as tenant B, in two worlds that differ only in tenant A's
/// rows. Whatever B tries, the answers of the two worlds must be the same to the byte, and A's rows
/// must stand as they were.

#include "engine/test_database.hpp"
#include "sqlite/attack_cases.hpp"
#include "sqlite/guarded_connection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

namespace tenantry::engine::sqlite {
namespace {

constexpr std::string_view a_lead = "aaaaaaaa-0000-7000-8000-000000000001";
constexpr std::string_view b_lead = "bbbbbbbb-0000-7000-8000-000000000001";
constexpr std::string_view b_agent = "bbbbbbbb-0000-7000-8000-00000000000a";

constexpr std::string_view rows_of_a = R"sql(
INSERT INTO t_agents (tenant_id, id, name, email, created_at, updated_at) VALUES
  ('tenant-a', 'aaaaaaaa-0000-7000-8000-00000000000a', 'Agent of A', 'agent@a.example', 1, 1);
INSERT INTO t_leads (tenant_id, id, first_name, last_name, email, city, status, assigned_agent, score, created_at, updated_at) VALUES
  ('tenant-a', 'aaaaaaaa-0000-7000-8000-000000000001', 'Secret', 'OfA', 'secret@a.example', 'Hidden', 'qualified',
   'aaaaaaaa-0000-7000-8000-00000000000a', 9900, 10, 10),
  ('tenant-a', 'aaaaaaaa-0000-7000-8000-000000000002', 'Second', 'OfA', 'shared@example.com', 'Hidden', 'new', NULL, 100, 11, 11),
  ('tenant-a', 'bbbbbbbb-0000-7000-8000-000000000001', 'Same', 'Id', 'same-id@a.example', 'Hidden', 'new', NULL, 1, 12, 12);
INSERT INTO t_events (tenant_id, id, lead_id, type, content, timestamp, created_at, updated_at) VALUES
  ('tenant-a', 'aaaaaaaa-0000-7000-8000-0000000000e1', 'aaaaaaaa-0000-7000-8000-000000000001', 'note', 'secret event', 5, 5, 5);
)sql";

constexpr std::string_view rows_of_b = R"sql(
INSERT INTO t_agents (tenant_id, id, name, email, created_at, updated_at) VALUES
  ('tenant-b', 'bbbbbbbb-0000-7000-8000-00000000000a', 'Agent of B', 'agent@b.example', 1, 1);
INSERT INTO t_leads (tenant_id, id, first_name, last_name, email, city, status, assigned_agent, score, created_at, updated_at) VALUES
  ('tenant-b', 'bbbbbbbb-0000-7000-8000-000000000001', 'Own', 'OfB', 'own@b.example', 'Known', 'new',
   'bbbbbbbb-0000-7000-8000-00000000000a', 5000, 20, 20),
  ('tenant-b', 'bbbbbbbb-0000-7000-8000-000000000002', 'Other', 'OfB', 'other@b.example', 'Known', 'contacted', NULL, NULL, 21, 21);
INSERT INTO t_events (tenant_id, id, lead_id, type, content, timestamp, created_at, updated_at) VALUES
  ('tenant-b', 'bbbbbbbb-0000-7000-8000-0000000000e1', 'bbbbbbbb-0000-7000-8000-000000000001', 'note', 'own event', 6, 6, 6);
)sql";

constexpr std::string_view everything_of_a = R"sql(
SELECT group_concat(quote(tenant_id) || quote(id) || quote(first_name) || quote(email) || quote(city) || quote(status) ||
                    quote(assigned_agent) || quote(score) || quote(updated_at)) FROM (SELECT * FROM t_leads WHERE tenant_id = 'tenant-a' ORDER BY id)
UNION ALL SELECT group_concat(quote(id) || quote(name) || quote(email)) FROM t_agents WHERE tenant_id = 'tenant-a'
UNION ALL SELECT group_concat(quote(id) || quote(content) || quote(lead_id)) FROM t_events WHERE tenant_id = 'tenant-a'
UNION ALL SELECT group_concat(status || n) FROM t_lead_counts WHERE tenant_id = 'tenant-a')sql";

class World {
public:
    explicit World(bool with_a) {
        migrate(path_).value();
        auto db = open_database(path_.string(), SQLITE_OPEN_READWRITE, 1000);
        execute(db.get(),
                "PRAGMA foreign_keys = ON;"
                "INSERT INTO tenants (id, name, created_at, updated_at) VALUES ('tenant-a', 'A', "
                "1, 1), ('tenant-b', 'B', 1, 1);");
        // A's rows come first and in between, so that row numbers differ as well.
        if (with_a) execute(db.get(), std::string{rows_of_a});
        execute(db.get(), std::string{rows_of_b});
        db.reset();
        reader_ = std::make_unique<GuardedConnection>(path_.string(), schema::lead_catalog(),
                                                      GuardedConnection::Access::read_only,
                                                      std::chrono::seconds{1});
        writer_ = std::make_unique<GuardedConnection>(path_.string(), schema::lead_catalog(),
                                                      GuardedConnection::Access::read_write,
                                                      std::chrono::seconds{1});
    }

    /// What B sees of the statement: rows, or the error's text, and then all of B's rows. Each
    /// attack starts from the same state.
    std::string attack(Mode mode, const std::string& text) {
        const bool writes = mode == Mode::write || mode == Mode::insert;
        if (!writes) return attempt(*reader_, mode, text);
        writer_->begin_write();
        auto answer = attempt(*writer_, mode, text);
        if (!writer_->in_transaction()) return answer + "\n(the transaction was taken back)";
        answer +=
            "\n--\n" +
            attempt(*writer_, Mode::read,
                    "SELECT * FROM leads ORDER BY id; SELECT * FROM agents ORDER BY id;"
                    "SELECT * FROM events ORDER BY id; SELECT * FROM lead_counts ORDER BY status;");
        // The moment of the attack, which `updated_at` tells, is all that may differ.
        static const std::regex now{"\\b1[0-9]{15}\\b"};
        return std::regex_replace(answer, now, "NOW") + everything_of_a_after_commit();
    }

    std::string state_of_a() const {
        const auto db = open_database(path_.string(), SQLITE_OPEN_READONLY, 1000);
        const auto statement = prepare(db.get(), everything_of_a);
        std::string out;
        while (step(statement.get())) out += std::string{column_text(statement.get(), 0)} + '\n';
        return out;
    }

private:
    static std::string attempt(GuardedConnection& connection, Mode mode, const std::string& text) {
        try {
            return connection.run_text(TenantId::parse("tenant-b").value(), mode, text);
        } catch (const SqliteFailure& failure) {
            static const std::regex suffix{"\\$[0-9a-f]{32}"};
            return "refused: " + std::regex_replace(failure.message(), suffix, "$$N");
        }
    }

    /// Commits what B did, notes whether A's rows stand, and takes B's rows back to what they were.
    std::string everything_of_a_after_commit() {
        const auto before = state_of_a();
        writer_->savepoint();
        writer_->release_savepoint();
        writer_->commit();
        const auto after = state_of_a();
        restore_b();
        return before == after ? "" : "A'S ROWS CHANGED:\n" + after;
    }

    void restore_b() {
        writer_.reset();
        auto db = open_database(path_.string(), SQLITE_OPEN_READWRITE, 1000);
        execute(db.get(),
                "PRAGMA foreign_keys = ON; BEGIN IMMEDIATE;"
                "DELETE FROM t_events WHERE tenant_id = 'tenant-b'; DELETE FROM t_leads WHERE "
                "tenant_id = 'tenant-b';"
                "DELETE FROM t_agents WHERE tenant_id = 'tenant-b'; DELETE FROM t_lead_counts "
                "WHERE tenant_id = 'tenant-b';" +
                    std::string{rows_of_b} + "COMMIT;");
        db.reset();
        writer_ = std::make_unique<GuardedConnection>(path_.string(), schema::lead_catalog(),
                                                      GuardedConnection::Access::read_write,
                                                      std::chrono::seconds{1});
    }

    testing::TempDirectory directory_;
    std::filesystem::path path_ = directory_.path() / "world.db";
    std::unique_ptr<GuardedConnection> reader_;
    std::unique_ptr<GuardedConnection> writer_;
};

class Attacks : public ::testing::Test {
protected:
    void compare(const std::vector<Attack>& attacks) {
        const auto before = with_a_.state_of_a();
        EXPECT_THAT(before, ::testing::HasSubstr("secret@a.example"));
        for (const auto& [mode, text] : attacks) {
            const auto alone = without_a_.attack(mode, text);
            const auto beside = with_a_.attack(mode, text);
            EXPECT_EQ(alone, beside) << text;
            for (const auto* secret : {"secret@a.example", "OfA", "Hidden", "secret event"}) {
                // An answer may hold what the attacker wrote.
                if (text.find(secret) != std::string::npos) continue;
                EXPECT_THAT(beside, ::testing::Not(::testing::HasSubstr(secret))) << text;
            }
        }
        EXPECT_EQ(with_a_.state_of_a(), before);
    }

    World without_a_{false};
    World with_a_{true};
};

TEST_F(Attacks, ReadsAnswerAsIfTheOtherTenantHadNothing) { compare(reads()); }

TEST_F(Attacks, WritesAnswerAsIfTheOtherTenantHadNothingAndChangeNoneOfItsRows) {
    compare(writes());
}

TEST_F(Attacks, OwnRowsAreReachedSoThatSilenceIsNotTheReason) {
    EXPECT_EQ(with_a_.attack(Mode::read, "SELECT count(*) FROM leads"), "2\n");
    EXPECT_EQ(with_a_.attack(Mode::read, "SELECT sum(n) FROM lead_counts"), "2\n");
    EXPECT_THAT(
        with_a_.attack(Mode::write, "UPDATE main.t_leads SET city = 'Moved' RETURNING email"),
        ::testing::StartsWith("own@b.example\nother@b.example\n"));
    EXPECT_THAT(with_a_.attack(Mode::write, "DELETE FROM main.t_agents RETURNING id"),
                ::testing::StartsWith(std::string{b_agent}));
}

TEST_F(Attacks, AnInsertOfSeveralRowsHasPlaceholdersAlone) {
    const std::string begin = "INSERT INTO main.t_agents (tenant_id, id, name) VALUES ";
    EXPECT_THAT(with_a_.attack(Mode::insert, begin + "(?1, ?2, ?3), (?4, ?5, ?6)"),
                ::testing::StartsWith("refused: tenant mismatch"));
    EXPECT_THAT(with_a_.attack(Mode::insert, begin + "(?1, ?2, 'x'), (?3, ?4, ?5)"),
                ::testing::StartsWith("refused: a write must be plain"));
    EXPECT_THAT(with_a_.attack(Mode::write, begin + "(?1, ?2, ?3), (?4, ?5, ?6)"),
                ::testing::StartsWith("refused: not authorized"));
}

TEST_F(Attacks, AnInsertOfASharedAddressWorksBesideTheOtherTenants) {
    const auto answer = with_a_.attack(
        Mode::write,
        "INSERT INTO main.t_leads (tenant_id, id, first_name, email, created_at, updated_at)"
        " VALUES ('tenant-b', '" +
            std::string{a_lead} + "', 'x', 'shared@example.com', 1, 1) RETURNING email");
    EXPECT_THAT(answer, ::testing::StartsWith("shared@example.com\n"));
    EXPECT_THAT(answer, ::testing::HasSubstr(std::string{b_lead}));
}

TEST_F(Attacks, NothingRunsOnceTheGuardIsClosed) {
    EXPECT_THAT(with_a_.attack(Mode::closed, "SELECT 1"), ::testing::StartsWith("refused"));
    EXPECT_THAT(with_a_.attack(Mode::control, "SELECT * FROM leads"),
                ::testing::StartsWith("refused"));
}

}  // namespace
}  // namespace tenantry::engine::sqlite
