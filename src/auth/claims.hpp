#pragma once
/// The claims of a token (RFC 7519 §4.1) from and to JSON.

#include "auth/token.hpp"

#include <string>
#include <string_view>

namespace tenantry::auth {

/// Claims, and the time before which they don't hold.
struct TimedClaims {
    Claims claims;
    Timestamp not_before = Timestamp::min();
};

/// Reads the payload of a token whose signature has been verified:
///
/// | claim                  | form                                                     |
/// | sub                    | string, 1 to 255 bytes without NUL                       |
/// | exp                    | seconds since 1970, fraction allowed, up to year 9999    |
/// | nbf                    | the same; optional                                       |
/// | tenant_id              | tenant id; optional                                      |
/// | app_metadata.tenant_id | tenant id; optional, equal to tenant_id where both stand |
/// | role                   | string, not empty; optional                              |
///
/// All other claims are ignored, `iat` and `user_metadata` among them. Errors: token_invalid.
Result<TimedClaims> parse_claims(std::string_view json);

/// The inverse: sub, tenant_id where there is one, role, iat and exp.
std::string print_claims(const Claims& claims, Timestamp issued_at);

}  // namespace tenantry::auth
