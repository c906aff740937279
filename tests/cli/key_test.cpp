// Keys, members and the audit log on the command line.

#include "program_test.hpp"

#include <fmt/format.h>

namespace tenantry::cli {
namespace {

class Keys : public ProgramTest {
protected:
    Keys() { done({"tenant", "create", "acme"}); }

    /// The key alone; what is said beside it goes to standard error.
    std::string made(Arguments more) const {
        Arguments arguments{"key", "create", "--name", "website"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        const auto ended = run(arguments);
        EXPECT_EQ(ended.code, 0) << ended.err;
        EXPECT_TRUE(holds(ended.err, {"shown this once"}));
        EXPECT_TRUE(ended.out.ends_with('\n'));
        return ended.out.substr(0, ended.out.size() - 1);
    }
};

TEST_F(Keys, AreShownOnceAndListedWithoutThemselves) {
    const auto key = made({"--tenant", "acme", "--role", "operator", "--expires", "90d"});
    EXPECT_TRUE(key.starts_with("tnk_"));
    const auto keys = done_json({"key", "list"}).as_array();
    ASSERT_EQ(keys.size(), 1U);
    EXPECT_EQ(keys[0].at("name"), "website");
    EXPECT_EQ(keys[0].at("tenant"), "acme");
    EXPECT_EQ(keys[0].at("role"), "operator");
    EXPECT_EQ(std::string{keys[0].at("prefix").as_string()}, key.substr(0, 12));
    EXPECT_TRUE(keys[0].at("expires_at").is_string());
    EXPECT_TRUE(keys[0].at("last_used_at").is_null());
    for (const auto& shown :
         {done({"key", "list"}), done({"key", "list", "--json"}), done({"audit", "list"}),
          done({"audit", "list", "--json"}), done({"tenant", "show", "acme"})}) {
        EXPECT_EQ(shown.find(key.substr(12)), std::string::npos);
    }
}

TEST_F(Keys, OfOperatorsAreAskedForByName) {
    EXPECT_TRUE(made({"--operator"}).starts_with("tno_"));
    made({"--tenant", "acme", "--role", "viewer"});
    EXPECT_EQ(done_json({"key", "list", "--operator"}).as_array().size(), 1U);
    EXPECT_EQ(done_json({"key", "list", "--operator"}).as_array()[0].at("role"), "platform");
    EXPECT_EQ(done_json({"key", "list", "--tenant", "acme"}).as_array().size(), 1U);
    EXPECT_TRUE(made({"--tenant", "acme", "--kind", "publishable"}).starts_with("sb_publishable_"));
    EXPECT_EQ(done_json({"key", "list", "--tenant", "acme"}).as_array()[1].at("role"),
              "publishable");
    EXPECT_TRUE(made({"--tenant", "acme", "--kind", "secret", "--role", "admin"})
                    .starts_with("sb_secret_"));
    EXPECT_EQ(done_json({"key", "list"}).as_array().size(), 4U);
    const Arguments create{"key", "create", "--name", "x"};
    for (const auto& more :
         std::vector<Arguments>{{},
                                {"--operator", "--tenant", "acme"},
                                {"--operator", "--role", "owner"},
                                {"--operator", "--kind", "secret"},
                                {"--tenant", "acme", "--kind", "magic"},
                                {"--tenant", "acme", "--kind", "publishable", "--role", "viewer"},
                                {"--tenant", "acme"}}) {
        auto arguments = create;
        arguments.insert(arguments.end(), more.begin(), more.end());
        refused(2, arguments);
    }
    refused(2, {"key", "list", "--operator", "--tenant", "acme"});
}

TEST_F(Keys, AreRevokedById) {
    made({"--tenant", "acme", "--role", "viewer"});
    const std::string id{done_json({"key", "list"}).as_array()[0].at("id").as_string()};
    EXPECT_EQ(done({"key", "revoke", id}), fmt::format("Key {} (website) is revoked\n", id));
    EXPECT_TRUE(holds(done({"key", "list"}), {"revoked"}));
    EXPECT_TRUE(done_json({"key", "revoke", id}).at("revoked_at").is_string());
    EXPECT_TRUE(holds(refused(1, {"key", "revoke", "00000000-0000-7000-8000-000000000000"}),
                      {"no such API key"}));
    refused(2, {"key", "revoke", "website"});
}

TEST_F(Keys, AreMadeForTenantsThatAreThere) {
    EXPECT_TRUE(holds(
        refused(1, {"key", "create", "--tenant", "nowhere", "--name", "x", "--role", "viewer"}),
        {"no tenant nowhere"}));
    EXPECT_TRUE(holds(refused(2, {"key", "create", "--tenant", "acme", "--name", "x", "--role",
                                  "viewer", "--expires", "0s"}),
                      {"--expires: "}));
    EXPECT_TRUE(holds(done({"key", "list"}), {"no such keys"}));
}

TEST_F(Keys, GoTogetherWithTheAnswerInJson) {
    const auto made = done_json({"key", "create", "--operator", "--name", "console"});
    EXPECT_TRUE(std::string_view{made.at("key").as_string()}.starts_with("tno_"));
    EXPECT_TRUE(made.at("tenant").is_null());
}

using Members = Keys;

TEST_F(Members, HaveTheirRoleChangedAndTheirMembershipEnded) {
    for (const auto* who : {"ann", "bob"})
        done({"user", "create", "--tenant", "acme", "--role", "owner", "--email",
              std::string{who} + "@acme.example"});
    EXPECT_EQ(done({"user", "set-role", "--tenant", "acme", "--user", "Bob@acme.example", "--role",
                    "viewer"}),
              "bob@acme.example is viewer of tenant acme now\n");
    EXPECT_TRUE(
        holds(refused(1, {"user", "remove", "--tenant", "acme", "--user", "ann@acme.example"}),
              {"last owner of acme"}));
    EXPECT_EQ(done({"user", "remove", "--tenant", "acme", "--user", "bob@acme.example"}),
              "bob@acme.example is no member of tenant acme any more\n");
    EXPECT_EQ(done_json({"user", "list", "--tenant", "acme"}).as_array().size(), 1U);
    EXPECT_EQ(done_json({"user", "list"}).as_array().size(), 2U) << "users stay";
    EXPECT_TRUE(holds(done({"user", "list"}), {"acme (owner)"}));
    EXPECT_TRUE(holds(refused(1, {"user", "list", "--tenant", "nowhere"}), {"no tenant nowhere"}));
    EXPECT_TRUE(holds(
        refused(1, {"user", "set-role", "--tenant", "acme", "--user", "nobody", "--role", "owner"}),
        {"no such member"}));
    // A token would be refused, so none is made.
    refused(1, {"token", "--tenant", "acme", "--user", "bob@acme.example"});
}

TEST_F(Members, AndTenantsCanBeRenamed) {
    EXPECT_EQ(done({"tenant", "rename", "acme", "--name", "Acme Homes"}),
              "Tenant acme is called Acme Homes now\n");
    EXPECT_EQ(done_json({"tenant", "show", "acme"}).at("name"), "Acme Homes");
    EXPECT_TRUE(
        holds(refused(1, {"tenant", "rename", "nowhere", "--name", "x"}), {"no tenant nowhere"}));
}

TEST_F(Members, AndAllActsAreInTheAuditLog) {
    done({"tenant", "suspend", "acme"});
    done({"tenant", "create", "birch"});
    const auto log = done_json({"audit", "list"}).as_array();
    ASSERT_EQ(log.size(), 3U);
    EXPECT_EQ(log[0].at("action"), "tenant.create");
    EXPECT_EQ(log[1].at("action"), "tenant.suspend");
    EXPECT_TRUE(std::string_view{log[1].at("actor").as_string()}.starts_with("cli:"));
    EXPECT_EQ(done_json({"audit", "list", "--tenant", "acme"}).as_array().size(), 2U);
    EXPECT_EQ(done_json({"audit", "list", "--limit", "1"}).as_array()[0].at("tenant"), "birch");
    EXPECT_TRUE(holds(done({"audit", "list"}), {"ACTOR", "tenant.suspend  acme"}));
    refused(2, {"audit", "list", "--limit", "0"});
}

}  // namespace
}  // namespace tenantry::cli
