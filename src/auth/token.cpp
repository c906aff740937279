// A token is looked at in the order of what it can cost us: its size, the cache of those seen
// before, its form and header, its signature, and only then, once we know who wrote them, its
// claims. Times are compared on every use, cached or not.
//
// What is trusted beside the secret has a generation, which grows when it is replaced. A remembered
// token holds the generation that it was verified in, and is verified anew in another.

#include "auth/token.hpp"

#include "auth/access_token.hpp"
#include "base/text.hpp"
#include "claims.hpp"
#include "jws.hpp"
#include "token_cache.hpp"
#include "trusted_keys.hpp"

#include <atomic>
#include <cassert>
#include <mutex>

namespace tenantry::auth {
namespace {

Error refused(std::string message) { return fail(Errc::token_invalid, std::move(message)); }

/// RFC 7519 §4.1.4 and §4.1.5, without leeway: who signs tokens for this server gives them a
/// beginning only if it is meant.
Result<void> check_times(const TimedClaims& timed, Timestamp now) {
    if (now >= timed.claims.expires_at) {
        return fail(Errc::token_expired, "The token has expired: sign in again for a new one");
    }
    if (now < timed.not_before) return refused("The token is not valid yet (nbf)");
    return {};
}

}  // namespace

class TokenVerifier::Impl {
public:
    explicit Impl(const Secret& secret) : key_{secret} {}

    void trust(KeySet keys) {
        const std::lock_guard lock{mutex_};
        // What was read anew and is the same costs nobody a second look.
        if (trusted_->keys() == keys) return;
        const auto next = trusted_->generation() + 1;
        trusted_ = std::make_shared<const TrustedKeys>(std::move(keys), next);
        generation_.store(next);
    }

    Result<TokenCache::Entry> verify(std::string_view token, Timestamp now) {
        if (token.size() > token_bytes_max) {
            return refused("The token is too long: at most 16 KiB are read");
        }
        if (auto known = cache_.find(token, now); known && is_current(*known)) {
            if (now >= known->key_until) return key_is_gone();
            TENANTRY_TRY_VOID(check_times(*known, now));
            return known;
        }
        TENANTRY_TRY(timed, read(token, now));
        TENANTRY_TRY_VOID(check_times(timed, now));
        auto entry = std::make_shared<const TimedClaims>(std::move(timed));
        cache_.insert(token, entry);
        return entry;
    }

    std::string sign(std::string_view claims) const { return key_.sign(claims); }

private:
    bool is_current(const TimedClaims& timed) const noexcept {
        return timed.generation == 0 || timed.generation == generation_.load();
    }

    std::shared_ptr<const TrustedKeys> trusted() const {
        const std::lock_guard lock{mutex_};
        return trusted_;
    }

    Result<TimedClaims> read(std::string_view token, Timestamp now) const {
        TENANTRY_TRY(jws, split_compact(token));
        TENANTRY_TRY(header, parse_header(jws.header));
        if (header.algorithm != Algorithm::hs256) return trusted()->read(jws, header, now);
        if (!key_.verifies(jws)) {
            return refused("The token's signature is not by this server's secret");
        }
        std::string payload;
        if (!decode_base64url(jws.payload, payload)) {
            return refused("The token's claims are not base64url");
        }
        return parse_claims(payload);
    }

    SigningKey key_;
    TokenCache cache_;
    mutable std::mutex mutex_;  // of trusted_
    std::shared_ptr<const TrustedKeys> trusted_ = std::make_shared<const TrustedKeys>();
    std::atomic<std::uint64_t> generation_ = 0;  // that of trusted_; written under the mutex
};

// The secret ends here; the key keeps what it needs of it.
TokenVerifier::TokenVerifier(Secret secret) : impl_{std::make_unique<Impl>(secret)} {}

TokenVerifier::~TokenVerifier() = default;

void TokenVerifier::trust(KeySet keys) { impl_->trust(std::move(keys)); }

Result<std::shared_ptr<const Claims>> TokenVerifier::verify(std::string_view token,
                                                            Timestamp now) const {
    TENANTRY_TRY(timed, impl_->verify(token, now));
    const Claims* claims = &timed->claims;
    return std::shared_ptr<const Claims>{std::move(timed), claims};
}

std::string TokenVerifier::issue(const Claims& claims, Timestamp now) const {
    assert(!claims.subject.empty() && claims.subject.size() <= Claims::subject_bytes_max);
    assert(is_clean_utf8(claims.subject));
    assert(!claims.role.empty() && is_clean_utf8(claims.role));
    return impl_->sign(print_claims(claims, now));
}

Result<std::string> TokenVerifier::issue_access_token(const AccessToken& token,
                                                      const SigningKeyPair* pair) const {
    TENANTRY_TRY(claims, print_claims(token));
    std::string signed_token = pair != nullptr ? pair->sign(claims) : impl_->sign(claims);
    if (signed_token.size() > token_bytes_max) {
        return fail(Errc::bad_value, "the token would be too long: its metadata must be shorter");
    }
    return signed_token;
}

}  // namespace tenantry::auth
