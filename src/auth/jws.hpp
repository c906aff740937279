#pragma once
/// Compact JWS (RFC 7515 §3.1) with HS256: `header "." payload "." signature`, each base64url.
/// The signature work is libjose's, which no other module includes.

#include "auth/token.hpp"

#include <memory>
#include <string>
#include <string_view>

struct json_t;  // NOLINT(readability-identifier-naming): jansson's

namespace tenantry::auth {

/// The three parts of a compact JWS, still encoded; views into the token.
struct CompactJws {
    std::string_view header;
    std::string_view payload;
    std::string_view signature;
};

/// Errors: token_invalid unless there are three parts, none empty.
Result<CompactJws> split_compact(std::string_view token);

/// Looks at the header before any cryptography does: it must be a JSON object of which `alg` is
/// exactly "HS256" and `typ`, if there, is JWT in any case; `crit` is refused, since no extension
/// is understood. Other parameters (`kid`, …) are ignored, as RFC 7515 §4 asks.
/// Errors: token_invalid.
Result<void> check_header(std::string_view encoded);

/// A secret as libjose wants it. Wiped when destroyed. Threads: any, at the same time.
class SigningKey {
public:
    explicit SigningKey(const Secret& secret);

    /// Whether the signature is this key's. The header must have passed check_header.
    bool verifies(const CompactJws& jws) const;

    /// The compact JWS of `payload` (not encoded) under the header {"alg":"HS256","typ":"JWT"}.
    std::string sign(std::string_view payload) const;

private:
    struct Wipe {
        void operator()(json_t* jwk) const noexcept;
    };
    std::unique_ptr<json_t, Wipe> jwk_;
};

}  // namespace tenantry::auth
