#include "auth/token.hpp"

#include "base/text.hpp"
#include "jws.hpp"
#include "test_tokens.hpp"
#include "token_cache.hpp"

#include <gmock/gmock.h>

#include <vector>

namespace tenantry::auth {
namespace {

using std::chrono::microseconds;
using test_tokens::at_second;
using test_tokens::hand_signed;
using test_tokens::hand_signed_parts;
using test_tokens::make_secret;
using test_tokens::plain_header;
using test_tokens::test_secret;
using ::testing::HasSubstr;
using ::testing::Not;

// Made with Python's hmac, hashlib and base64 under test_secret:
//     text = b64(header) + b"." + b64(payload)
//     text + b"." + b64(hmac.new(secret, text, hashlib.sha256).digest())
// {"sub":"8a7d2f9e-0c55-4f6e-9d2a-51e1f0b6c001","tenant_id":"acme","role":"operator",
//  "iat":1767225600,"exp":1767229200}
constexpr std::string_view golden_issued =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
    ".eyJzdWIiOiI4YTdkMmY5ZS0wYzU1LTRmNmUtOWQyYS01MWUxZjBiNmMwMDEiLCJ0ZW5hbnRfaWQiOiJhY21lIiwicm9sZ"
    "SI6Im9wZXJhdG9yIiwiaWF0IjoxNzY3MjI1NjAwLCJleHAiOjE3NjcyMjkyMDB9"
    ".k4ExoJ66yTJeESY1s_wO4p55pgcAmiCGLVSqMfHiQ2w";
// {"kid":"k1","typ":"jwt","alg":"HS256"}, and as Supabase writes claims: exp with a fraction, nbf,
// tenant in app_metadata, another in user_metadata, a subject with an escape and without.
constexpr std::string_view golden_supabase =
    "eyJraWQiOiJrMSIsInR5cCI6Imp3dCIsImFsZyI6IkhTMjU2In0"
    ".eyJhdWQiOiJhdXRoZW50aWNhdGVkIiwiZXhwIjoxNzY3MjI5MjAwLjc1LCJuYmYiOjE3NjcyMjU2MDAsImlhdCI6Imlnb"
    "m9yZWQiLCJzdWIiOiJKXHUwMGY2cmcg4pyTIiwiYXBwX21ldGFkYXRhIjp7InByb3ZpZGVyIjoiZW1haWwiLCJ0ZW5hbnR"
    "faWQiOiJnbG9iZXgifSwidXNlcl9tZXRhZGF0YSI6eyJ0ZW5hbnRfaWQiOiJhY21lIn0sInJvbGUiOiJhdXRoZW50aWNhd"
    "GVkIn0"
    ".OEtUBjZRLGXHYH_i_4qM6BwWHsM-YAfWvikIcr4W8CE";
// {"alg":"HS256"} and {"sub":"x","exp":1767229200} between two spaces.
constexpr std::string_view golden_bare =
    "eyJhbGciOiJIUzI1NiJ9"
    ".IHsic3ViIjoieCIsImV4cCI6MTc2NzIyOTIwMH0g"
    ".CBp_axOeAAToIfCMYwBAODBr5arkREbPjYeMzpo4oJ8";
// {"alg":"HS384","typ":"JWT"}, signed with HMAC-SHA384 under the same secret.
constexpr std::string_view golden_hs384 =
    "eyJhbGciOiJIUzM4NCIsInR5cCI6IkpXVCJ9"
    ".eyJzdWIiOiJ4IiwiZXhwIjoxNzY3MjI5MjAwfQ"
    ".Wglo18pX3vWZ77me1aP33Q6_nUMT_atQsQY1qDOUFHBnahLP8GNbOPA6-GvkNgKV";

constexpr std::int64_t golden_issued_at = 1'767'225'600;
constexpr std::int64_t golden_expires_at = 1'767'229'200;
const Timestamp golden_now = at_second(golden_issued_at + 60);

constexpr std::string_view plain_claims =
    R"({"sub":"u","tenant_id":"acme","role":"viewer","exp":1000})";

/// Checks that `token` is refused, by the code and without repeating anything secret.
void expect_refused(const TokenVerifier& verifier, std::string_view token, Timestamp now,
                    Errc code = Errc::token_invalid) {
    const auto verified = verifier.verify(token, now);
    ASSERT_TRUE(verified.has_error()) << token;
    const Error& error = verified.error();
    EXPECT_EQ(error.code, code) << error.message << "\n" << token;
    EXPECT_THAT(error.message, Not(HasSubstr(test_secret)));
    if (token.size() >= 12) {
        EXPECT_THAT(error.message, Not(HasSubstr(token.substr(0, 12)))) << token;
    }
}

TEST(Token, GoldenTokensAreVerified) {
    const TokenVerifier verifier{make_secret()};
    EXPECT_EQ(*verifier.verify(golden_issued, golden_now).value(),
              (Claims{.subject = "8a7d2f9e-0c55-4f6e-9d2a-51e1f0b6c001",
                      .tenant = TenantId::parse("acme").value(),
                      .role = "operator",
                      .expires_at = at_second(golden_expires_at)}));
    EXPECT_EQ(*verifier.verify(golden_supabase, golden_now).value(),
              (Claims{.subject = "Jörg ✓",
                      .tenant = TenantId::parse("globex").value(),
                      .role = "authenticated",
                      .expires_at = at_second(golden_expires_at) + microseconds{750'000}}));
    EXPECT_EQ(
        *verifier.verify(golden_bare, golden_now).value(),
        (Claims{
            .subject = "x", .tenant = {}, .role = "", .expires_at = at_second(golden_expires_at)}));
}

TEST(Token, ExampleOfTheStandardHasAGoodSignature) {
    // RFC 7515 appendix A.1; its key is given in base64url.
    std::string key_bytes;
    ASSERT_TRUE(decode_base64url(
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
        key_bytes));
    const SigningKey key{make_secret(key_bytes)};
    constexpr std::string_view token =
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
        ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0c"
        "nVlf"
        "Q.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const auto jws = split_compact(token);
    ASSERT_TRUE(jws);
    EXPECT_EQ(parse_header(jws->header).value(),
              (JwsHeader{.algorithm = Algorithm::hs256, .kid = {}}));
    EXPECT_TRUE(key.verifies(*jws));
    EXPECT_FALSE(SigningKey{make_secret()}.verifies(*jws));
}

TEST(Token, IssuedTokenIsTheGoldenOne) {
    const TokenVerifier verifier{make_secret()};
    const Claims claims{.subject = "8a7d2f9e-0c55-4f6e-9d2a-51e1f0b6c001",
                        .tenant = TenantId::parse("acme").value(),
                        .role = "operator",
                        .expires_at = at_second(golden_expires_at) + microseconds{999'999}};
    EXPECT_EQ(verifier.issue(claims, at_second(golden_issued_at)), golden_issued);
}

TEST(Token, IssuedTokensAreVerifiedByWhoHasTheSecret) {
    const TokenVerifier issuer{make_secret()};
    const Claims claims{
        .subject = "Jörg \"✓\"\n", .tenant = {}, .role = "x y", .expires_at = at_second(50)};
    const auto token = issuer.issue(claims, at_second(10));
    EXPECT_EQ(*issuer.verify(token, at_second(10)).value(), claims);
    EXPECT_EQ(*TokenVerifier{make_secret()}.verify(token, at_second(10)).value(), claims);
    for (const std::string& other : {std::string{test_secret} + "x",
                                     std::string{test_secret.substr(0, test_secret.size() - 1)},
                                     std::string(32, 's'), std::string(1024, 's')}) {
        const TokenVerifier stranger{make_secret(other)};
        expect_refused(stranger, token, at_second(10));
        EXPECT_EQ(*stranger.verify(stranger.issue(claims, at_second(10)), at_second(10)).value(),
                  claims);
    }
}

TEST(Token, SecretIsUsedAsItIsWhateverItsBytes) {
    using namespace std::string_view_literals;
    for (const std::string_view secret :
         {"\0\1\2\3\4\5\6\7\0\1\2\3\4\5\6\7\0\1\2\3\4\5\6\7\0\1\2\3\4\5\6\7"sv,
          "dGhpcyBsb29rcyBsaWtlIGJhc2U2NCBidXQgaXMgbm90IGRlY29kZWQ="sv,
          "Jörg's secret with ✓ and \" and \\"sv}) {
        const TokenVerifier verifier{make_secret(secret)};
        EXPECT_TRUE(verifier.verify(hand_signed(plain_header, plain_claims, secret), at_second(1)));
    }
}

TEST(Token, HeaderIsCheckedThoughTheSignatureIsGood) {
    const TokenVerifier verifier{make_secret()};
    for (const std::string_view header :
         {R"({"alg":"HS256"})", R"({"alg":"HS256","typ":"JWT"})", R"({"typ":"jwt","alg":"HS256"})",
          R"({"alg":"HS256","typ":"Jwt","kid":"a","cty":"x","jku":"https://elsewhere"})"}) {
        EXPECT_TRUE(parse_header(encode_base64url(header))) << header;
        EXPECT_TRUE(verifier.verify(hand_signed(header, plain_claims), at_second(1))) << header;
    }
    for (const std::string_view header : {R"({"alg":"none"})",
                                          R"({"alg":"None"})",
                                          R"({"alg":"NONE"})",
                                          R"({"alg":"HS384"})",
                                          R"({"alg":"HS512"})",
                                          R"({"alg":"RS384"})",
                                          R"({"alg":"PS256"})",
                                          R"({"alg":"ES384"})",
                                          R"({"alg":"es256"})",
                                          R"({"alg":"ES256K"})",
                                          R"({"alg":"Ed25519"})",
                                          R"({"alg":"hs256"})",
                                          R"({"alg":"Hs256"})",
                                          R"({"alg":"HS256 "})",
                                          R"({"alg":"HS256\u0000"})",
                                          R"({"alg":""})",
                                          R"({"alg":null})",
                                          R"({"alg":["HS256"]})",
                                          R"({"alg":256})",
                                          R"({"ALG":"HS256"})",
                                          R"({"typ":"JWT"})",
                                          R"({})",
                                          R"("HS256")",
                                          R"([])",
                                          R"(null)",
                                          R"()",
                                          R"({"alg":"HS256","alg":"HS256"})",
                                          R"({"alg":"none","alg":"HS256"})",
                                          R"({"alg":"HS256","alg":"none"})",
                                          R"({"alg":"HS256","\u0061lg":"none"})",
                                          R"({"alg":"HS256","typ":"at+jwt"})",
                                          R"({"alg":"HS256","typ":"JWE"})",
                                          R"({"alg":"HS256","typ":"JWT "})",
                                          R"({"alg":"HS256","typ":null})",
                                          R"({"alg":"HS256","typ":1})",
                                          R"({"alg":"HS256","crit":[]})",
                                          R"({"alg":"HS256","crit":["b64"],"b64":false})",
                                          R"({"alg":"HS256","crit":["exp"]})",
                                          R"({"alg":"HS256","crit":null})",
                                          R"({"alg":"HS256"} x)",
                                          R"({"alg":"HS256")",
                                          R"({"alg":"HS256",})"}) {
        // Also by itself: for most of these the signature would give them away, too.
        EXPECT_FALSE(parse_header(encode_base64url(header))) << header;
        expect_refused(verifier, hand_signed(header, plain_claims), at_second(1));
    }
}

TEST(Token, OtherAlgorithmsOfTheSameSecretAreRefused) {
    const TokenVerifier verifier{make_secret()};
    expect_refused(verifier, golden_hs384, golden_now);
    for (const auto& [name, digest] :
         {std::pair{"HS384", EVP_sha384()}, std::pair{"HS512", EVP_sha512()}}) {
        const auto header = R"({"alg":")" + std::string{name} + R"("})";
        expect_refused(verifier, hand_signed(header, plain_claims, test_secret, digest),
                       at_second(1));
        expect_refused(verifier, hand_signed(plain_header, plain_claims, test_secret, digest),
                       at_second(1));
    }
    const auto none =
        encode_base64url(R"({"alg":"none"})") + '.' + encode_base64url(plain_claims) + '.';
    expect_refused(verifier, none, at_second(1));
    expect_refused(verifier, none + "AAAA", at_second(1));
}

TEST(Token, EveryChangedCharacterIsNoticed) {
    const TokenVerifier verifier{make_secret()};
    ASSERT_TRUE(
        verifier.verify(golden_issued, golden_now));  // cached: the changed ones must not hit it
    for (std::size_t at = 0; at < golden_issued.size(); ++at) {
        for (const char c : {'A', 'B', '-', '=', '.', ' ', '\0', '\xFF'}) {
            std::string token{golden_issued};
            if (token[at] == c) continue;
            token[at] = c;
            expect_refused(verifier, token, golden_now);
        }
        std::string shorter{golden_issued};
        shorter.erase(at, 1);
        expect_refused(verifier, shorter, golden_now);
        expect_refused(verifier, golden_issued.substr(0, at), golden_now);
    }
}

TEST(Token, LastDigitOfEachPartHasOneSpelling) {
    // 'i' and 'h', say, differ in bits that a lax decoder throws away.
    const TokenVerifier verifier{make_secret()};
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (const std::size_t end :
         {golden_bare.find('.'), golden_bare.rfind('.'), golden_bare.size()}) {
        for (const char digit : alphabet) {
            std::string token{golden_bare};
            if (token[end - 1] == digit) continue;
            token[end - 1] = digit;
            expect_refused(verifier, token, golden_now);
        }
    }
}

/// `pattern` with the parts of `token` for 1, 2 and 3.
std::string rearranged(std::string_view pattern, std::string_view token) {
    const CompactJws jws = split_compact(token).value();
    std::string out;
    for (const char c : pattern) {
        switch (c) {
        case '1': out += jws.header; break;
        case '2': out += jws.payload; break;
        case '3': out += jws.signature; break;
        default: out += c;
        }
    }
    return out;
}

TEST(Token, PartsAreThreeAndUnpadded) {
    using namespace std::string_view_literals;
    const TokenVerifier verifier{make_secret()};
    ASSERT_TRUE(verifier.verify(rearranged("1.2.3", golden_bare), golden_now));
    for (const std::string_view pattern :
         {"1.2.3A"sv,  "1.2.3."sv,  "1.2.3.A"sv, "1.2.3="sv,      "1.2.3 "sv,      "1.2.3\n"sv,
          "1.2.3\0"sv, "1.2.3\t"sv, " 1.2.3"sv,  "\n1.2.3"sv,     ".1.2.3"sv,      "Bearer 1.2.3"sv,
          ""sv,        "."sv,       ".."sv,      "..."sv,         "1"sv,           "1.2"sv,
          "1.2."sv,    "1..3"sv,    ".2.3"sv,    "1=.2.3"sv,      "1.2=.3"sv,      "1\n.2.3"sv,
          "1. 2.3"sv,  "1.3.2"sv,   "2.1.3"sv,   "1.2.3.1.2.3"sv, "1.2.3,1.2.3"sv, "1/2/3"sv}) {
        expect_refused(verifier, rearranged(pattern, golden_bare), golden_now);
    }
    // Padded, or in the other base64 alphabet, and signed so: still not the form of a JWT.
    const CompactJws good = split_compact(golden_bare).value();
    for (const auto& [header, payload] : {std::pair{"1=="sv, "2"sv},
                                          {"1"sv, "2="sv},
                                          {"1"sv, "+2"sv},
                                          {"1"sv, "2 "sv},
                                          {""sv, "2"sv},
                                          {"1"sv, ""sv}}) {
        expect_refused(
            verifier,
            hand_signed_parts(rearranged(header, golden_bare), rearranged(payload, golden_bare)),
            golden_now);
    }
    EXPECT_TRUE(verifier.verify(hand_signed_parts(good.header, good.payload), golden_now));
}

TEST(Token, ClaimsAreReadStrictly) {
    const TokenVerifier verifier{make_secret()};
    for (const std::string_view claims :
         {R"({"sub":"u","exp":1000,"exp":2000})", R"({"sub":"u","sub":"v","exp":1000})",
          R"({"sub":"u","exp":1000,"tenant_id":"a","tenant_id":"b"})",
          R"({"sub":"u","exp":1000,"app_metadata":{"tenant_id":"a","tenant_id":"b"}})",
          R"({"sub":"u","exp":1000,"tenant_id":"a","app_metadata":{"tenant_id":"b"}})",
          R"({"sub":"u","exp":"1000"})", R"({"sub":"u"})", R"({"exp":1000})",
          "{\"sub\":\"\xFF\",\"exp\":1000}", R"({"sub":"u","exp":1000}x)",
          R"([{"sub":"u","exp":1000}])", "not json", "\0"}) {
        expect_refused(verifier, hand_signed(plain_header, claims), at_second(1));
    }
}

TEST(Token, SizeIsBounded) {
    const TokenVerifier verifier{make_secret()};
    const auto token_with_padding = [](std::size_t bytes) {
        return hand_signed(plain_header,
                           R"({"sub":"u","exp":1000,"pad":")" + std::string(bytes, 'x') + R"("})");
    };
    std::size_t padding = 12'000;
    while (token_with_padding(padding + 1).size() <= TokenVerifier::token_bytes_max) ++padding;
    const auto longest = token_with_padding(padding);
    EXPECT_GE(longest.size(), TokenVerifier::token_bytes_max - 1);
    EXPECT_TRUE(verifier.verify(longest, at_second(1)));
    expect_refused(verifier, token_with_padding(padding + 1), at_second(1));
    expect_refused(verifier, std::string(1'000'000, 'A'), at_second(1));
}

TEST(Token, ExpiresAtTheMomentOfExp) {
    const auto token = hand_signed(plain_header, R"({"sub":"u","exp":1000.5})");
    const auto expiry = at_second(1000) + microseconds{500'000};
    const TokenVerifier fresh{make_secret()};
    expect_refused(fresh, token, expiry, Errc::token_expired);
    expect_refused(fresh, token, expiry + microseconds{1}, Errc::token_expired);
    EXPECT_TRUE(fresh.verify(token, expiry - microseconds{1}));
}

TEST(Token, CachedTokenDoesNotOutliveItsExp) {
    const auto token = hand_signed(plain_header, plain_claims);
    const TokenVerifier verifier{make_secret()};
    const auto first = verifier.verify(token, at_second(1)).value();
    EXPECT_EQ(verifier.verify(token, at_second(999)).value(), first);  // the same object: cached
    expect_refused(verifier, token, at_second(1000), Errc::token_expired);
    expect_refused(verifier, token, at_second(1000), Errc::token_expired);
    expect_refused(verifier, token, at_second(5000), Errc::token_expired);
    EXPECT_EQ(*verifier.verify(token, at_second(999)).value(), *first);  // a clock set back
    EXPECT_EQ(first->subject, "u");  // what was handed out stays whole
}

TEST(Token, NotBeforeHoldsForCachedTokensToo) {
    const auto token = hand_signed(plain_header, R"({"sub":"u","nbf":500,"exp":1000})");
    const TokenVerifier verifier{make_secret()};
    expect_refused(verifier, token, at_second(500) - microseconds{1});
    EXPECT_TRUE(verifier.verify(token, at_second(500)));
    EXPECT_TRUE(verifier.verify(token, at_second(501)));
    expect_refused(verifier, token, at_second(499));
    EXPECT_TRUE(verifier.verify(token, at_second(500)));
}

TEST(Token, LongTokensAreVerifiedWithoutBeingCached) {
    const TokenVerifier verifier{make_secret()};
    const auto token =
        hand_signed(plain_header, R"({"sub":"u","exp":1000,"pad":")" +
                                      std::string(TokenCache::token_bytes_max, 'x') + R"("})");
    const auto first = verifier.verify(token, at_second(1)).value();
    const auto second = verifier.verify(token, at_second(1)).value();
    EXPECT_NE(first, second);
    EXPECT_EQ(*first, *second);
    expect_refused(verifier, token, at_second(1000), Errc::token_expired);
}

TEST(Token, HeaderThatOnlyOneOfTwoParsersReadsIsRefused) {
    // A NUL in a name: fine for our parser, not for libjose's.
    const TokenVerifier verifier{make_secret()};
    expect_refused(verifier, hand_signed(R"({"alg":"HS256","a\u0000":1})", plain_claims),
                   at_second(1));
}

TEST(TokenDeathTest, IssuingWhatCannotBeVerifiedIsABug) {
    const TokenVerifier verifier{make_secret()};
    const Claims good{.subject = "u", .tenant = {}, .role = "viewer", .expires_at = at_second(10)};
    Claims claims = good;
    claims.subject = "";
    EXPECT_DEATH(verifier.issue(claims, at_second(1)), "subject");
    claims.subject = std::string(256, 's');
    EXPECT_DEATH(verifier.issue(claims, at_second(1)), "subject");
    claims = good;
    claims.role = "";
    EXPECT_DEATH(verifier.issue(claims, at_second(1)), "role");
}

}  // namespace
}  // namespace tenantry::auth
