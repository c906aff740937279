#pragma once
/// Asymmetric keys as OpenSSL holds them. Numbers and coordinates are bytes, the highest first.
///
/// OpenSSL rather than libjose, which goes by the algorithm that a token claims: here the caller
/// says the algorithm, and the token's header is only text that was signed. Nothing is left in the
/// thread's queue of OpenSSL errors, which TLS connections read.
///
/// Threads: a key may be used by many at the same time.

#include "auth/signing_keys.hpp"

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>

namespace tenantry::auth {

struct PkeyFree {
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
using PkeyHandle = std::unique_ptr<EVP_PKEY, PkeyFree>;

inline constexpr std::size_t p256_bytes = 32;

/// nullptr unless (`x`, `y`), of p256_bytes each, is a point of P-256.
PkeyHandle p256_public(std::string_view x, std::string_view y);
/// nullptr unless `d` is the private half of that point.
PkeyHandle p256_pair(std::string_view x, std::string_view y, std::string_view d);
/// A new pair. Throws: std::runtime_error.
PkeyHandle p256_random();
/// The modulus and the exponent. nullptr unless the latter is odd, at least 3 and of 8 bytes at
/// most. How many bits the modulus has is the caller's to check.
PkeyHandle rsa_public(std::string_view n, std::string_view e);
/// nullptr unless `x` has 32 bytes.
PkeyHandle ed25519_public(std::string_view x);

/// One of the numbers of a P-256 key, by OpenSSL's name for it, in p256_bytes. Whoever asks for the
/// private one wipes it. Throws: std::runtime_error.
std::string p256_number(const EVP_PKEY* key, const char* name);

/// Whether `signature` is the key's, of `text`, by exactly `algorithm`, which must be the key's
/// kind.
bool verify_signature(EVP_PKEY* key, Algorithm algorithm, std::string_view text,
                      std::string_view signature);

/// R and S, p256_bytes each. Throws: std::runtime_error.
std::string sign_es256(EVP_PKEY* key, std::string_view text);

/// SHA-256.
std::string digest_of(std::string_view text);

}  // namespace tenantry::auth
