#include "base/error.hpp"

#include <stdexcept>

namespace tenantry {

// A line for each code. NOLINTNEXTLINE(readability-function-size)
std::string_view code_of(Errc code) noexcept {
    switch (code) {
    case Errc::bad_json: return "bad_json";
    case Errc::bad_utf8: return "bad_utf8";
    case Errc::bad_request: return "bad_request";
    case Errc::bad_query: return "bad_query";
    case Errc::unknown_relationship: return "unknown_relationship";
    case Errc::ambiguous_relationship: return "ambiguous_relationship";
    case Errc::not_embedded: return "not_embedded";
    case Errc::not_to_one: return "not_to_one";
    case Errc::aggregate_refused: return "aggregate_refused";
    case Errc::unknown_type: return "unknown_type";
    case Errc::cannot_cast: return "cannot_cast";
    case Errc::bad_cursor: return "bad_cursor";
    case Errc::bad_id: return "bad_id";
    case Errc::bad_value: return "bad_value";
    case Errc::bad_file: return "bad_file";
    case Errc::unknown_field: return "unknown_field";
    case Errc::missing_field: return "missing_field";
    case Errc::read_only_field: return "read_only_field";
    case Errc::out_of_range: return "out_of_range";
    case Errc::too_deep: return "too_deep";
    case Errc::body_too_large: return "body_too_large";
    case Errc::headers_too_large: return "headers_too_large";
    case Errc::unsupported_media_type: return "unsupported_media_type";
    case Errc::token_missing: return "token_missing";
    case Errc::token_invalid: return "token_invalid";
    case Errc::token_expired: return "token_expired";
    case Errc::tenant_required: return "tenant_required";
    case Errc::tenant_mismatch: return "tenant_mismatch";
    case Errc::tenant_unavailable: return "tenant_unavailable";
    case Errc::not_a_member: return "not_a_member";
    case Errc::role_insufficient: return "role_insufficient";
    case Errc::invalid_credentials: return "invalid_credentials";
    case Errc::email_not_confirmed: return "email_not_confirmed";
    case Errc::weak_password: return "weak_password";
    case Errc::same_password: return "same_password";
    case Errc::user_already_exists: return "user_already_exists";
    case Errc::email_exists: return "email_exists";
    case Errc::signup_disabled: return "signup_disabled";
    case Errc::refresh_token_not_found: return "refresh_token_not_found";
    case Errc::refresh_token_already_used: return "refresh_token_already_used";
    case Errc::session_not_found: return "session_not_found";
    case Errc::user_not_found: return "user_not_found";
    case Errc::link_expired: return "link_expired";
    case Errc::not_admin: return "not_admin";
    case Errc::over_request_rate_limit: return "over_request_rate_limit";
    case Errc::standing_unknown: return "standing_unknown";
    case Errc::standing_changed: return "standing_changed";
    case Errc::not_found: return "not_found";
    case Errc::no_such_route: return "no_such_route";
    case Errc::method_not_allowed: return "method_not_allowed";
    case Errc::unique_violation: return "unique_violation";
    case Errc::foreign_key_violation: return "foreign_key_violation";
    case Errc::check_violation: return "check_violation";
    case Errc::function_refused: return "function_refused";
    case Errc::conflict: return "conflict";
    case Errc::no_match: return "no_match";
    case Errc::precondition_failed: return "precondition_failed";
    case Errc::idempotency_key_reused: return "idempotency_key_reused";
    case Errc::resync_required: return "resync_required";
    case Errc::deadline_exceeded: return "deadline_exceeded";
    case Errc::overloaded: return "overloaded";
    case Errc::quota_exceeded: return "quota_exceeded";
    case Errc::storage_full: return "storage_full";
    case Errc::storage_busy: return "storage_busy";
    case Errc::storage_unusable: return "storage_unusable";
    case Errc::shutting_down: return "shutting_down";
    case Errc::bad_configuration: return "bad_configuration";
    case Errc::webhook_failed: return "webhook_failed";
    case Errc::mail_unavailable: return "mail_unavailable";
    }
    std::abort();
}

void throw_exception_from_error(const Error& error, const boost::source_location&) {
    throw std::logic_error("value of a refused result taken: " + std::string(code_of(error.code)));
}

}  // namespace tenantry
