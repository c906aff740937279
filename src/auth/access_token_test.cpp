#include "auth/access_token.hpp"

#include "auth/token.hpp"
#include "base/text.hpp"
#include "jws.hpp"
#include "test_tokens.hpp"

#include <gmock/gmock.h>

namespace tenantry::auth {
namespace {

using std::chrono::microseconds;
using test_tokens::at_second;
using test_tokens::make_secret;

AccessToken make_token() {
    return {.subject = "8a7d2f9e-0c55-4f6e-9d2a-51e1f0b6c001",
            .email = "ann@acme.example",
            .tenant = TenantId::parse("acme").value(),
            .session = parse_uuid("01890a5d-ac96-774b-bcce-b302099a8057").value(),
            .app_metadata = R"({"provider":"email","tenant_id":"birch"})",
            .user_metadata = R"( {"name":"Ann \"A\"", "role":"owner"} )",
            .issuer = "https://api.example/auth/v1",
            .authenticated_at = at_second(90),
            .issued_at = at_second(100) + microseconds{999'999},
            .expires_at = at_second(3700) + microseconds{999'999}};
}

Claims claims_of(const AccessToken& token) {
    return {.subject = token.subject,
            .tenant = token.tenant,
            .role = token.role,
            .expires_at = at_second(3700),
            .session = token.session};
}

TEST(AccessTokens, ClaimsAreThoseOfSupabase) {
    EXPECT_EQ(
        print_claims(make_token()).value(),
        R"({"iss":"https://api.example/auth/v1","sub":"8a7d2f9e-0c55-4f6e-9d2a-51e1f0b6c001",)"
        R"("aud":"authenticated","exp":3700,"iat":100,"email":"ann@acme.example","phone":"",)"
        R"("app_metadata":{"provider":"email","tenant_id":"acme"},)"
        R"("user_metadata": {"name":"Ann \"A\"", "role":"owner"} ,"role":"authenticated",)"
        R"("aal":"aal1","amr":[{"method":"password","timestamp":90}],)"
        R"("session_id":"01890a5d-ac96-774b-bcce-b302099a8057","is_anonymous":false,)"
        R"("tenant_id":"acme"})");
}

TEST(AccessTokens, VerifiedTheySayTheSame) {
    TokenVerifier verifier{make_secret()};
    const auto pair = SigningKeyPair::make();
    verifier.trust(KeySet::make({{.key = pair.public_key()}}).value());
    for (const auto* signer : {&pair, static_cast<const SigningKeyPair*>(nullptr)}) {
        const auto token = verifier.issue_access_token(make_token(), signer).value();
        EXPECT_EQ(*verifier.verify(token, at_second(100)).value(), claims_of(make_token()));
        const auto header = parse_header(split_compact(token)->header).value();
        EXPECT_EQ(header.algorithm, signer != nullptr ? Algorithm::es256 : Algorithm::hs256);
    }
}

TEST(AccessTokens, WithoutATenantTheyNameNone) {
    const TokenVerifier verifier{make_secret()};
    auto token = make_token();
    token.tenant.reset();
    EXPECT_EQ(*verifier.verify(verifier.issue_access_token(token).value(), at_second(100)).value(),
              claims_of(token));
}

TEST(AccessTokens, WhatNobodyCouldVerifyIsNotIssued) {
    const TokenVerifier verifier{make_secret()};
    const auto refusal = [&](auto change) {
        auto token = make_token();
        change(token);
        const auto refused = verifier.issue_access_token(token);
        EXPECT_TRUE(refused.has_error());
        EXPECT_EQ(refused.error().code, Errc::bad_value);
        return refused.error().field;
    };
    for (const auto* metadata :
         {"", "null", "[]", "{} x", R"({},"role":"owner")", R"({"a":1,"a":2})",
          R"({"a":{"b":1,"b":1}})", "{\"a\":\"\xFF\"}"}) {
        EXPECT_EQ(refusal([&](AccessToken& token) { token.user_metadata = metadata; }),
                  "user_metadata");
        EXPECT_EQ(refusal([&](AccessToken& token) { token.app_metadata = metadata; }),
                  "app_metadata");
    }
    std::string deep = R"({"a":)" + std::string(31, '[') + std::string(31, ']') + '}';
    EXPECT_EQ(refusal([&](AccessToken& token) { token.user_metadata = deep; }), "");
    const auto big = R"({"a":")" + std::string(16'000, 'x') + "\"}";
    EXPECT_EQ(refusal([&](AccessToken& token) { token.user_metadata = big; }), "");
    EXPECT_EQ(refusal([](AccessToken& token) { token.subject = ""; }), "");
    EXPECT_EQ(refusal([](AccessToken& token) { token.role = ""; }), "");
    EXPECT_EQ(refusal([](AccessToken& token) { token.email = "\xFF"; }), "email");
    EXPECT_EQ(refusal([](AccessToken& token) { token.issuer = std::string(1, '\0'); }), "issuer");
}

}  // namespace
}  // namespace tenantry::auth
