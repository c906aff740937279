#pragma once
/// Bearer tokens: JWT (RFC 7519) in compact JWS form (RFC 7515), signed with HS256 under a secret
/// or by the keys that auth/signing_keys.hpp describes.

#include "auth/signing_keys.hpp"
#include "base/error.hpp"
#include "base/id.hpp"
#include "base/timestamp.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tenantry::auth {

/// A signing secret of 32 bytes (RFC 7518 §3.2) to 1 KiB, used as the bytes that it is, not
/// decoded. Never printed; wiped when destroyed. Moved from, it is empty.
class Secret {
public:
    static constexpr std::size_t bytes_min = 32;
    static constexpr std::size_t bytes_max = 1024;
    /// Errors: bad_configuration if it is too short or too long.
    static Result<Secret> parse(std::string_view text);

    Secret(Secret&& other) noexcept;
    Secret& operator=(Secret&& other) noexcept;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    ~Secret();

    std::string_view bytes() const noexcept { return bytes_; }

private:
    explicit Secret(std::string_view text) : bytes_{text} {}
    std::string bytes_;
};

struct AccessToken;

/// What a verified token says. Only `tenant_id` and `app_metadata.tenant_id` name the tenant; a
/// token in which both stand and differ is refused. `user_metadata` is never read. What tokens of
/// others may say is up to their ForeignIssuer.
struct Claims {
    static constexpr std::size_t subject_bytes_max = 255;

    std::string subject;             // 1 to subject_bytes_max bytes of UTF-8 without NUL
    std::optional<TenantId> tenant;  // nullopt: the token names none
    std::string role;                // as written; empty if absent
    Timestamp expires_at;            // the first moment at which the token no longer holds
    std::optional<Uuid> session{};   // `session_id`; never of a token of others

    friend bool operator==(const Claims&, const Claims&) = default;
};

/// Verifies tokens of one secret, and of the keys that it is told to trust, and remembers the ones
/// seen, never beyond their `exp` and their key.
///
/// `alg` alone decides who may have signed: of HS256 the secret; of the others the own key of that
/// `kid`, else the issuer that `iss` names, by its key of that `kid` or, if the token has none, by
/// the only key that it has for `alg`. Own tokens aren't asked for `iss` and `aud`. The role `anon`
/// or `service_role` stands for the subject where an own token has no `sub`.
/// Threads: any, at the same time.
class TokenVerifier {
public:
    static constexpr std::size_t token_bytes_max = 16UL * 1024;

    explicit TokenVerifier(Secret secret);
    ~TokenVerifier();
    TokenVerifier(const TokenVerifier&) = delete;
    TokenVerifier& operator=(const TokenVerifier&) = delete;

    /// Replaces what is trusted beside the secret; nothing is at first. Once this has returned,
    /// no token of a key or an issuer that is gone is verified, not even one that was seen before.
    void trust(KeySet keys);

    /// Errors: token_invalid (size, form, algorithm, key, signature, claims, `nbf` in the future);
    ///         token_expired, from the moment `exp` on. The text never holds any part of the token.
    /// A token seen before costs a look-up and no allocation.
    Result<std::shared_ptr<const Claims>> verify(std::string_view token, Timestamp now) const;

    /// Signs a token of these claims, issued at `now`; `exp` is `expires_at` cut to whole seconds.
    /// `role` must not be empty, and the others within what Claims states: anything else is a bug.
    std::string issue(const Claims& claims, Timestamp now) const;

    /// Signs an access token with `pair` (ES256), or with the secret where that is nullptr.
    /// Verified by who trusts the pair, it says the same subject, tenant, role, session and expiry.
    /// Errors: those of print_claims; bad_value if it would have more than token_bytes_max.
    Result<std::string> issue_access_token(const AccessToken& token,
                                           const SigningKeyPair* pair = nullptr) const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tenantry::auth
