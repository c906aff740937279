#pragma once
/// SHA-256 (FIPS 180-4) of bytes that come in pieces.

#include <sodium/crypto_hash_sha256.h>

#include <array>
#include <string>
#include <string_view>

namespace tenantry::services {

/// Threads: one at a time.
class Sha256 {
public:
    Sha256() { crypto_hash_sha256_init(&state_); }
    void add(std::string_view bytes) {
        crypto_hash_sha256_update(&state_, reinterpret_cast<const unsigned char*>(bytes.data()),
                                  bytes.size());
    }
    /// 64 hexadecimal digits in lower case. Once.
    std::string finish() {
        constexpr std::string_view digits = "0123456789abcdef";
        std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
        crypto_hash_sha256_final(&state_, hash.data());
        std::string out;
        for (const unsigned char byte : hash) {
            out += digits[byte >> 4U];
            out += digits[byte & 0xFU];
        }
        return out;
    }

private:
    crypto_hash_sha256_state state_{};
};

}  // namespace tenantry::services
