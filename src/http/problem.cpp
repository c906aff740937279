#include "http/problem.hpp"

#include "accept.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace tenantry::http {
namespace {

/// Field names may be a client's own, cut to some length: whole characters of them, then.
std::string_view whole_characters(std::string_view text) {
    while (!is_clean_utf8(text)) text.remove_suffix(1);
    return text;
}

Response render(Status status, std::string_view sentence, std::string_view code,
                std::string_view field) {
    Response response{.status = status};
    auto& out = response.body;
    out = "{\"error\":";
    append_json_string(out, sentence);
    out += ",\"code\":";
    append_json_string(out, code);
    field = whole_characters(field);
    if (!field.empty()) {
        out += ",\"field\":";
        append_json_string(out, field);
    }
    out += '}';
    response.refused = Refused{std::string{sentence}, code, std::string{field}};
    return response;
}

/// `unique_violation` as `Unique violation`.
std::string title_of(std::string_view code) {
    std::string title{code};
    std::ranges::replace(title, '_', ' ');
    if (!title.empty() && title[0] >= 'a' && title[0] <= 'z')
        title[0] = static_cast<char>(title[0] - 'a' + 'A');
    return title;
}

/// The path of the request, to tell where it happened: without the query, which holds values.
/// Empty if it is no URI (RFC 3986 §3.3).
std::string_view instance_of(const Request& request) {
    const auto path = std::string_view{request.target}.substr(0, request.target.find('?'));
    const bool plain = std::ranges::all_of(path, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view{"/-._~%!$&'()*+,;=:@"}.find(c) != std::string_view::npos;
    });
    return plain ? path : std::string_view{};
}

/// What a client is told to do about it besides the body (RFC 6750 §3, RFC 9110 §10.2.3).
void add_advice(Response& response, const Error& error) {
    if (response.status == Status::unauthorized) {
        add_header(response, "www-authenticate",
                   error.code == Errc::token_missing
                       ? "Bearer realm=\"tenantry\""
                       : "Bearer realm=\"tenantry\", error=\"invalid_token\"");
    } else if (error.code == Errc::overloaded || error.code == Errc::storage_busy ||
               error.code == Errc::standing_changed) {
        add_header(response, "retry-after", "1");
    } else if (error.code == Errc::shutting_down) {
        add_header(response, "retry-after", "5");
    }
}

}  // namespace

// A line for each code. NOLINTNEXTLINE(readability-function-size)
Status status_of(Errc code) noexcept {
    switch (code) {
    case Errc::bad_json:
    case Errc::bad_utf8:
    case Errc::bad_request:
    case Errc::bad_query:
    case Errc::unknown_relationship:
    case Errc::ambiguous_relationship:
    case Errc::not_embedded:
    case Errc::not_to_one:
    case Errc::aggregate_refused:
    case Errc::unknown_type:
    case Errc::cannot_cast:
    case Errc::bad_cursor:
    case Errc::bad_id:
    case Errc::bad_value:
    case Errc::bad_file:
    case Errc::unknown_field:
    case Errc::missing_field:
    case Errc::read_only_field:
    case Errc::out_of_range:
    case Errc::too_deep:
    case Errc::invalid_credentials:
    case Errc::email_not_confirmed:
    case Errc::refresh_token_not_found:
    case Errc::refresh_token_already_used: return Status::bad_request;
    case Errc::body_too_large: return Status::payload_too_large;
    case Errc::headers_too_large: return Status::request_header_fields_too_large;
    case Errc::unsupported_media_type: return Status::unsupported_media_type;
    case Errc::token_missing:
    case Errc::token_invalid:
    case Errc::token_expired: return Status::unauthorized;
    case Errc::tenant_required:
    case Errc::tenant_mismatch:
    case Errc::tenant_unavailable:
    case Errc::not_a_member:
    case Errc::role_insufficient:
    case Errc::session_not_found:
    case Errc::user_not_found:
    case Errc::link_expired:
    case Errc::not_admin: return Status::forbidden;
    case Errc::not_found:
    case Errc::no_such_route: return Status::not_found;
    case Errc::method_not_allowed: return Status::method_not_allowed;
    case Errc::unique_violation:
    case Errc::no_match:
    case Errc::conflict: return Status::conflict;
    case Errc::precondition_failed: return Status::precondition_failed;
    case Errc::weak_password:
    case Errc::same_password:
    case Errc::user_already_exists:
    case Errc::email_exists:
    case Errc::signup_disabled:
    case Errc::idempotency_key_reused: return Status::unprocessable_entity;
    case Errc::over_request_rate_limit:
    case Errc::quota_exceeded: return Status::too_many_requests;
    case Errc::resync_required: return Status::gone;
    case Errc::foreign_key_violation:
    case Errc::check_violation:
    case Errc::function_refused: return Status::unprocessable_entity;
    case Errc::storage_full: return Status::insufficient_storage;
    case Errc::deadline_exceeded:
    case Errc::overloaded:
    case Errc::standing_unknown:
    case Errc::standing_changed:
    case Errc::storage_busy:
    case Errc::storage_unusable:
    case Errc::mail_unavailable:
    case Errc::shutting_down: return Status::service_unavailable;
    case Errc::bad_configuration: return Status::internal_server_error;
    case Errc::webhook_failed: return Status::bad_gateway;
    }
    std::abort();
}

Response problem(const Error& error) { return problem(status_of(error.code), error); }

Response problem(Status status, const Error& error) {
    auto response = render(status, error.message, code_of(error.code), error.field);
    add_advice(response, error);
    return response;
}

Response internal_error() {
    return render(Status::internal_server_error,
                  "something went wrong on the server; its log has the cause under this "
                  "answer's x-request-id",
                  "internal_error", {});
}

void tell_as_preferred(const Request& request, Response& response) {
    if (!response.refused || !prefers_problem_details(request.accept)) return;
    const auto& refused = *response.refused;
    const auto member = [&out = response.body](std::string_view name, std::string_view value) {
        out += fmt::format(",\"{}\":", name);
        append_json_string(out, value);
    };
    response.content_type = "application/problem+json";
    response.body = fmt::format(R"({{"type":"urn:tenantry:problem:{}")", refused.code);
    member("title", title_of(refused.code));
    response.body += fmt::format(",\"status\":{}", static_cast<unsigned>(response.status));
    member("detail", refused.sentence);
    member("code", refused.code);
    if (!refused.field.empty()) member("field", refused.field);
    if (const auto instance = instance_of(request); !instance.empty()) member("instance", instance);
    response.body += '}';
}

}  // namespace tenantry::http
