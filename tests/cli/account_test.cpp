// Who may sign up, links into accounts and the keys of access tokens, on the command line.

#include "program_test.hpp"

namespace tenantry::cli {
namespace {

class AccountCommands : public ProgramTest {
protected:
    AccountCommands() { done({"tenant", "create", "acme"}); }
};

TEST_F(AccountCommands, SayWhoMaySignUp) {
    EXPECT_TRUE(holds(done({"tenant", "sign-up", "acme"}), {"Only who is invited"}));
    done({"tenant", "sign-up", "acme", "--allow", "Acme.example", "--role", "operator"});
    const auto rules =
        done_json({"tenant", "sign-up", "acme", "--allow", "anyone", "--unconfirmed"}).as_array();
    ASSERT_EQ(rules.size(), 2U);
    EXPECT_EQ(rules[0].at("domain"), "anyone");
    EXPECT_EQ(rules[0].at("role"), "viewer");
    EXPECT_EQ(rules[0].at("confirm"), false);
    EXPECT_EQ(rules[1].at("domain"), "acme.example");
    EXPECT_EQ(rules[1].at("confirm"), true);
    EXPECT_TRUE(holds(done({"tenant", "sign-up", "acme", "--disallow", "anyone"}),
                      {"acme.example", "operator", "confirmed by mail"}));
    EXPECT_TRUE(holds(done({"audit", "list"}), {"sign_up.allow", "sign_up.disallow"}));
    refused(1, {"tenant", "sign-up", "acme", "--disallow", "anyone"});
    refused(1, {"tenant", "sign-up", "nowhere", "--allow", "anyone"});
    refused(2, {"tenant", "sign-up", "acme", "--allow", "not a domain"});
    refused(2, {"tenant", "sign-up", "acme", "--role", "viewer"});
}

TEST_F(AccountCommands, PrintLinks) {
    environment_["TENANTRY_SITE_URL"] = "https://app.example/welcome?lang=en";
    const auto link =
        done({"user", "link", "Ann@acme.example", "--tenant", "acme", "--role", "admin"});
    EXPECT_TRUE(holds(link, {"https://app.example/welcome?lang=en&token_hash=", "&type=invite\n"}));
    EXPECT_TRUE(holds(done({"audit", "list"}), {"member.invite"}));
    EXPECT_TRUE(holds(refused(1, {"user", "link", "nobody@acme.example"}),
                      {"nobody@acme.example", "tenantry user link"}));
    done({"user", "create", "--tenant", "acme", "--email", "ann@acme.example", "--role", "viewer"});
    EXPECT_TRUE(holds(done({"user", "link", "ann@acme.example"}), {"&type=recovery\n"}));
    environment_.clear();
    const auto bare = run({"user", "link", "ann@acme.example"});
    EXPECT_EQ(bare.out.size(), 44U) << "the token alone: " << bare.out;
    EXPECT_TRUE(holds(bare.err, {"site_url", "verifyOtp", "recovery"}));
    refused(1, {"user", "link", "ann@acme.example", "--tenant", "nowhere"});
    refused(2, {"user", "link", "no address", "--tenant", "acme"});
    refused(2, {"user", "link", "ann@acme.example", "--role", "viewer"});
}

TEST_F(AccountCommands, KeepSigningKeys) {
    EXPECT_TRUE(holds(done({"signing-key", "list"}), {"HS256", "signing-key rotate"}));
    const auto first = run({"signing-key", "rotate"});
    EXPECT_EQ(first.code, 0) << first.err;
    EXPECT_TRUE(holds(first.err, {"tenantry.db.signing-keys"}));
    const auto kid = first.out.substr(0, first.out.size() - 1);
    EXPECT_EQ(run({"signing-key", "rotate", "--keep", "2h"}).code, 0);
    const auto keys = done_json({"signing-key", "list"}).as_array();
    ASSERT_EQ(keys.size(), 2U);
    EXPECT_EQ(keys[0].at("kid").as_string(), kid);
    EXPECT_EQ(keys[0].at("signs"), true);
    EXPECT_TRUE(keys[0].at("until").is_string());
    EXPECT_EQ(keys[1].at("signs"), false);
    EXPECT_TRUE(holds(done({"signing-key", "list"}), {"signs", "next"}));
    done({"signing-key", "revoke", kid});
    EXPECT_EQ(done_json({"signing-key", "list"}).as_array().size(), 1U);
    refused(1, {"signing-key", "revoke", kid});
}

TEST_F(AccountCommands, SettingsThatDontGoTogetherStartNoServer) {
    environment_["TENANTRY_SMTP_URL"] = "smtp://127.0.0.1:2525";
    EXPECT_TRUE(holds(refused(2, {"serve"}), {"smtp_from"}));
    environment_["TENANTRY_SMTP_FROM"] = "no-reply@app.example";
    EXPECT_TRUE(holds(refused(2, {"serve"}), {"site_url"}));
    environment_["TENANTRY_SITE_URL"] = "https://app.example";
    environment_["TENANTRY_ISSUERS_FILE"] = path("issuers.json").string();
    EXPECT_TRUE(holds(refused(2, {"serve"}), {"issuers.json", "can't be read"}));
    support::write_file(path("issuers.json"), R"({"issuers":[{}]})");
    EXPECT_TRUE(holds(refused(2, {"serve"}), {"issuers.json", "issuers[0]"}));
}

}  // namespace
}  // namespace tenantry::cli
