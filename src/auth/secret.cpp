#include "auth/token.hpp"

#include <openssl/crypto.h>

#include <utility>

namespace tenantry::auth {
namespace {

void wipe(std::string& bytes) noexcept {
    OPENSSL_cleanse(bytes.data(), bytes.size());
    bytes.clear();
}

}  // namespace

Result<Secret> Secret::parse(std::string_view text) {
    if (text.size() < bytes_min) {
        return fail(Errc::bad_configuration,
                    "the token secret is too short: it must have at least 32 bytes");
    }
    if (text.size() > bytes_max) {
        return fail(Errc::bad_configuration,
                    "the token secret is too long: it may have at most 1024 bytes");
    }
    return Secret{text};
}

// The bytes are too many for the string's inner buffer, so a move hands over the only copy.
Secret::Secret(Secret&& other) noexcept : bytes_{std::move(other.bytes_)} { other.bytes_.clear(); }

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        wipe(bytes_);
        bytes_.swap(other.bytes_);
    }
    return *this;
}

Secret::~Secret() { wipe(bytes_); }

}  // namespace tenantry::auth
