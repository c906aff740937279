// Whose keys a TokenVerifier takes for which tokens, and for how long.

#include "auth/token.hpp"
#include "base/text.hpp"
#include "jws.hpp"
#include "test_keys.hpp"
#include "test_tokens.hpp"

#include <gmock/gmock.h>
#include <openssl/bn.h>

namespace tenantry::auth {
namespace {

using test_keys::ForeignKey;
using test_tokens::at_second;
using test_tokens::hand_signed;
using test_tokens::make_secret;
using ::testing::HasSubstr;

constexpr std::string_view issuer = "https://login.example";
constexpr std::string_view plain_claims =
    R"({"iss":"https://login.example","aud":"api","sub":"ann","exp":1000})";

PublicKey public_key(const ForeignKey& key) { return PublicKey::parse(key.jwk()).value(); }

class TrustedKeysTest : public ::testing::Test {
protected:
    /// Trusts what stands in `own` and `foreign`.
    void trust() { verifier.trust(KeySet::make(own, foreign).value()); }
    void trust_issuer(std::vector<PublicKey> keys, std::string tenant_claim = "") {
        foreign = {{.issuer = std::string{issuer},
                    .audience = "api",
                    .algorithms = {Algorithm::es256, Algorithm::rs256, Algorithm::eddsa},
                    .tenant_claim = std::move(tenant_claim),
                    .keys = std::move(keys)}};
        trust();
    }
    /// The subject, or the code of the refusal. It asks twice: the second time what is remembered.
    std::string ask(std::string_view token, int second = 1) {
        const auto first = verifier.verify(token, at_second(second));
        const auto again = verifier.verify(token, at_second(second));
        EXPECT_EQ(first.has_value(), again.has_value());
        if (!first) {
            EXPECT_EQ(first.error(), again.error());
            return std::string{code_of(first.error().code)};
        }
        EXPECT_EQ(**first, **again);
        return (*first)->subject;
    }
    /// What the claims between the braces of an issuer's token with `sub` and `exp` read as.
    Result<std::shared_ptr<const Claims>> claims_of(std::string_view more) {
        return verifier.verify(
            key.token(std::string{plain_claims.substr(0, plain_claims.size() - 1)} +
                      std::string{more} + '}'),
            at_second(1));
    }

    TokenVerifier verifier{make_secret()};
    std::vector<OwnKey> own;
    std::vector<ForeignIssuer> foreign;
    const ForeignKey key = ForeignKey::es256("k");
};

TEST_F(TrustedKeysTest, NothingButTheSecretIsTrustedAtFirst) {
    const auto pair = SigningKeyPair::make();
    EXPECT_EQ(ask(pair.sign(R"({"sub":"u","exp":1000})")), "token_invalid");
    EXPECT_EQ(ask(key.token(plain_claims)), "token_invalid");
    EXPECT_EQ(ask(hand_signed(R"({"alg":"HS256"})", R"({"sub":"u","exp":1000})")), "u");
}

TEST_F(TrustedKeysTest, OwnTokensAreReadAsThoseOfTheSecret) {
    const auto pair = SigningKeyPair::make();
    own = {{.key = pair.public_key()}};
    trust();
    const auto token = pair.sign(
        R"({"iss":"whoever","aud":"whatever","sub":"u","tenant_id":"acme","role":"owner",)"
        R"("session_id":"01890A5D-ac96-774b-bcce-b302099a8057","exp":1000})");
    EXPECT_EQ(*verifier.verify(token, at_second(1)).value(),
              (Claims{.subject = "u",
                      .tenant = TenantId::parse("acme").value(),
                      .role = "owner",
                      .expires_at = at_second(1000),
                      .session = parse_uuid("01890a5d-ac96-774b-bcce-b302099a8057").value()}));
    EXPECT_EQ(ask(token, 1000), "token_expired");
    EXPECT_EQ(ask(pair.sign(R"({"sub":"u"})")), "token_invalid");
    EXPECT_EQ(ask(SigningKeyPair::make().sign(R"({"sub":"u","exp":1000})")), "token_invalid");
}

TEST_F(TrustedKeysTest, EveryAlgorithmOfOthersIsVerified) {
    const auto rsa = ForeignKey::rs256("r");
    const auto edwards = ForeignKey::eddsa("d");
    trust_issuer({public_key(key), public_key(rsa), public_key(edwards)});
    for (const auto* signer : {&key, &rsa, &edwards}) {
        EXPECT_EQ(ask(signer->token(plain_claims)), "https://login.example|ann");
        const auto other = ForeignKey::es256("k").token(plain_claims);
        EXPECT_EQ(ask(other), "token_invalid");  // another key of the same name
    }
}

TEST_F(TrustedKeysTest, EveryChangedCharacterIsNoticed) {
    const auto rsa = ForeignKey::rs256("r");
    const auto edwards = ForeignKey::eddsa("d");
    trust_issuer({public_key(key), public_key(rsa), public_key(edwards)});
    for (const auto* signer : {&key, &rsa, &edwards}) {
        const auto good = signer->token(plain_claims);
        ASSERT_EQ(ask(good), "https://login.example|ann");
        for (std::size_t at = 0; at < good.size(); ++at) {
            for (const char c : {'A', '-', '.', '='}) {
                auto token = good;
                if (token[at] == c) continue;
                token[at] = c;
                ASSERT_EQ(verifier.verify(token, at_second(1)).error().code, Errc::token_invalid)
                    << token;
            }
            ASSERT_FALSE(verifier.verify(good.substr(0, at), at_second(1)));
        }
    }
}

TEST_F(TrustedKeysTest, PublicKeysAreNoSecrets) {
    const auto pair = SigningKeyPair::make();
    own = {{.key = pair.public_key()}};
    const auto rsa = ForeignKey::rs256("r");
    trust_issuer({public_key(key), public_key(rsa)});
    for (const auto& secret :
         {pair.public_jwk(), key.jwk(), rsa.jwk(), public_key(key).jwk(), public_key(rsa).jwk()}) {
        for (const auto& kid : {pair.kid(), std::string{"k"}, std::string{"r"}}) {
            for (const auto* name : {"HS256", "ES256", "RS256", "EdDSA"}) {
                const auto header =
                    R"({"alg":")" + std::string{name} + R"(","kid":")" + kid + R"("})";
                EXPECT_EQ(ask(hand_signed(header, plain_claims, secret)), "token_invalid");
            }
        }
    }
}

TEST_F(TrustedKeysTest, TheAlgorithmIsTheKeys) {
    const auto rsa = ForeignKey::rs256("r");
    trust_issuer({public_key(key), public_key(rsa)});
    for (const auto* signer : {&key, &rsa}) {
        for (const auto* kid : {"k", "r"}) {
            for (const auto* name :
                 {"HS256", "ES256", "RS256", "EdDSA", "none", "ES384", "PS256"}) {
                const bool right = name == signer->algorithm() &&
                                   std::string_view{kid} == (signer == &key ? "k" : "r");
                const auto header =
                    R"({"alg":")" + std::string{name} + R"(","kid":")" + std::string{kid} + R"("})";
                EXPECT_EQ(ask(signer->token(header, plain_claims)),
                          right ? "https://login.example|ann" : "token_invalid")
                    << header;
            }
        }
    }
    foreign.front().algorithms = {Algorithm::rs256};
    trust();
    EXPECT_EQ(ask(key.token(plain_claims)), "token_invalid");
    EXPECT_EQ(ask(rsa.token(plain_claims)), "https://login.example|ann");
}

TEST_F(TrustedKeysTest, AKeyIsFoundByItsNameOrByBeingTheOnlyOne) {
    const auto nameless = R"({"alg":"ES256"})";
    trust_issuer({public_key(key)});
    EXPECT_EQ(ask(key.token(nameless, plain_claims)), "https://login.example|ann");
    for (const auto* header : {R"({"alg":"ES256","kid":"K"})", R"({"alg":"ES256","kid":"k "})",
                               R"({"alg":"ES256","kid":""})", R"({"alg":"ES256","kid":null})",
                               R"({"alg":"ES256","kid":["k"]})"}) {
        EXPECT_EQ(ask(key.token(header, plain_claims)), "token_invalid") << header;
    }
    trust_issuer({public_key(key), public_key(ForeignKey::es256("other"))});
    EXPECT_EQ(ask(key.token(nameless, plain_claims)), "token_invalid");
    trust_issuer({public_key(key), public_key(ForeignKey::rs256("other"))});
    EXPECT_EQ(ask(key.token(nameless, plain_claims)), "https://login.example|ann");
    // A key without a name is nobody's that a token names.
    const auto unnamed = ForeignKey::es256("");
    trust_issuer({public_key(unnamed)});
    EXPECT_EQ(ask(unnamed.token(plain_claims)), "https://login.example|ann");
    EXPECT_EQ(ask(unnamed.token(R"({"alg":"ES256","kid":"k"})", plain_claims)), "token_invalid");
    // Own tokens always name their key.
    const auto pair = SigningKeyPair::make();
    own = {{.key = pair.public_key()}};
    trust();
    const auto token = pair.sign(R"({"sub":"u","exp":1000})");
    EXPECT_EQ(ask(token), "u");
}

TEST_F(TrustedKeysTest, KeysAreTheirIssuersAlone) {
    const auto second = ForeignKey::es256("second");
    trust_issuer({public_key(key)});
    foreign.push_back(foreign.front());
    foreign.back().issuer = "https://other.example";
    foreign.back().keys = {public_key(second)};
    trust();
    EXPECT_EQ(ask(key.token(plain_claims)), "https://login.example|ann");
    EXPECT_EQ(ask(second.token(plain_claims)), "token_invalid");
    EXPECT_EQ(ask(second.token(R"({"alg":"ES256"})", plain_claims)), "token_invalid");
    EXPECT_EQ(ask(second.token(R"({"iss":"https://other.example","aud":"api","sub":"ann",)"
                               R"("exp":1000})")),
              "https://other.example|ann");
    // One that takes the name of an own key gets nowhere, either.
    const auto pair = SigningKeyPair::make();
    own = {{.key = pair.public_key()}};
    const auto impostor = ForeignKey::es256(pair.kid());
    trust_issuer({public_key(impostor)});
    EXPECT_EQ(ask(impostor.token(plain_claims)), "token_invalid");
}

TEST_F(TrustedKeysTest, IssuerAndAudienceArePinned) {
    trust_issuer({public_key(key)});
    const auto with = [&](std::string_view claims) {
        return ask(key.token(R"({"sub":"ann","exp":1000)" + std::string{claims} + '}'));
    };
    const std::string iss = R"(,"iss":"https://login.example")";
    EXPECT_EQ(with(iss + R"(,"aud":"api")"), "https://login.example|ann");
    EXPECT_EQ(with(iss + R"(,"aud":["x","api","y"])"), "https://login.example|ann");
    for (const auto* aud :
         {R"()", R"(,"aud":"API")", R"(,"aud":"api ")", R"(,"aud":[])", R"(,"aud":["x"])",
          R"(,"aud":["api",1])", R"(,"aud":[["api"]])", R"(,"aud":null)", R"(,"aud":{"api":1})",
          R"(,"aud":"api","aud":"api")"}) {
        EXPECT_EQ(with(iss + aud), "token_invalid") << aud;
    }
    for (const auto* other :
         {R"()", R"(,"iss":"https://login.example/")", R"(,"iss":"HTTPS://login.example")",
          R"(,"iss":["https://login.example"])", R"(,"iss":null)", R"(,"iss":"")"}) {
        EXPECT_EQ(with(other + std::string{R"(,"aud":"api")"}), "token_invalid") << other;
    }
}

TEST_F(TrustedKeysTest, TokensOfOthersNeedASubjectAndAnExpiry) {
    trust_issuer({public_key(key)});
    for (const auto* claims : {R"("sub":"ann")", R"("exp":1000)", R"("exp":1000,"role":"anon")",
                               R"("exp":1000,"role":"service_role")", R"("sub":"","exp":1000)"}) {
        EXPECT_EQ(ask(key.token(R"({"iss":"https://login.example","aud":"api",)" +
                                std::string{claims} + '}')),
                  "token_invalid")
            << claims;
    }
    EXPECT_EQ(ask(key.token(plain_claims), 1000), "token_expired");
}

TEST_F(TrustedKeysTest, SubjectsOfOthersAreNobodysHere) {
    trust_issuer({public_key(key)});
    const auto subject_of = [&](const std::string& sub) {
        return ask(key.token(R"({"iss":"https://login.example","aud":"api","exp":1000,"sub":")" +
                             sub + "\"}"));
    };
    EXPECT_EQ(subject_of("8a7d2f9e-0c55-4f6e-9d2a-51e1f0b6c001"),
              "https://login.example|8a7d2f9e-0c55-4f6e-9d2a-51e1f0b6c001");
    EXPECT_EQ(subject_of("auth0|1"), "https://login.example|auth0|1");
    const std::string longest(255 - issuer.size() - 1, 's');
    EXPECT_EQ(subject_of(longest), "https://login.example|" + longest);
    const auto hashed = subject_of(longest + 's');
    EXPECT_EQ(hashed.substr(0, 7), "sha256:");
    EXPECT_EQ(hashed.size(), 7U + 43U);
    EXPECT_NE(subject_of(longest + 't'), hashed);
}

TEST_F(TrustedKeysTest, RolesOfOthersGoNoHigherThanAuthenticated) {
    trust_issuer({public_key(key)});
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"authenticated", "authenticated"},
        {"viewer", "viewer"},
        {"anon", "anon"},
        {"owner", "authenticated"},
        {"admin", "authenticated"},
        {"operator", "authenticated"},
        {"service_role", "authenticated"},
        {"Anything", "authenticated"}};
    EXPECT_EQ(claims_of("").value()->role, "");
    for (const auto& [written, read] : cases) {
        EXPECT_EQ(claims_of(R"(,"role":")" + std::string{written} + '"').value()->role, read);
    }
    EXPECT_FALSE(claims_of(R"(,"role":7)"));
}

TEST_F(TrustedKeysTest, TenantsOfOthersComeFromTheirClaimAlone) {
    const auto tenant_of = [&](std::string claim, std::string_view more) -> std::string {
        trust_issuer({public_key(key)}, std::move(claim));
        const auto claims = claims_of(more);
        if (!claims) return std::string{code_of(claims.error().code)};
        return (*claims)->tenant ? (*claims)->tenant->text() : "";
    };
    constexpr std::string_view all =
        R"(,"tenant_id":"a","app_metadata":{"tenant_id":"b","deep":{"er":"c"}},"org":"d",)"
        R"("https://example.com/tenant":"e","x.y":"f","x":{"y":"g"})";
    EXPECT_EQ(tenant_of("", all), "");
    EXPECT_EQ(tenant_of("tenant_id", all), "a");
    EXPECT_EQ(tenant_of("app_metadata.tenant_id", all), "b");
    EXPECT_EQ(tenant_of("app_metadata.deep.er", all), "c");
    EXPECT_EQ(tenant_of("org", all), "d");
    EXPECT_EQ(tenant_of("https://example.com/tenant", all), "e");
    EXPECT_EQ(tenant_of("x.y", all), "f");
    for (const auto* claim : {"other", "app_metadata.other", "app_metadata.other.deeper", ".", "a.",
                              "..", "https://other.example/tenant"}) {
        EXPECT_EQ(tenant_of(claim, all), "") << claim;
    }
    EXPECT_EQ(tenant_of("app_metadata.tenant_id", R"(,"app_metadata":null)"), "");
    EXPECT_EQ(tenant_of("org.x", all), "token_invalid");  // no object on the way
    for (const auto* value : {"null", "1", "\"\"", "\"a b\"", "[\"a\"]", "{}"}) {
        EXPECT_EQ(tenant_of("org", R"(,"org":)" + std::string{value}), "token_invalid") << value;
    }
}

TEST_F(TrustedKeysTest, SessionsOfOthersAreNone) {
    trust_issuer({public_key(key)});
    for (const auto* session :
         {R"(,"session_id":"01890a5d-ac96-774b-bcce-b302099a8057")", R"(,"session_id":7)"})
        EXPECT_EQ(claims_of(session).value()->session, std::nullopt);
}

TEST_F(TrustedKeysTest, AKeyEndsWhenItIsSaidTo) {
    const auto old = SigningKeyPair::make();
    const auto fresh = SigningKeyPair::make();
    own = {{.key = old.public_key(), .until = at_second(500)}, {.key = fresh.public_key()}};
    trust();
    const auto first = old.sign(R"({"sub":"first","exp":1000})");
    const auto second = fresh.sign(R"({"sub":"second","exp":1000})");
    EXPECT_EQ(ask(first, 499), "first");
    EXPECT_EQ(ask(second, 499), "second");
    EXPECT_EQ(ask(first, 500), "token_invalid");
    EXPECT_EQ(ask(first, 999), "token_invalid");
    EXPECT_EQ(ask(old.sign(R"({"sub":"unseen","exp":1000})"), 500), "token_invalid");
    EXPECT_EQ(ask(second, 999), "second");
    EXPECT_EQ(ask(first, 499), "first");  // a clock set back
}

TEST_F(TrustedKeysTest, RememberedTokensDontOutliveTheirKey) {
    const auto pair = SigningKeyPair::make();
    own = {{.key = pair.public_key()}};
    trust_issuer({public_key(key)});
    const auto ours = pair.sign(R"({"sub":"u","exp":1000})");
    const auto theirs = key.token(plain_claims);
    const auto by_secret = hand_signed(R"({"alg":"HS256"})", R"({"sub":"s","exp":1000})");
    const auto answers = [&] { return ask(ours) + ' ' + ask(theirs) + ' ' + ask(by_secret); };
    EXPECT_EQ(answers(), "u https://login.example|ann s");
    own.clear();
    trust();
    EXPECT_EQ(answers(), "token_invalid https://login.example|ann s");
    foreign.front().keys = {public_key(ForeignKey::es256("k"))};
    trust();
    EXPECT_EQ(answers(), "token_invalid token_invalid s");
    own = {{.key = pair.public_key()}};
    trust_issuer({public_key(key)});
    EXPECT_EQ(answers(), "u https://login.example|ann s");
    foreign.front().audience = "another";
    trust();
    EXPECT_EQ(answers(), "u token_invalid s");
    foreign.clear();
    own.front().until = at_second(1);
    trust();
    EXPECT_EQ(answers(), "token_invalid token_invalid s");
}

TEST_F(TrustedKeysTest, TrustingTheSameAgainForgetsNothing) {
    trust_issuer({public_key(key)});
    const auto token = key.token(plain_claims);
    const auto first = verifier.verify(token, at_second(1)).value();
    trust_issuer({public_key(key)});
    EXPECT_EQ(verifier.verify(token, at_second(1)).value(), first);  // the same object
    trust_issuer({public_key(key)}, "org");
    const auto second = verifier.verify(token, at_second(1)).value();
    EXPECT_NE(second, first);
    EXPECT_EQ(verifier.verify(token, at_second(1)).value(), second);
}

}  // namespace
}  // namespace tenantry::auth
