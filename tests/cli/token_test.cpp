#include "auth/token.hpp"

#include "program_test.hpp"

#include <sys/stat.h>

#include <algorithm>

namespace tenantry::cli {
namespace {

constexpr const char* secret = "a secret for tests, 32 bytes or more";

class Tokens : public ProgramTest {
protected:
    void SetUp() override {
        environment_["TENANTRY_JWT_SECRET"] = secret;
        done({"tenant", "create", "acme"});
        const auto made = done_json({"user", "create", "--tenant", "acme", "--email",
                                     "ann@acme.example", "--role", "admin"});
        ann_ = made.at("id").as_string();
    }

    static Arguments token(Arguments more) {
        more.insert(more.begin(), {"token", "--tenant", "acme", "--user"});
        return more;
    }

    /// What a printed token says to those who know `key`.
    static auth::Claims claims_of(std::string_view printed, std::string_view key = secret) {
        EXPECT_TRUE(printed.ends_with('\n'));
        EXPECT_EQ(std::ranges::count_if(printed, [](char c) { return c == '\n' || c == ' '; }), 1)
            << "a token and nothing else";
        const auth::TokenVerifier verifier{auth::Secret::parse(key).value()};
        const auto claims =
            verifier.verify(printed.substr(0, printed.size() - 1), system_clock().now());
        if (!claims) {
            ADD_FAILURE() << claims.error().message;
            return {};
        }
        return **claims;
    }

    std::string ann_;
};

TEST_F(Tokens, OfAMemberNameThemByIdWithTheirRole) {
    const auto claims = claims_of(done(token({"ann@acme.example"})));
    EXPECT_EQ(claims.subject, ann_);
    ASSERT_TRUE(claims.tenant);
    EXPECT_EQ(claims.tenant->text(), "acme");
    EXPECT_EQ(claims.role, "admin");
    for (const std::string& same : {std::string{"ANN@acme.example"}, ann_}) {
        EXPECT_EQ(claims_of(done(token({same}))).subject, ann_);
    }
}

TEST_F(Tokens, HoldAsLongAsAsked) {
    const auto holds_for = [&](const Arguments& more) {
        const auto before = std::chrono::floor<std::chrono::seconds>(system_clock().now());
        const auto claims = claims_of(done(token(more)));
        const auto after = system_clock().now();
        return std::pair{claims.expires_at - after, claims.expires_at - before};
    };
    for (const auto& [text, seconds] : std::initializer_list<std::pair<const char*, int>>{
             {"90s", 90}, {"15m", 900}, {"12h", 43'200}, {"7d", 604'800}}) {
        const auto [least, most] = holds_for({"ann@acme.example", "--expires", text});
        EXPECT_LE(least, std::chrono::seconds{seconds}) << text;
        EXPECT_GE(most, std::chrono::seconds{seconds}) << text;
    }
    const auto [least, most] = holds_for({"ann@acme.example"});
    EXPECT_LE(least, std::chrono::hours{1});
    EXPECT_GE(most, std::chrono::hours{1});
}

TEST_F(Tokens, RefuseBadDurations) {
    for (const char* text : {"", "90", "soon", "-1h", "1.5h", "0s", "999ms", "9999d"}) {
        EXPECT_TRUE(
            holds(refused(2, token({"ann@acme.example", "--expires", text})), {"--expires: "}))
            << text;
    }
}

TEST_F(Tokens, NeverExceedTheMembersRole) {
    EXPECT_EQ(claims_of(done(token({"ann@acme.example", "--role", "viewer"}))).role, "viewer");
    EXPECT_TRUE(holds(refused(1, token({"ann@acme.example", "--role", "owner"})),
                      {"is admin in tenant acme", "leave --role out"}));
    EXPECT_TRUE(holds(refused(2, token({"ann@acme.example", "--role", "king"})), {"--role: "}));
}

TEST_F(Tokens, AreMadeForSubjectsFromElsewhere) {
    const auto claims = claims_of(done(token({"auth0|42", "--role", "operator"})));
    EXPECT_EQ(claims.subject, "auth0|42");
    EXPECT_EQ(claims.role, "operator");
    EXPECT_TRUE(holds(refused(1, token({"auth0|42"})), {"--role ROLE"}));
}

TEST_F(Tokens, AreNotMadeForUsersWhoAreNoMembers) {
    EXPECT_TRUE(holds(refused(1, token({"bob@acme.example", "--role", "viewer"})),
                      {"tenant acme has no user bob@acme.example",
                       "tenantry user create --tenant acme --email bob@acme.example"}));
    done({"tenant", "create", "beta"});
    const auto bob = done_json(
        {"user", "create", "--tenant", "beta", "--email", "bob@beta.example", "--role", "viewer"});
    EXPECT_TRUE(
        holds(refused(1, token({std::string{bob.at("id").as_string()}, "--role", "viewer"})),
              {"no member of tenant acme"}));
}

TEST_F(Tokens, AreSignedWithASecretMadeOnFirstUse) {
    environment_.clear();
    const auto first = run(token({"ann@acme.example"}));
    EXPECT_EQ(first.code, 0);
    EXPECT_EQ(first.err, "tenantry: made a secret to sign tokens with: tenantry.db.jwt-secret\n");
    const auto own = path("tenantry.db.jwt-secret");
    EXPECT_EQ(std::filesystem::status(own).permissions(), std::filesystem::perms{0600});
    auto key = support::read_file(own);
    ASSERT_GE(key.size(), 44U);
    key.pop_back();
    EXPECT_EQ(claims_of(first.out, key).subject, ann_);
    EXPECT_EQ(claims_of(done(token({"ann@acme.example"})), key).subject, ann_)
        << "and with the same the second time";
}

TEST_F(Tokens, AreNotSignedWithASecretThatOthersCanRead) {
    environment_.clear();
    support::write_file(path("tenantry.db.jwt-secret"), secret);
    ASSERT_EQ(::chmod(path("tenantry.db.jwt-secret").c_str(), 0644), 0);
    EXPECT_TRUE(holds(refused(2, token({"ann@acme.example"})),
                      {"can be read by others", "chmod 600 tenantry.db.jwt-secret"}));
}

TEST_F(Tokens, AreSignedWithTheFileThatIsNamed) {
    environment_.clear();
    support::write_file(path("key"), std::string{secret} + "\n");
    ASSERT_EQ(::chmod(path("key").c_str(), 0600), 0);
    EXPECT_EQ(claims_of(done(token({"ann@acme.example", "--jwt-secret-file", "key"}))).subject,
              ann_);
    EXPECT_TRUE(holds(refused(2, token({"ann@acme.example", "--jwt-secret-file", "gone"})),
                      {"no secret file gone", "--jwt-secret-file"}));
    EXPECT_FALSE(std::filesystem::exists(path("gone")));
}

}  // namespace
}  // namespace tenantry::cli
