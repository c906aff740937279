// A token is looked at in the order of what it can cost us: its size, the cache of those seen
// before, its form and header, its signature, and only then, once we know who wrote them, its
// claims. Times are compared on every use, cached or not.

#include "auth/token.hpp"

#include "base/text.hpp"
#include "claims.hpp"
#include "jws.hpp"
#include "token_cache.hpp"

#include <cassert>

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

    Result<TokenCache::Entry> verify(std::string_view token, Timestamp now) {
        if (token.size() > token_bytes_max) {
            return refused("The token is too long: at most 16 KiB are read");
        }
        if (auto known = cache_.find(token, now)) {
            TENANTRY_TRY_VOID(check_times(*known, now));
            return known;
        }
        TENANTRY_TRY(timed, read(token));
        TENANTRY_TRY_VOID(check_times(timed, now));
        auto entry = std::make_shared<const TimedClaims>(std::move(timed));
        cache_.insert(token, entry);
        return entry;
    }

    std::string issue(const Claims& claims, Timestamp now) const {
        return key_.sign(print_claims(claims, now));
    }

private:
    /// All that doesn't depend on the time.
    Result<TimedClaims> read(std::string_view token) const {
        TENANTRY_TRY(jws, split_compact(token));
        TENANTRY_TRY_VOID(check_header(jws.header));
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
};

// The secret ends here; the key keeps what it needs of it.
TokenVerifier::TokenVerifier(Secret secret) : impl_{std::make_unique<Impl>(secret)} {}

TokenVerifier::~TokenVerifier() = default;

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
    return impl_->issue(claims, now);
}

}  // namespace tenantry::auth
