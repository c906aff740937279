/// Tenants that move between databases, of one engine and of the other.

#include "engine/postgres_cluster.hpp"
#include "program_test.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <memory>

namespace tenantry::cli {
namespace {

// A row of each relation, references and what is sealed included. The texts stand for ciphertext.
constexpr auto rows_of_acme = R"sql(
INSERT INTO t_agents (tenant_id, id, name, email, specialties, created_at, updated_at) VALUES
  ('acme', '0194f2a1-7c3e-7b12-9d55-00000000000a', 'Ann', 'ann@acme.example', '["condos","é\"\\"]', 1, 2);
INSERT INTO t_leads (tenant_id, id, first_name, email, status, assigned_agent, score, tags, metadata, created_at, updated_at) VALUES
  ('acme', '0194f2a1-7c3e-7b12-9d55-000000000001', 'Zoë', 'zoe@example.com', 'converted',
   '0194f2a1-7c3e-7b12-9d55-00000000000a', 8750, '["a","b"]', '{"n":1.5}', 1767225600000001, 1767225600000002),
  ('acme', '0194f2a1-7c3e-7b12-9d55-000000000002', 'Ned', NULL, 'new', NULL, NULL, '[]', '{}', 3, 4);
INSERT INTO t_events (tenant_id, id, lead_id, type, content, timestamp, created_at, updated_at) VALUES
  ('acme', '0194f2a1-7c3e-7b12-9d55-0000000000e1', '0194f2a1-7c3e-7b12-9d55-000000000001', 'note', 'called', 5, 6, 6);
INSERT INTO t_identities (tenant_id, id, platform, cookies, credentials, created_at, updated_at) VALUES
  ('acme', '0194f2a1-7c3e-7b12-9d55-0000000000d1', 'linkedin', 'ciphertext-1', NULL, 7, 8);
INSERT INTO t_approvals (tenant_id, id, lead_id, type, content, status, reviewed_by, reviewed_at, rejection_reason, created_at, updated_at) VALUES
  ('acme', '0194f2a1-7c3e-7b12-9d55-0000000000f1', '0194f2a1-7c3e-7b12-9d55-000000000001', 'message', 'Hello', 'rejected', 'ann', 9, 'no', 8, 9);
INSERT INTO master_key (one, id, since) VALUES (1, '0123456789abcdef', 1);
INSERT INTO tenant_keys (tenant_id, master_id, wrapped, created_at) VALUES ('acme', '0123456789abcdef', 'wrapped-1', 1);
INSERT INTO accounts (user_id, password, email_confirmed_at, managed_by, user_metadata, created_at, updated_at)
  SELECT id, 'hash-1', 5, 'acme', '{"a":1}', 6, 7 FROM users;
INSERT INTO sign_up_rules (tenant_id, domain, role, confirm, created_at) VALUES ('acme', 'acme.example', 'viewer', 'mail', 8);
UPDATE tenants SET settings = '{"quotas":{"rows":5}}' WHERE id = 'acme';)sql";

struct CloseDatabase {
    void operator()(sqlite3* db) const noexcept { sqlite3_close(db); }
};

class Copy : public ProgramTest {
protected:
    Copy() {
        done({"tenant", "create", "acme", "--name", "Acme"});
        done({"tenant", "create", "birch", "--name", "Birch"});
        done({"user", "create", "--tenant", "acme", "--email", "ann@acme.example", "--role",
              "owner"});
        run({"key", "create", "--tenant", "acme", "--name", "crm", "--role", "operator"});
        run({"key", "create", "--operator", "--name", "ops"});
        execute("tenantry.db", rows_of_acme);
        done({"tenant", "suspend", "birch"});
    }

    std::unique_ptr<sqlite3, CloseDatabase> open(std::string_view file) const {
        sqlite3* raw = nullptr;
        EXPECT_EQ(sqlite3_open(path(file).c_str(), &raw), SQLITE_OK);
        return std::unique_ptr<sqlite3, CloseDatabase>{raw};
    }
    void execute(std::string_view file, const std::string& sql) const {
        const auto db = open(file);
        EXPECT_EQ(sqlite3_exec(db.get(), sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
            << sqlite3_errmsg(db.get());
    }
    /// All rows of all relations but the log of what was done.
    std::string dump(std::string_view file) const {
        std::string out;
        const auto db = open(file);
        const auto add = [](void* into, int count, char** cells, char**) {
            for (int i = 0; i < count; ++i)
                *static_cast<std::string*>(into) +=
                    fmt::format("{}|", cells[i] ? cells[i] : "NULL");
            *static_cast<std::string*>(into) += '\n';
            return 0;
        };
        for (const auto* table : {"t_agents", "t_leads", "t_events", "t_contacts", "t_icp_profiles",
                                  "t_identities", "t_approvals", "t_lead_counts", "tenants",
                                  "users", "memberships", "api_keys", "tenant_keys"}) {
            const auto sql = fmt::format("SELECT '{0}', * FROM {0} ORDER BY 2, 3", table);
            EXPECT_EQ(sqlite3_exec(db.get(), sql.c_str(), add, &out, nullptr), SQLITE_OK) << sql;
        }
        return out;
    }
};

TEST_F(Copy, AllOfItGoesToPostgresAndComesBack) {
    auto& cluster = engine::testing::PostgresCluster::instance();
    const auto database = cluster.create_database(true);
    const auto url = cluster.url(database, "tenantry_app").secret_text();
    EXPECT_EQ(done({"copy", "--to", url}),
              "Copied acme with 1 agents, 2 leads, 1 events, 0 contacts, 0 icp_profiles, 1 "
              "identities, 1 approvals\n"
              "Copied birch with 0 agents, 0 leads, 0 events, 0 contacts, 0 icp_profiles, 0 "
              "identities, 0 approvals\n"
              "Copied 1 keys of operators\n");
    done({"copy", "--from", url, "--to", "sqlite:back.db"});
    EXPECT_EQ(dump("back.db"), dump("tenantry.db"));
    EXPECT_TRUE(holds(dump("back.db"), {"ciphertext-1", "wrapped-1", "suspended", "\"rows\":5"}));
    EXPECT_TRUE(holds(done({"audit", "list", "--database", "sqlite:back.db"}),
                      {"tenant.copy", "key.copy"}));
    cluster.drop_database(database);
}

TEST_F(Copy, RunAgainItComparesAndGoesOn) {
    EXPECT_TRUE(
        holds(done({"copy", "--tenant", "birch", "--to", "sqlite:other.db"}), {"Copied birch"}));
    EXPECT_TRUE(holds(done({"copy", "--to", "sqlite:other.db"}), {"Copied acme", "Found birch"}));
    const auto found = done_json({"copy", "--tenant", "acme", "--to", "sqlite:other.db"});
    EXPECT_TRUE(found.at(0).at("was_there").as_bool());
    EXPECT_EQ(found.at(0).at("relations").at("leads").at("rows"), 2);
    execute("other.db", "UPDATE t_leads SET city = 'Oslo' WHERE first_name = 'Ned'");
    EXPECT_TRUE(holds(refused(1, {"copy", "--tenant", "acme", "--to", "sqlite:other.db"}),
                      {"acme", "as many rows of leads, and not the same", "tenant delete acme"}));
    execute("other.db", "DELETE FROM t_events");
    execute("other.db", "DELETE FROM t_leads WHERE first_name = 'Ned'");
    EXPECT_TRUE(holds(refused(1, {"copy", "--tenant", "acme", "--to", "sqlite:other.db"}),
                      {"1 rows of leads instead of 2"}));
}

TEST_F(Copy, WhatIsHalfThereIsCopiedAnew) {
    done({"migrate", "--database", "sqlite:other.db"});
    execute("other.db",
            "INSERT INTO tenants (id, name, status, settings, created_at, updated_at) VALUES"
            " ('acme', 'acme', 'deleting', '{\"import\":{\"ticket\":\"t\"}}', 1, 1),"
            " ('birch', 'birch', 'deleting', '{\"removal\":{\"receipt\":\"r\"}}', 1, 1);"
            "INSERT INTO t_leads (tenant_id, id, first_name, created_at, updated_at) VALUES"
            " ('acme', '0194f2a1-7c3e-7b12-9d55-000000000001', 'half', 1, 1)");
    done({"copy", "--tenant", "acme", "--to", "sqlite:other.db"});
    EXPECT_EQ(dump("other.db").find("half"), std::string::npos);
    EXPECT_TRUE(holds(refused(1, {"copy", "--tenant", "birch", "--to", "sqlite:other.db"}),
                      {"birch is being deleted", "tenant delete birch"}));
}

TEST_F(Copy, WhatWouldNotFitIsRefusedAndLeavesNothing) {
    done({"migrate", "--database", "sqlite:other.db"});
    execute("other.db",
            "INSERT INTO master_key (one, id, since) VALUES (1, 'fedcba9876543210', 1)");
    EXPECT_TRUE(holds(refused(1, {"copy", "--tenant", "acme", "--to", "sqlite:other.db"}),
                      {"different master keys", "tenantry master-key rotate"}));
    execute("other.db",
            "DELETE FROM master_key; INSERT INTO users (id, email, created_at, updated_at) VALUES"
            " ('0194f2a1-7c3e-7b12-9d55-00000000dddd', 'ann@acme.example', 1, 1)");
    const auto taken = refused(1, {"copy", "--tenant", "acme", "--to", "sqlite:other.db"});
    EXPECT_TRUE(holds(taken, {"0194f2a1-7c3e-7b12-9d55-00000000dddd", "address"}));
    EXPECT_EQ(taken.find("ann@acme.example"), std::string::npos);
    EXPECT_EQ(dump("other.db").find("Zoë"), std::string::npos);
    EXPECT_EQ(done({"tenant", "list", "--database", "sqlite:other.db", "--json"}), "[]\n");
    EXPECT_TRUE(holds(refused(1, {"copy", "--tenant", "nobody", "--to", "sqlite:other.db"}),
                      {"there is no tenant nobody"}));
    EXPECT_TRUE(holds(refused(1, {"copy", "--to", "sqlite:tenantry.db"}), {"the same database"}));
}

}  // namespace
}  // namespace tenantry::cli
