#pragma once
/// Outcomes: what a request or its data can bring about, as values.
///
/// A function that can be refused returns `Result<T>`. Faults (disk, network, memory) are
/// exceptions, bugs abort. Threads: plain values.

#include <boost/system/result.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace tenantry {

/// Every way in which a request can be refused. Each has one public, stable text (`code_of`) and
/// one HTTP status (chosen by the http module in a switch without default).
enum class Errc {
    // malformed input
    bad_json,
    bad_utf8,
    bad_request,
    bad_query,
    unknown_relationship,
    ambiguous_relationship,
    not_embedded,
    not_to_one,
    aggregate_refused,
    unknown_type,
    cannot_cast,
    bad_cursor,
    bad_id,
    bad_value,
    bad_file,
    unknown_field,
    missing_field,
    read_only_field,
    out_of_range,
    too_deep,
    body_too_large,
    headers_too_large,
    unsupported_media_type,
    // who is asking
    token_missing,
    token_invalid,
    token_expired,
    tenant_required,
    tenant_mismatch,
    tenant_unavailable,
    not_a_member,
    role_insufficient,
    // signing in
    invalid_credentials,
    email_not_confirmed,
    weak_password,
    same_password,
    user_already_exists,
    email_exists,
    signup_disabled,
    refresh_token_not_found,
    refresh_token_already_used,
    session_not_found,
    user_not_found,
    link_expired,
    not_admin,
    over_request_rate_limit,
    // within the server: what is remembered of a principal's rights doesn't suffice
    standing_unknown,
    standing_changed,
    // state of the data
    not_found,
    no_such_route,
    method_not_allowed,
    unique_violation,
    foreign_key_violation,
    check_violation,
    function_refused,
    conflict,
    no_match,
    precondition_failed,
    idempotency_key_reused,
    resync_required,
    // state of the server
    deadline_exceeded,
    overloaded,
    quota_exceeded,
    storage_full,
    storage_busy,
    storage_unusable,
    shutting_down,
    bad_configuration,
    // state of somebody else's server
    webhook_failed,
    mail_unavailable,
};

/// The stable, greppable name of `code` as clients see it, such as "unique_violation".
std::string_view code_of(Errc code) noexcept;

/// What a function of the database's has refused a call with.
struct Raised {
    std::string sqlstate{};
    std::string details{};
    std::string hint{};
};

/// Why something was refused. `message` is a sentence for a person that says what to do;
/// it never holds secrets, SQL or another tenant's values. `field` names the offending input,
/// empty where there is none.
struct Error {
    Errc code;
    std::string message;
    std::string field{};
    std::shared_ptr<const Raised> raised{};  // of function_refused

    friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
using Result = boost::system::result<T, Error>;

/// Makes the error half of a Result.
inline Error fail(Errc code, std::string message, std::string field = {}) {
    return Error{code, std::move(message), std::move(field), {}};
}

/// Called by Boost when `.value()` is taken of a refused Result: a bug, since callers must test
/// first.
[[noreturn]] void throw_exception_from_error(const Error& error,
                                             const boost::source_location& where);

/// `T` of a Result, or the enclosing function returns its error.
#define TENANTRY_TRY(name, expression)                \
    auto name##_result = (expression);                \
    if (!name##_result) return name##_result.error(); \
    auto& name = *name##_result

#define TENANTRY_TRY_VOID(expression) \
    if (auto tried = (expression); !tried) return tried.error()

}  // namespace tenantry
