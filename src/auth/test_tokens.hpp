#pragma once
/// For tests: tokens signed without the code under test, OpenSSL's HMAC over hand-written JSON.

#include "auth/token.hpp"
#include "base/text.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstdlib>
#include <string>
#include <string_view>

namespace tenantry::auth::test_tokens {

inline constexpr std::string_view test_secret = "golden secret, forty-five bytes, known to all";
inline constexpr std::string_view plain_header = R"({"alg":"HS256","typ":"JWT"})";

inline Secret make_secret(std::string_view text = test_secret) {
    return Secret::parse(text).value();
}

/// The compact form of two parts that are encoded already.
inline std::string hand_signed_parts(std::string_view header, std::string_view payload,
                                     std::string_view secret = test_secret,
                                     const EVP_MD* digest = EVP_sha256()) {
    std::string token{header};
    token += '.';
    token += payload;
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (HMAC(digest, secret.data(), static_cast<int>(secret.size()),
             reinterpret_cast<const unsigned char*>(token.data()), token.size(), mac,
             &length) == nullptr) {
        std::abort();
    }
    token += '.';
    token += encode_base64url({reinterpret_cast<const char*>(mac), length});
    return token;
}

inline std::string hand_signed(std::string_view header, std::string_view payload,
                               std::string_view secret = test_secret,
                               const EVP_MD* digest = EVP_sha256()) {
    return hand_signed_parts(encode_base64url(header), encode_base64url(payload), secret, digest);
}

inline Timestamp at_second(std::int64_t seconds) {
    return Timestamp{std::chrono::seconds{seconds}};
}

}  // namespace tenantry::auth::test_tokens
