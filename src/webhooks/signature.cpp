#include "signature.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <array>

namespace tenantry::webhooks {
namespace {

const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::string signature(std::string_view secret, std::string_view signed_part,
                      std::string_view body) {
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, bytes(secret), secret.size());
    crypto_auth_hmacsha256_update(&state, bytes(signed_part), signed_part.size());
    crypto_auth_hmacsha256_update(&state, bytes(body), body.size());
    std::array<unsigned char, crypto_auth_hmacsha256_BYTES> digest{};
    crypto_auth_hmacsha256_final(&state, digest.data());
    std::array<char, sodium_base64_ENCODED_LEN(crypto_auth_hmacsha256_BYTES,
                                               sodium_base64_VARIANT_ORIGINAL)>
        text{};
    sodium_bin2base64(text.data(), text.size(), digest.data(), digest.size(),
                      sodium_base64_VARIANT_ORIGINAL);
    return text.data();
}

}  // namespace

std::string signatures(std::span<const std::string> secrets, std::string_view message_id,
                       std::int64_t seconds, std::string_view body) {
    const auto signed_part = fmt::format("{}.{}.", message_id, seconds);
    std::string out;
    for (const auto& secret : secrets) {
        if (!out.empty()) out += ' ';
        out += "v1," + signature(secret, signed_part, body);
    }
    return out;
}

}  // namespace tenantry::webhooks
