#pragma once
/// Requests that may be sent again without happening again.

#include "base/error.hpp"

#include <string>
#include <string_view>

namespace tenantry::services {

/// What a client calls one request (`Idempotency-Key`), with a fingerprint of what it asked. Keys
/// are a tenant's own and are remembered for a day.
class IdempotencyKey {
public:
    static constexpr std::size_t bytes_max = 255;

    /// `request` is all that distinguishes one request from another: who asks, method, path, body.
    /// Errors: bad_value unless `key` is 1 to 255 visible ASCII characters.
    static Result<IdempotencyKey> parse(std::string_view key, std::string_view request);

    const std::string& text() const noexcept { return text_; }
    /// 64 hexadecimal digits.
    const std::string& fingerprint() const noexcept { return fingerprint_; }

private:
    IdempotencyKey(std::string_view text, std::string fingerprint)
        : text_{text}, fingerprint_{std::move(fingerprint)} {}
    std::string text_;
    std::string fingerprint_;
};

}  // namespace tenantry::services
