// /auth/v1/admin: what administrators of a tenant may do with accounts, and what they must not with
// those of people whom other tenants know as well.

#include "auth_fixture.hpp"

#include <gmock/gmock.h>
#include <boost/json/serialize.hpp>

namespace tenantry::e2e {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;
using ::testing::Not;

class AuthAdminTest : public AuthTest {
protected:
    Answer admin(std::string method, std::string target, std::string body = {},
                 std::string_view of = "acme", std::string_view role = "admin") const {
        return auth(std::move(method), "admin/users" + std::move(target), std::move(body),
                    token(of, role));
    }
    std::string make(std::string_view email, std::string_view more = "",
                     std::string_view of = "acme") const {
        const auto made = admin("POST", "", fmt::format(R"({{"email":"{}"{}}})", email, more), of);
        EXPECT_EQ(made.status, 200) << made.body;
        return std::string{object(made).at("id").as_string()};
    }
};

constexpr auto with_password = R"(,"password":"correct horse","email_confirm":true)";

TEST_F(AuthAdminTest, MakesReadsChangesAndRemovesMembers) {
    const auto id = make("Ann@acme.example",
                         R"(,"password":"correct horse","email_confirm":true,
                             "user_metadata":{"a":1},"app_metadata":{"tenant_role":"operator"})");
    const auto signed_in = session(sign_in("ann@acme.example", "correct horse"));
    EXPECT_EQ(signed_in.user.at("app_metadata").at("tenant_role"), "operator");
    const auto read = object(admin("GET", "/" + id));
    EXPECT_EQ(read.at("email"), "ann@acme.example");
    EXPECT_EQ(json::serialize(read.at("user_metadata")), R"({"a":1})");
    EXPECT_EQ(outcome(admin("PUT", "/" + id, R"({"password":"battery staple",
                                                 "user_metadata":{"a":null,"b":2}})")),
              "200");
    EXPECT_EQ(outcome(auth("GET", "user", "", signed_in.access)), "403 session_not_found");
    EXPECT_EQ(outcome(sign_in("ann@acme.example", "battery staple")), "200");
    EXPECT_EQ(outcome(admin("DELETE", "/" + id)), "200");
    EXPECT_EQ(outcome(admin("GET", "/" + id)), "404 user_not_found");
    EXPECT_EQ(outcome(sign_in("ann@acme.example", "battery staple")), "403 not_a_member");
}

TEST_F(AuthAdminTest, ListsInPagesWithLinks) {
    for (const auto* name : {"a", "b", "c"}) make(fmt::format("{}@acme.example", name));
    make("x@birch.example", "", "birch");
    const auto first = admin("GET", "?page=1&per_page=2");
    EXPECT_EQ(first.header("x-total-count"), "3");
    EXPECT_EQ(first.header("link"),
              "</admin/users?page=2&per_page=2>; rel=\"next\", "
              "</admin/users?page=2&per_page=2>; rel=\"last\"");
    EXPECT_EQ(object(first).at("users").as_array().size(), 2U);
    const auto second = object(admin("GET", "?page=2&per_page=2"));
    ASSERT_EQ(second.at("users").as_array().size(), 1U);
    EXPECT_EQ(second.at("users").at(0).at("email"), "c@acme.example");
    EXPECT_EQ(second.at("aud"), "authenticated");
    for (const auto* bad : {"?page=0", "?page=x", "?per_page=1001"})
        EXPECT_EQ(outcome(admin("GET", bad)), "400 validation_failed") << bad;
}

TEST_F(AuthAdminTest, IsForAdministratorsWithinTheirOwnRank) {
    EXPECT_EQ(outcome(admin("GET", "", "", "acme", "operator")), "403 not_admin");
    EXPECT_EQ(outcome(auth("GET", "admin/users")), "401 no_authorization");
    EXPECT_EQ(outcome(admin("POST", "", R"({"email":"a@b.example",
                                           "app_metadata":{"tenant_role":"owner"}})")),
              "403 role_insufficient");
    EXPECT_EQ(outcome(admin("POST", "", R"({"email":"a@b.example",
                                           "app_metadata":{"tenant_id":"birch"}})")),
              "403 tenant_mismatch");
    EXPECT_EQ(outcome(admin("POST", "", R"({"email":"a@b.example","password":"short"})")),
              "422 weak_password");
    EXPECT_EQ(outcome(admin("POST", "", R"({"email":"no address"})")), "400 email_address_invalid");
    EXPECT_EQ(outcome(admin("GET", "/x")), "400 validation_failed");
    make("a@b.example");
    EXPECT_EQ(outcome(admin("POST", "", R"({"email":"A@b.example"})")), "422 email_exists");
    EXPECT_EQ(outcome(auth("POST", "invite", R"({"email":"a@b.example"})", token("acme"))),
              "422 signup_disabled")
        << "no mail is sent here";
}

TEST_F(AuthAdminTest, OthersMembersAreNotThere) {
    const auto id = make("x@birch.example", with_password, "birch");
    for (const auto* method : {"GET", "PUT", "DELETE"}) {
        const auto answer = admin(method, "/" + id, std::string_view{method} == "PUT" ? "{}" : "");
        EXPECT_EQ(outcome(answer), "404 user_not_found") << method;
        EXPECT_EQ(answer.bytes, admin(method, fmt::format("/{}", id_of_nobody),
                                      std::string_view{method} == "PUT" ? "{}" : "")
                                    .bytes);
    }
    EXPECT_EQ(outcome(sign_in("x@birch.example", "correct horse")), "200");
}

// What one tenant's administrator sets must never open the door to another.
TEST_F(AuthAdminTest, AnAccountThatOneTenantMadeOpensNoOther) {
    make_lead("birch");
    const auto id = make("boss@birch.example", with_password);
    EXPECT_EQ(outcome(sign_in("boss@birch.example", "correct horse")), "200");
    control().create_member(tenant("birch"), "boss@birch.example", "", Role::owner).value();
    EXPECT_EQ(outcome(sign_in("boss@birch.example", "correct horse", "birch")), "403 not_a_member");
    // The password that acme knows goes as soon as the person shows up.
    session(verify("invite", link("boss@birch.example", "birch", Role::owner)));
    EXPECT_EQ(outcome(sign_in("boss@birch.example", "correct horse", "acme")),
              "400 invalid_credentials");
    // And from then on the account is the person's.
    EXPECT_EQ(outcome(admin("PUT", "/" + id, R"({"password":"battery staple"})")),
              "403 role_insufficient");
}

TEST_F(AuthAdminTest, WhoHasAnAccountAlreadyJoinsWithIt) {
    const auto own = join("ann@acme.example", "acme", "correct horse", Role::owner);
    const auto id = make("ann@acme.example",
                         R"(,"password":"battery staple","email_confirm":true,
                             "user_metadata":{"stolen":true})",
                         "birch");
    EXPECT_EQ(id, own.id());
    EXPECT_EQ(outcome(sign_in("ann@acme.example", "battery staple", "acme")),
              "400 invalid_credentials");
    const auto here = session(sign_in("ann@acme.example", "correct horse", "birch"));
    EXPECT_EQ(here.user.at("app_metadata").at("tenant_role"), "viewer");
    EXPECT_EQ(json::serialize(here.user.at("user_metadata")), "{}");
    // Each of the two sees its own membership alone.
    EXPECT_THAT(admin("GET", "/" + id, "", "birch").body, Not(HasSubstr("acme\"")));
    EXPECT_THAT(admin("GET", "/" + id, "", "acme").body, Not(HasSubstr("birch")));
    EXPECT_EQ(outcome(admin("DELETE", "/" + id, "", "birch")), "200");
    EXPECT_EQ(outcome(sign_in("ann@acme.example", "correct horse")), "200");
    EXPECT_EQ(outcome(admin("DELETE", "/" + id, "", "acme")), "409 conflict") << "the last owner";
}

TEST_F(AuthAdminTest, WithoutConfirmationNobodySignsIn) {
    const auto id = make("ann@acme.example", R"(,"password":"correct horse")");
    EXPECT_EQ(outcome(sign_in("ann@acme.example", "wrong horse")), "400 invalid_credentials");
    EXPECT_EQ(outcome(sign_in("ann@acme.example", "correct horse")), "400 email_not_confirmed");
    EXPECT_EQ(outcome(admin("PUT", "/" + id, R"({"email_confirm":true})")), "200");
    EXPECT_EQ(outcome(sign_in("ann@acme.example", "correct horse")), "200");
}

}  // namespace
}  // namespace tenantry::e2e
