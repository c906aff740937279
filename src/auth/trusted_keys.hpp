#pragma once
/// Whose key a token is to be verified by, and what its claims then mean.

#include "claims.hpp"
#include "jws.hpp"

#include <cstdint>
#include <utility>

namespace tenantry::auth {

/// One generation of what is trusted beside the secret. Threads: immutable.
class TrustedKeys {
public:
    TrustedKeys() = default;
    TrustedKeys(KeySet keys, std::uint64_t generation)
        : keys_{std::move(keys)}, generation_{generation} {}

    /// Reads a token of any algorithm but HS256; `now` is compared with the key's end alone.
    /// Errors: token_invalid.
    Result<TimedClaims> read(const CompactJws& jws, const JwsHeader& header, Timestamp now) const;

    const KeySet& keys() const noexcept { return keys_; }
    std::uint64_t generation() const noexcept { return generation_; }

private:
    KeySet keys_;
    std::uint64_t generation_ = 0;
};

/// What a token is told whose key is gone.
Error key_is_gone();

}  // namespace tenantry::auth
