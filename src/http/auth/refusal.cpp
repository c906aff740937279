#include "auth/refusal.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>

namespace tenantry::http::auth_api {
namespace {

namespace json = boost::json;

constexpr std::string_view prefix = "/auth/v1";
constexpr std::string_view version = "2024-01-01";

/// What an error's public text is here; `status` where it is another.
struct Translation {
    std::string_view own;
    std::string_view code;
    Status status = Status::unknown;
};
constexpr std::array translations{
    Translation{"bad_utf8", "bad_json"},
    Translation{"too_deep", "bad_json"},
    Translation{"bad_value", "validation_failed"},
    Translation{"bad_id", "validation_failed"},
    Translation{"bad_query", "validation_failed"},
    Translation{"missing_field", "validation_failed"},
    Translation{"out_of_range", "validation_failed"},
    Translation{"token_missing", "no_authorization"},
    Translation{"token_invalid", "bad_jwt", Status::forbidden},
    Translation{"token_expired", "bad_jwt", Status::forbidden},
    Translation{"link_expired", "otp_expired"},
    Translation{"not_found", "user_not_found"},
    Translation{"no_such_route", "not_found"},
    // Clients repeat what is answered with 503, for half a minute.
    Translation{"overloaded", "over_request_rate_limit", Status::too_many_requests},
    Translation{"deadline_exceeded", "request_timeout", Status::too_many_requests},
    Translation{"mail_unavailable", "unexpected_failure", Status::internal_server_error},
};

}  // namespace

bool is_auth(std::string_view target) noexcept {
    if (!target.starts_with(prefix)) return false;
    const auto rest = target.substr(prefix.size());
    return rest.empty() || rest.front() == '/' || rest.front() == '?';
}

void tell_as_gotrue(const Request& request, Response& response) {
    if (!response.refused) return;
    const auto& [sentence, own, field] = *response.refused;
    std::string_view code = own;
    const auto* found = std::ranges::find(translations, own, &Translation::own);
    if (found != translations.end()) {
        code = found->code;
        if (found->status != Status::unknown) response.status = found->status;
    }
    if (field == "apikey") response.status = Status::unauthorized;
    if (own == "bad_value" && field == "email") code = "email_address_invalid";
    json::object out;
    if (request.api_version.empty()) {
        out = {{"code", static_cast<unsigned>(response.status)},
               {"error_code", code},
               {"msg", sentence}};
    } else {
        out = {{"code", code}, {"message", sentence}};
        add_header(response, "x-supabase-api-version", version);
    }
    if (own == "weak_password")
        out["weak_password"] = json::object{{"reasons", json::array{"length"}}};
    response.body = json::serialize(out);
    response.content_type = "application/json";
}

}  // namespace tenantry::http::auth_api
