#include "auth/signing_keys.hpp"

#include "base/text.hpp"
#include "jws.hpp"
#include "test_keys.hpp"
#include "test_tokens.hpp"

#include <gmock/gmock.h>
#include <openssl/err.h>

namespace tenantry::auth {
namespace {

using test_keys::ForeignKey;
using test_tokens::at_second;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// RFC 7515 appendix A.2 (RS256) and A.3 (ES256), which sign the same payload; RFC 8037 appendix A.
constexpr std::string_view rfc_payload =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlf"
    "Q";
constexpr std::string_view rsa_jwk =
    R"({"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJ)"
    R"(rcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf)"
    R"(63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT)"
    R"(6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"})";
constexpr std::string_view rsa_signature =
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5j"
    "ujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L"
    "07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEU"
    "ipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
constexpr std::string_view ec_jwk =
    R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
    R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
constexpr std::string_view ec_private_jwk =
    R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
    R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",)"
    R"("d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"})";
constexpr std::string_view ec_secret = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
constexpr std::string_view ec_signature =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
constexpr std::string_view ed_jwk =
    R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";
constexpr std::string_view ed_text = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
constexpr std::string_view ed_signature =
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
// RFC 7638 §3.1.
constexpr std::string_view thumbprint_jwk =
    R"({"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFF)"
    R"(xuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65)"
    R"(YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI)"
    R"(4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB",)"
    R"("alg":"RS256","kid":"2011-04-29"})";

std::string bytes_of(std::string_view encoded) {
    std::string bytes;
    EXPECT_TRUE(decode_base64url(encoded, bytes));
    return bytes;
}

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
    std::string out{text};
    const auto at = out.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    out.replace(at, from.size(), to);
    return out;
}

struct Example {
    std::string_view jwk;
    std::string text;
    std::string_view signature;
};

std::vector<Example> examples() {
    return {{rsa_jwk, "eyJhbGciOiJSUzI1NiJ9." + std::string{rfc_payload}, rsa_signature},
            {ec_jwk, "eyJhbGciOiJFUzI1NiJ9." + std::string{rfc_payload}, ec_signature},
            {ed_jwk, std::string{ed_text}, ed_signature}};
}

TEST(SigningKeys, ExamplesOfTheStandardsAreVerified) {
    for (const auto& [jwk, text, signature] : examples()) {
        const auto key = PublicKey::parse(jwk).value();
        EXPECT_TRUE(key.verifies(text, bytes_of(signature))) << jwk;
        EXPECT_FALSE(key.verifies(text + "x", bytes_of(signature))) << jwk;
        EXPECT_FALSE(key.verifies(text, "")) << jwk;
        for (const auto& other : examples()) {
            if (other.jwk == jwk) continue;
            EXPECT_FALSE(key.verifies(other.text, bytes_of(other.signature))) << jwk;
        }
    }
}

TEST(SigningKeys, SignaturesHaveOneLengthAndEveryByteCounts) {
    for (const auto& [jwk, text, encoded] : examples()) {
        const auto key = PublicKey::parse(jwk).value();
        const auto signature = bytes_of(encoded);
        for (std::size_t at = 0; at < signature.size(); ++at) {
            auto changed = signature;
            changed[at] = static_cast<char>(changed[at] ^ 1);
            EXPECT_FALSE(key.verifies(text, changed)) << jwk << at;
        }
        EXPECT_FALSE(key.verifies(text, signature + '\0')) << jwk;
        EXPECT_FALSE(key.verifies(text, '\0' + signature)) << jwk;
        EXPECT_FALSE(key.verifies(text, signature.substr(1))) << jwk;
        EXPECT_FALSE(key.verifies(text, signature.substr(0, signature.size() - 1))) << jwk;
        EXPECT_FALSE(key.verifies(text, std::string(signature.size(), '\0'))) << jwk;
        EXPECT_FALSE(key.verifies(text, std::string(signature.size(), '\xFF'))) << jwk;
    }
}

TEST(SigningKeys, RefusedSignaturesLeaveNoErrorsBehind) {
    ERR_clear_error();
    for (const auto& [jwk, text, signature] : examples())
        EXPECT_FALSE(PublicKey::parse(jwk)->verifies(text, std::string(64, 'x')));
    EXPECT_FALSE(PublicKey::parse(replaced(ec_jwk, "x_FE", "x_FF")));
    EXPECT_FALSE(SigningKeyPair::from_private_jwk(replaced(ec_private_jwk, "jpsQ", "jpsR")));
    EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(SigningKeys, ThumbprintsAreThoseOfTheStandards) {
    EXPECT_EQ(PublicKey::parse(thumbprint_jwk)->thumbprint(),
              "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    EXPECT_EQ(PublicKey::parse(ed_jwk)->thumbprint(),
              "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");  // RFC 8037 appendix A.3
    // Python: sha256(b'{"crv":"P-256","kty":"EC","x":"…","y":"…"}')
    EXPECT_EQ(SigningKeyPair::from_private_jwk(ec_private_jwk)->kid(),
              "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U");
}

TEST(SigningKeys, PublicJwksAreWrittenInOneWay) {
    const auto pair = SigningKeyPair::from_private_jwk(ec_private_jwk).value();
    EXPECT_EQ(pair.public_jwk(),
              R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
              R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",)"
              R"("kid":"oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U",)"
              R"("alg":"ES256","use":"sig","key_ops":["verify"]})");
    for (const auto jwk : {rsa_jwk, ec_jwk, ed_jwk, thumbprint_jwk}) {
        const auto key = PublicKey::parse(jwk).value();
        EXPECT_EQ(PublicKey::parse(key.jwk()).value(), key);
    }
    EXPECT_EQ(PublicKey::parse(ed_jwk)->kid(), "");
    EXPECT_EQ(PublicKey::parse(thumbprint_jwk)->kid(), "2011-04-29");
}

TEST(SigningKeys, APairSignsAndIsReadBack) {
    const auto pair = SigningKeyPair::make();
    EXPECT_NE(pair.kid(), SigningKeyPair::make().kid());
    EXPECT_EQ(pair.kid(), pair.public_key().thumbprint());
    const auto secret = pair.private_jwk();
    EXPECT_THAT(pair.public_jwk(), Not(HasSubstr(R"("d":)")));
    const auto again = SigningKeyPair::from_private_jwk(secret).value();
    EXPECT_EQ(again.public_key(), pair.public_key());
    EXPECT_EQ(again.private_jwk(), secret);
    for (const auto* signer : {&pair, &again}) {
        const auto token = signer->sign(R"({"sub":"u"})");
        const auto jws = split_compact(token).value();
        EXPECT_EQ(parse_header(jws.header).value(),
                  (JwsHeader{.algorithm = Algorithm::es256, .kid = pair.kid()}));
        EXPECT_EQ(bytes_of(jws.payload), R"({"sub":"u"})");
        EXPECT_TRUE(pair.public_key().verifies(jws.signed_text(), bytes_of(jws.signature)));
    }
}

TEST(SigningKeys, PrivateKeysThatAreNoneAreRefusedWithoutBeingRepeated) {
    ASSERT_TRUE(SigningKeyPair::from_private_jwk(ec_private_jwk));
    ASSERT_TRUE(SigningKeyPair::from_private_jwk(
        replaced(ec_private_jwk, "{", R"({"kid":"mine","use":"sig","key_ops":["sign"],)")));
    for (const auto& text :
         {std::string{}, std::string{"{}"}, std::string{"[]"}, std::string{ec_jwk},
          std::string{rsa_jwk}, std::string{ec_private_jwk} + 'x',
          replaced(ec_private_jwk, "\"EC\"", "\"OKP\""), replaced(ec_private_jwk, "P-256", "P-384"),
          replaced(ec_private_jwk, "x_FE", "x_FF"),     // no point of the curve
          replaced(ec_private_jwk, "jpsQ", "jpsR"),     // not the point's
          replaced(ec_private_jwk, ec_secret, ""),      //
          replaced(ec_private_jwk, ec_secret, "AAAA"),  //
          replaced(ec_private_jwk, ec_secret, std::string(43, 'A')),
          replaced(ec_private_jwk, ec_secret, std::string(42, '_') + '8'),  // beyond the order
          replaced(ec_private_jwk, "{", R"({"alg":"ES384",)"),
          replaced(ec_private_jwk, "{", R"({"use":"enc",)"),
          replaced(ec_private_jwk, "{", R"({"key_ops":["verify"],)"),
          replaced(ec_private_jwk, "{", R"({"d":"",)")}) {
        const auto refused = SigningKeyPair::from_private_jwk(text);
        ASSERT_TRUE(refused.has_error()) << text;
        EXPECT_EQ(refused.error().code, Errc::bad_configuration);
        EXPECT_THAT(refused.error().message, Not(HasSubstr("jps")));
    }
}

TEST(Jwks, KeepsWhatVerifiesAndIgnoresTheRest) {
    const auto es = ForeignKey::es256("e");
    const auto rs = ForeignKey::rs256("r");
    const auto ed = ForeignKey::eddsa("");
    const auto keys = parse_jwks(
        R"({"other":1,"keys":[)" + es.jwk(R"(,"use":"sig","alg":"ES256","d":"private","x5c":[])") +
        ',' + rs.jwk(R"(,"key_ops":["verify","wrapKey"])") + ',' + ed.jwk() + ',' +
        es.jwk(R"(,"use":"enc")") + ',' + es.jwk(R"(,"alg":"ECDH-ES")") + ',' +
        rs.jwk(R"(,"alg":"PS256")") + ',' + rs.jwk(R"(,"key_ops":["encrypt"])") + ',' +
        ForeignKey::rs256("weak", 1024).jwk() +
        R"(,{"kty":"EC","crv":"P-521"},{"kty":"OKP","crv":"X25519"},{"kty":"AKP"}]})");
    ASSERT_TRUE(keys) << keys.error().message;
    ASSERT_EQ(keys->size(), 3U);
    EXPECT_EQ((*keys)[0], PublicKey::parse(es.jwk()).value());
    EXPECT_EQ((*keys)[1], PublicKey::parse(rs.jwk()).value());
    EXPECT_EQ((*keys)[2], PublicKey::parse(ed.jwk()).value());
    EXPECT_THAT(parse_jwks(R"({"keys":[]})").value(), IsEmpty());
}

TEST(Jwks, RefusesWhatIsNoneOrGivesASecretAway) {
    const auto es = ForeignKey::es256("e").jwk();
    const auto set_of = [](const std::string& keys) { return R"({"keys":[)" + keys + "]}"; };
    for (const auto& text :
         {std::string{},
          std::string{"null"},
          std::string{"[]"},
          std::string{"{}"},
          std::string{R"({"keys":{}})"},
          std::string{R"({"keys":null})"},
          std::string{R"({"keys":[],"keys":[]})"},
          std::string{R"({"keys":[]} x)"},
          set_of("1"),
          set_of("{}"),
          set_of(R"({"kty":1})"),
          set_of(es + R"(,{"kty":"oct","k":"c2VjcmV0","alg":"HS256"})"),
          set_of(R"({"kty":"oct","use":"enc"})"),
          set_of(es + ',' + es),
          set_of(replaced(es, R"("kid":"e")", R"("kid":7)")),
          set_of(replaced(es, R"("kid":"e")", R"("kid":"")")),
          set_of(replaced(es, R"("kid":"e")", R"("kid":")" + std::string(256, 'k') + '"')),
          set_of(replaced(es, R"("y":")", R"("z":")")),
          set_of(replaced(es, R"("y":")", R"("y":"AAAA)")),
          set_of(replaced(ec_jwk, "x_FE", "x_FF")),
          set_of(replaced(ec_jwk, "a0\"", "a0=\"")),
          set_of(replaced(ed_jwk, "11qY", "11")),
          set_of(replaced(rsa_jwk, "AQAB", "AQAA")),
          set_of(replaced(rsa_jwk, "AQAB", "AQ")),
          set_of(replaced(rsa_jwk, "AQAB", "")),
          set_of(replaced(rsa_jwk, "AQAB", "AQAAAAAAAAAAAAAB"))}) {
        const auto refused = parse_jwks(text);
        ASSERT_TRUE(refused.has_error()) << text;
        EXPECT_EQ(refused.error().code, Errc::bad_configuration) << text;
        EXPECT_THAT(refused.error().message, Not(HasSubstr("c2Vj")));
    }
}

TEST(Jwks, IsBounded) {
    std::string keys;
    for (int i = 0; i < 64; ++i) keys += R"({"kty":"of no kind"},)";
    EXPECT_TRUE(parse_jwks(R"({"keys":[)" + keys + R"({"kty":"x"}]})").has_error());
    keys.pop_back();
    const auto text = R"({"keys":[)" + keys + "]}";
    EXPECT_TRUE(parse_jwks(text));
    EXPECT_TRUE(parse_jwks(text + std::string(jwks_bytes_max - text.size(), ' ')));
    EXPECT_FALSE(parse_jwks(text + std::string(jwks_bytes_max - text.size() + 1, ' ')));
}

TEST(Jwks, PrintsTheKeysThatStillVerify) {
    const auto a = SigningKeyPair::make();
    const auto b = SigningKeyPair::make();
    const std::vector<OwnKey> keys{{.key = a.public_key(), .until = at_second(100)},
                                   {.key = b.public_key()}};
    EXPECT_EQ(print_jwks({}, at_second(1)), R"({"keys":[]})");
    EXPECT_EQ(print_jwks(keys, at_second(99)),
              R"({"keys":[)" + a.public_jwk() + ',' + b.public_jwk() + "]}");
    EXPECT_EQ(print_jwks(keys, at_second(100)), R"({"keys":[)" + b.public_jwk() + "]}");
    EXPECT_EQ(parse_jwks(print_jwks(keys, at_second(1))).value(),
              (std::vector{a.public_key(), b.public_key()}));
}

TEST(KeySetTest, RefusesWhatCannotBeToldApart) {
    const auto pair = SigningKeyPair::make();
    const OwnKey own{.key = pair.public_key()};
    const ForeignIssuer good{.issuer = "https://login.example",
                             .audience = "api",
                             .algorithms = {Algorithm::es256},
                             .tenant_claim = "",
                             .keys = {}};
    ASSERT_TRUE(KeySet::make({own}, {good}));
    const auto refused = [](std::vector<OwnKey> keys, std::vector<ForeignIssuer> issuers = {}) {
        const auto made = KeySet::make(std::move(keys), std::move(issuers));
        return made.has_error() && made.error().code == Errc::bad_configuration;
    };
    EXPECT_TRUE(refused({own, own}));
    EXPECT_TRUE(refused({{.key = PublicKey::parse(ForeignKey::rs256("r").jwk()).value()}}));
    EXPECT_TRUE(refused({{.key = PublicKey::parse(ForeignKey::es256("").jwk()).value()}}));
    EXPECT_TRUE(refused({}, {good, good}));
    EXPECT_TRUE(refused({}, std::vector(65, good)));
    const auto with = [&](auto change) {
        auto changed = good;
        change(changed);
        return refused({}, {std::move(changed)});
    };
    EXPECT_TRUE(with([](ForeignIssuer& issuer) { issuer.issuer = ""; }));
    EXPECT_TRUE(with([](ForeignIssuer& issuer) { issuer.issuer = "a|b"; }));
    EXPECT_TRUE(with([](ForeignIssuer& issuer) { issuer.issuer = "\xFF"; }));
    EXPECT_TRUE(with([](ForeignIssuer& issuer) { issuer.audience = ""; }));
    EXPECT_TRUE(with([](ForeignIssuer& issuer) { issuer.algorithms = {}; }));
    EXPECT_TRUE(with(
        [](ForeignIssuer& issuer) { issuer.algorithms = {Algorithm::es256, Algorithm::hs256}; }));
}

}  // namespace
}  // namespace tenantry::auth
