#pragma once
/// What a signed-in user is given: an access token with the claims that Supabase's auth writes.

#include "auth/signing_keys.hpp"
#include "base/id.hpp"

#include <string>

namespace tenantry::auth {

/// The claims of an access token. Times are cut to whole seconds. `phone` is always printed empty.
struct AccessToken {
    std::string subject;  // as in Claims
    std::string email;    // may be empty
    std::optional<TenantId> tenant{};
    std::string role = "authenticated";
    Uuid session;
    /// JSON objects with distinct names at every depth. Printed, the first has the `tenant_id` of
    /// `tenant`, or none, whatever stands there.
    std::string app_metadata = "{}";
    std::string user_metadata = "{}";
    std::string issuer;
    std::string audience = "authenticated";
    std::string aal = "aal1";         // authenticator assurance level
    std::string method = "password";  // how the user signed in (amr), and when
    Timestamp authenticated_at;
    Timestamp issued_at;
    Timestamp expires_at;
    bool is_anonymous = false;
};

/// The token's claims as JSON: iss, sub, aud, exp, iat, email, phone, app_metadata, user_metadata,
/// role, aal, amr, session_id, is_anonymous, and tenant_id where there is one.
/// Errors: bad_value for what no verifier would take: metadata that isn't an object of that form or
///         is nested too deep, text that isn't UTF-8, an empty subject or role. The field is named.
Result<std::string> print_claims(const AccessToken& token);

}  // namespace tenantry::auth
