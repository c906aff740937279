#pragma once
/// Asymmetric keys of tokens: the pair that the server signs with, and whose keys it trusts.
///
/// Keys are JSON Web Keys (RFC 7517, RFC 7518 §6, RFC 8037 §2), named by `kid`. A key has exactly
/// one algorithm, which is looked up by what the key is and never taken from a token.
///
/// Threads: values; const members from any, at the same time.

#include "base/error.hpp"
#include "base/timestamp.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::auth {

enum class Algorithm {
    hs256,  // HMAC with SHA-256 (RFC 7518 §3.2): the shared secret alone
    es256,  // ECDSA on P-256 with SHA-256 (RFC 7518 §3.4)
    rs256,  // RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3), 2048 to 8192 bits
    eddsa,  // Ed25519 (RFC 8037 §3.1)
};

/// As tokens name it (`alg`): "HS256", "ES256", "RS256" or "EdDSA".
std::string_view name_of(Algorithm algorithm) noexcept;
/// The inverse, of exactly these names; nullopt for all others.
std::optional<Algorithm> parse_algorithm(std::string_view name) noexcept;

/// A key that verifies ES256, RS256 or EdDSA. Cheap to copy. Moved from, only to be destroyed or
/// assigned to.
class PublicKey {
public:
    static constexpr std::size_t kid_bytes_max = 255;

    /// Reads one JWK. Errors: bad_configuration, also for kinds of keys that parse_jwks ignores.
    static Result<PublicKey> parse(std::string_view jwk);

    Algorithm algorithm() const noexcept;
    /// Its `kid`; empty if it has none.
    const std::string& kid() const noexcept;
    /// SHA-256 in base64url of what the key consists of (RFC 7638).
    const std::string& thumbprint() const noexcept;
    /// One line: `kty` and what belongs to it, `kid` where there is one, `alg`, `use` and
    /// `key_ops`.
    const std::string& jwk() const noexcept;

    /// Whether `signature` (raw bytes; of ES256 the 64 of R and S) is this key's, of `text`.
    bool verifies(std::string_view text, std::string_view signature) const;

    friend bool operator==(const PublicKey& a, const PublicKey& b) noexcept {
        return a.jwk() == b.jwk();
    }

private:
    struct Impl;
    friend class JwkReader;
    explicit PublicKey(std::shared_ptr<const Impl> impl) noexcept : impl_{std::move(impl)} {}
    std::shared_ptr<const Impl> impl_;
};

/// The keys of a JWK Set (RFC 7517 §5) that verify signatures, in its order. Ignored, as the RFC
/// asks, are keys of unknown `kty`, curve or `alg`, of another `use` or without "verify" in
/// `key_ops`, and RSA keys outside of 2048 to 8192 bits. Private members of a key are not read.
/// Errors: bad_configuration for what is no JWK Set; for more than jwks_bytes_max or
///         jwks_keys_max; for a symmetric key (`oct`), which can't be public; for a key that isn't
///         what it says (no point of its curve, members missing); for two keys of one `kid`.
Result<std::vector<PublicKey>> parse_jwks(std::string_view text);
inline constexpr std::size_t jwks_bytes_max = 64UL * 1024;
inline constexpr std::size_t jwks_keys_max = 64;

/// A pair of P-256 keys for ES256. Wiped when destroyed. Moved from, only to be destroyed or
/// assigned to.
class SigningKeyPair {
public:
    /// A new one. Throws: std::runtime_error if the system has no randomness.
    static SigningKeyPair make();
    /// Reads what private_jwk() says, or any private JWK of P-256; its `kid` is not taken over.
    /// Errors: bad_configuration, also if the halves don't belong together. The text never holds
    ///         any part of the key.
    static Result<SigningKeyPair> from_private_jwk(std::string_view jwk);

    SigningKeyPair(SigningKeyPair&& other) noexcept;
    SigningKeyPair& operator=(SigningKeyPair&& other) noexcept;
    SigningKeyPair(const SigningKeyPair&) = delete;
    SigningKeyPair& operator=(const SigningKeyPair&) = delete;
    ~SigningKeyPair();

    /// With the secret half, to be sealed. Whoever asks wipes it.
    std::string private_jwk() const;
    const PublicKey& public_key() const noexcept;
    const std::string& public_jwk() const noexcept { return public_key().jwk(); }
    /// The key's RFC 7638 thumbprint.
    const std::string& kid() const noexcept { return public_key().kid(); }

    /// The compact JWS of `payload` (not encoded) under {"alg":"ES256","kid":…,"typ":"JWT"}.
    std::string sign(std::string_view payload) const;

private:
    struct Impl;
    explicit SigningKeyPair(std::unique_ptr<Impl> impl) noexcept;
    std::unique_ptr<Impl> impl_;
};

/// A key of the server's own.
struct OwnKey {
    PublicKey key;
    std::optional<Timestamp> until{};  // the first moment at which it verifies no longer

    friend bool operator==(const OwnKey&, const OwnKey&) = default;
};

/// `{"keys":[…]}` of those that still verify at `now`, in their order (RFC 7517 §5).
std::string print_jwks(std::span<const OwnKey> keys, Timestamp now);

/// Somebody else who signs tokens for this server, and what their tokens may say.
///
/// - `iss` must be `issuer`, to the byte, `aud` must be `audience` or a list that contains it,
/// `alg`
///   one of `algorithms`, and there must be a `sub` and an `exp`.
/// - The tenant is what `tenant_claim` says, and nothing else does: first the claim of exactly that
///   name ("https://example.com/tenant"), then the path between its dots
///   ("app_metadata.tenant_id"). Where neither stands the token names no tenant; what stands there
///   and is no tenant id is refused. Empty: tokens never name a tenant.
/// - The subject becomes `<issuer>|<sub>`, or, where that has more than 255 bytes,
///   `sha256:<its SHA-256 in base64url>`: never the id of a user of this server, and never that
///   of another issuer's.
/// - A role may be less than "authenticated", that is absent, "viewer" or "anon", and is
///   "authenticated" in all other cases: nobody else makes an owner here.
struct ForeignIssuer {
    static constexpr std::size_t name_bytes_max = 1024;

    std::string issuer;    // 1 to name_bytes_max bytes of UTF-8 without NUL and `|`
    std::string audience;  // 1 to name_bytes_max bytes of UTF-8 without NUL
    std::vector<Algorithm> algorithms;
    std::string tenant_claim;
    std::vector<PublicKey> keys;

    friend bool operator==(const ForeignIssuer&, const ForeignIssuer&) = default;
};

/// Whose keys a verifier trusts beside its secret. Empty by default: nobody's.
class KeySet {
public:
    static constexpr std::size_t own_keys_max = 64;
    static constexpr std::size_t issuers_max = 64;

    KeySet() = default;
    /// Errors: bad_configuration for too many; for own keys that aren't ES256, have no `kid` or
    ///         share one; for issuers that don't keep to what ForeignIssuer says, take HS256, take
    ///         no algorithm at all or stand there twice. An issuer without keys is fine: none of
    ///         its tokens verifies.
    static Result<KeySet> make(std::vector<OwnKey> own, std::vector<ForeignIssuer> foreign = {});

    const std::vector<OwnKey>& own() const noexcept { return own_; }
    const std::vector<ForeignIssuer>& foreign() const noexcept { return foreign_; }

    friend bool operator==(const KeySet&, const KeySet&) = default;

private:
    KeySet(std::vector<OwnKey> own, std::vector<ForeignIssuer> foreign)
        : own_{std::move(own)}, foreign_{std::move(foreign)} {}
    std::vector<OwnKey> own_;
    std::vector<ForeignIssuer> foreign_;
};

}  // namespace tenantry::auth
