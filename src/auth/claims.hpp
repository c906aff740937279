#pragma once
/// The claims of a token (RFC 7519 §4.1) from and to JSON.

#include "auth/token.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tenantry::auth {

/// Claims, the time before which they don't hold, and how long we trust who signed them.
struct TimedClaims {
    Claims claims;
    Timestamp not_before = Timestamp::min();
    std::uint64_t generation = 0;  // of the keys that were trusted then; 0: the secret, for ever
    Timestamp key_until = Timestamp::max();  // the first moment at which the key holds no longer
};

/// Reads the payload of an own token whose signature has been verified:
///
/// | claim                  | form                                                     |
/// | sub                    | string, 1 to 255 bytes without NUL; may be absent only   |
/// |                        | of `anon` and `service_role`, and is then the role       |
/// | exp                    | seconds since 1970, fraction allowed, up to year 9999    |
/// | nbf                    | the same; optional                                       |
/// | tenant_id              | tenant id; optional                                      |
/// | app_metadata.tenant_id | tenant id; optional, equal to tenant_id where both stand |
/// | role                   | string, not empty; optional                              |
/// | session_id             | UUID; optional                                           |
///
/// All other claims are ignored, `iat` and `user_metadata` among them. Errors: token_invalid.
Result<TimedClaims> parse_claims(std::string_view json);

/// Reads the payload of a token whose signature is by a key of `issuer`, and says what that may
/// say. Errors: token_invalid.
Result<TimedClaims> parse_foreign_claims(std::string_view json, const ForeignIssuer& issuer);

/// The `iss` of a payload that nobody has verified yet, only to look up whose key to try; nullopt
/// if there is none, or no JSON object with distinct names.
std::optional<std::string> peek_issuer(std::string_view json);

/// The inverse of parse_claims: sub, tenant_id and session_id where there are such, role, iat, exp.
std::string print_claims(const Claims& claims, Timestamp issued_at);

}  // namespace tenantry::auth
