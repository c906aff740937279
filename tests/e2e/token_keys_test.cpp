// Keys that access tokens are signed with, the server's own and others', while it runs.

#include "auth_fixture.hpp"
#include "base/text.hpp"
#include "server/signing_keys_file.hpp"

#include <fstream>
#include <thread>

namespace tenantry::e2e {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

class TokenKeysTest : public AuthTest {
protected:
    std::filesystem::path beside(std::string_view name) const {
        return options().engine.path.parent_path() / name;
    }
    json::array published() const {
        return object(auth("GET", ".well-known/jwks.json")).at("keys").as_array();
    }
    /// The `alg` and `kid` of a token.
    static json::object header_of(const std::string& token) {
        std::string text;
        EXPECT_TRUE(decode_base64url(token.substr(0, token.find('.')), text));
        return json::parse(text).as_object();
    }
};

TEST_F(TokenKeysTest, TheServerFollowsTheFileOfItsKeys) {
    auto wanted = options();
    wanted.signing_keys_file = beside("signing-keys");
    start(wanted);
    EXPECT_TRUE(published().empty());
    const auto by_secret = join("ann@acme.example", "acme", "correct horse");
    EXPECT_EQ(header_of(by_secret.access).at("alg"), "HS256");

    const auto kid =
        server::rotate_signing_keys(wanted.signing_keys_file, system_clock().now(), 1h).value();
    while (published().empty()) std::this_thread::sleep_for(50ms);
    EXPECT_EQ(published()[0].at("kid").as_string(), kid);
    EXPECT_FALSE(published()[0].as_object().contains("d"));
    const auto by_pair = session(sign_in("ann@acme.example", "correct horse"));
    EXPECT_EQ(header_of(by_pair.access).at("alg"), "ES256");
    EXPECT_EQ(header_of(by_pair.access).at("kid").as_string(), kid);
    EXPECT_EQ(leads_seen(by_pair.access), 0U);
    EXPECT_EQ(leads_seen(by_secret.access), 0U) << "the secret's hold on";

    EXPECT_TRUE(server::revoke_signing_key(wanted.signing_keys_file, kid, system_clock().now()));
    while (!published().empty()) std::this_thread::sleep_for(50ms);
    EXPECT_EQ(ask({.target = "/rest/v1/leads", .token = by_pair.access}).status, 401);
    EXPECT_EQ(outcome(auth("GET", "user", "", by_pair.access)), "403 bad_jwt");
    EXPECT_EQ(outcome(refresh(by_pair.refresh)), "200") << "the session goes on";

    // What can't be read changes nothing, and is said.
    const auto next =
        server::rotate_signing_keys(wanted.signing_keys_file, system_clock().now(), 1h).value();
    while (published().empty()) std::this_thread::sleep_for(50ms);
    std::ofstream{wanted.signing_keys_file} << "{";
    wait_for_log("signing keys stay");
    EXPECT_EQ(published()[0].at("kid").as_string(), next);
}

TEST_F(TokenKeysTest, OthersTokensAreTakenForWhatTheirIssuerMaySay) {
    make_lead("acme");
    const auto pair = auth::SigningKeyPair::make();
    std::ofstream{beside("jwks.json")} << R"({"keys":[)" << pair.public_jwk() << "]}";
    auto wanted = options();
    wanted.issuers = {{.issuer = {.issuer = "https://id.example",
                                  .audience = "crm",
                                  .algorithms = {auth::Algorithm::es256},
                                  .tenant_claim = "org.tenant"},
                       .jwks_file = beside("jwks.json")}};
    start(wanted);
    const auto signed_token = [&](std::string_view issuer, std::string_view audience,
                                  std::string_view claims) {
        return pair.sign(fmt::format(R"({{"iss":"{}","aud":"{}","sub":"u1","exp":4000000000{}}})",
                                     issuer, audience, claims));
    };
    const auto status = [&](const std::string& token) {
        return ask({.target = "/rest/v1/leads?select=id", .token = token}).status;
    };
    constexpr auto of_acme = R"(,"org":{"tenant":"acme"},"role":"owner")";
    const auto good = signed_token("https://id.example", "crm", of_acme);
    EXPECT_EQ(leads_seen(good), 1U);
    EXPECT_EQ(status(signed_token("https://id.example", "other", of_acme)), 401);
    EXPECT_EQ(status(signed_token("https://other.example", "crm", of_acme)), 401);
    EXPECT_EQ(status(signed_token("https://id.example", "crm", R"(,"tenant_id":"acme")")), 403)
        << "not the claim that names the tenant";
    // Nobody else makes an administrator, or a session here.
    EXPECT_EQ(outcome(auth("GET", "admin/users", "", good)), "403 not_admin");
    EXPECT_EQ(outcome(auth("GET", "user", "", good)), "403 bad_jwt");
    EXPECT_EQ(ask({.target = "/rest/v1/leads", .token = good, .headers = "x-tenant-id: birch\r\n"})
                  .status,
              403);
}

}  // namespace
}  // namespace tenantry::e2e
