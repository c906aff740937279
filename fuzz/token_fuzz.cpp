// Any bytes as a bearer token. The first one says what the others are:
//
//   t  the whole token                              (form, header, signature)
//   p  two parts, encoded, to be signed here        (base64url)
//   h  header and claims as JSON, a line each, to be encoded and signed here
//   c  claims as JSON, under a good header
//   o  claims as JSON, to be signed by an own key (ES256)
//   f  claims as JSON, to be signed by a key of the issuer that is trusted
//
// Signing what the fuzzer invents lets it get past the signature and into the claims.

#include "auth/token.hpp"
#include "base/text.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace tenantry;

constexpr std::string_view secret = "a secret that everybody may know, for fuzzing only";
constexpr Timestamp now{std::chrono::seconds{1'767'225'600}};

void require(bool holds) {
    if (!holds) std::abort();
}

std::string with_signature(std::string_view text) {
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    require(HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
                 reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac,
                 &length) != nullptr);
    std::string token{text};
    token += '.';
    token += encode_base64url({reinterpret_cast<const char*>(mac), length});
    return token;
}

std::string with_signature(std::string_view header, std::string_view claims) {
    std::string text = encode_base64url(header);
    text += '.';
    text += encode_base64url(claims);
    return with_signature(text);
}

/// A pair whose key is the same in every run, so that what was found can be found again.
const auth::SigningKeyPair& pair() {
    static const auto fixed = auth::SigningKeyPair::from_private_jwk(
        R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
        R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",)"
        R"("d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"})");
    return *fixed;
}
/// The issuer's.
const auth::SigningKeyPair& foreign_pair() {
    static const auto fixed = auth::SigningKeyPair::from_private_jwk(
        R"({"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",)"
        R"("y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",)"
        R"("d":"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"})");
    return *fixed;
}

constexpr std::string_view issuer = "https://login.example";

auth::KeySet trusted() {
    using auth::Algorithm;
    return auth::KeySet::make({{.key = pair().public_key()}},
                              {{.issuer = std::string{issuer},
                                .audience = "api",
                                .algorithms = {Algorithm::es256, Algorithm::rs256},
                                .tenant_claim = "app_metadata.tenant_id",
                                .keys = {foreign_pair().public_key()}}})
        .value();
}

std::string token_of(char kind, std::string_view rest) {
    switch (kind) {
    case 'o': return pair().sign(rest);
    case 'f': return foreign_pair().sign(rest);
    case 'p': return with_signature(rest);
    case 'h': {
        const auto line = rest.find('\n');
        if (line == std::string_view::npos) return with_signature(rest, "");
        return with_signature(rest.substr(0, line), rest.substr(line + 1));
    }
    case 'c': return with_signature(R"({"alg":"HS256"})", rest);
    default: return std::string{rest};
    }
}

bool is_by_secret(std::string_view token) {
    return with_signature(token.substr(0, token.rfind('.'))) == token;
}

/// What an issuer's token can't say, whatever stands in it.
void check_foreign(const auth::Claims& claims) {
    require(claims.subject.starts_with(std::string{issuer} + '|') ||
            claims.subject.starts_with("sha256:"));
    require(claims.role.empty() || claims.role == "authenticated" || claims.role == "viewer" ||
            claims.role == "anon");
    require(!claims.session);
}

void check(const auth::Claims& claims) {
    require(!claims.subject.empty() && claims.subject.size() <= auth::Claims::subject_bytes_max);
    require(is_clean_utf8(claims.subject));
    require(claims.expires_at > now);
    require(!claims.tenant || TenantId::parse(claims.tenant->text()) == *claims.tenant);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static auth::TokenVerifier verifier{auth::Secret::parse(secret).value()};
    static const bool ready = (verifier.trust(trusted()), true);
    require(ready);
    if (size == 0) return 0;
    const std::string_view input{reinterpret_cast<const char*>(data), size};
    const std::string token = token_of(input.front(), input.substr(1));

    const auto claims = verifier.verify(token, now);
    const auto again = verifier.verify(token, now);  // from the cache, if it holds
    require(claims.has_value() == again.has_value());
    if (claims) {
        check(**claims);
        require(**claims == **again);
        // Nobody but those who sign here can have: ECDSA signatures aren't made twice the same.
        const char kind = input.front();
        require(kind == 'o' || kind == 'f' || is_by_secret(token));
        if (kind == 'f') check_foreign(**claims);
        require(verifier.verify(token, (*claims)->expires_at).error().code == Errc::token_expired);
    } else {
        require(claims.error() == again.error());
        require(claims.error().code == Errc::token_invalid ||
                claims.error().code == Errc::token_expired);
        require(is_clean_utf8(claims.error().message));
    }
    return 0;
}
