// Any bytes as a bearer token. The first one says what the others are:
//
//   t  the whole token                              (form, header, signature)
//   p  two parts, encoded, to be signed here        (base64url)
//   h  header and claims as JSON, a line each, to be encoded and signed here
//   c  claims as JSON, under a good header
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

std::string token_of(char kind, std::string_view rest) {
    switch (kind) {
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

void check(const auth::Claims& claims) {
    require(!claims.subject.empty() && claims.subject.size() <= auth::Claims::subject_bytes_max);
    require(is_clean_utf8(claims.subject));
    require(claims.expires_at > now);
    require(!claims.tenant || TenantId::parse(claims.tenant->text()) == *claims.tenant);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auth::TokenVerifier verifier{auth::Secret::parse(secret).value()};
    if (size == 0) return 0;
    const std::string_view input{reinterpret_cast<const char*>(data), size};
    const std::string token = token_of(input.front(), input.substr(1));

    const auto claims = verifier.verify(token, now);
    const auto again = verifier.verify(token, now);  // from the cache, if it holds
    require(claims.has_value() == again.has_value());
    if (claims) {
        check(**claims);
        require(**claims == **again);
        require(with_signature(std::string_view{token}.substr(0, token.rfind('.'))) == token);
        require(verifier.verify(token, (*claims)->expires_at).error().code == Errc::token_expired);
    } else {
        require(claims.error() == again.error());
        require(claims.error().code == Errc::token_invalid ||
                claims.error().code == Errc::token_expired);
        require(is_clean_utf8(claims.error().message));
    }
    return 0;
}
