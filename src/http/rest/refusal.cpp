#include "rest/refusal.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>

namespace tenantry::http::rest {
namespace {

constexpr std::string_view prefix = "/rest/v1";

/// What an error's public text is here; `status` where it is another.
struct Translation {
    std::string_view own;
    std::string_view code;
    Status status = Status::unknown;
};
constexpr std::array translations{
    Translation{"bad_json", "PGRST102"},
    Translation{"bad_request", "PGRST100"},
    Translation{"bad_query", "PGRST100"},
    Translation{"bad_utf8", "22021"},
    Translation{"too_deep", "PGRST100"},
    Translation{"unknown_relationship", "PGRST200"},
    Translation{"ambiguous_relationship", "PGRST201", Status::multiple_choices},
    Translation{"not_embedded", "PGRST108"},
    Translation{"not_to_one", "PGRST118"},
    Translation{"aggregate_refused", "PGRST123"},
    Translation{"unknown_type", "42704"},
    Translation{"cannot_cast", "42846"},
    Translation{"bad_id", "22P02"},
    Translation{"bad_value", "22P02"},
    Translation{"out_of_range", "22003"},
    Translation{"unknown_field", "42703"},
    Translation{"missing_field", "23502"},
    Translation{"read_only_field", "42501", Status::forbidden},
    Translation{"role_insufficient", "42501"},
    Translation{"tenant_mismatch", "42501"},
    Translation{"token_missing", "PGRST302"},
    Translation{"token_invalid", "PGRST301"},
    Translation{"token_expired", "PGRST303"},
    Translation{"unique_violation", "23505"},
    Translation{"foreign_key_violation", "23503", Status::conflict},
    Translation{"check_violation", "23514", Status::bad_request},
    Translation{"no_such_route", "PGRST125"},
    Translation{"method_not_allowed", "PGRST117"},
    // Clients repeat what is answered with 503; this has taken its time already.
    Translation{"deadline_exceeded", "57014", Status::internal_server_error},
};

void append_member(std::string& out, std::string_view name, std::string_view value) {
    append_json_string(out, name);
    out += ':';
    if (value.empty()) {
        out += "null";
    } else {
        append_json_string(out, value);
    }
}

void write(Response& response, std::string_view code, std::string_view message,
           std::string_view details, std::string_view hint) {
    auto& out = response.body;
    out = "{";
    append_member(out, "code", code);
    out += ',';
    append_member(out, "details", details);
    out += ',';
    append_member(out, "hint", hint);
    out += ',';
    append_member(out, "message", message);
    out += '}';
    response.content_type = "application/json; charset=utf-8";
}

}  // namespace

bool is_rest(std::string_view target) noexcept {
    if (!target.starts_with(prefix)) return false;
    const auto rest = target.substr(prefix.size());
    return rest.empty() || rest.front() == '/' || rest.front() == '?';
}

Response refusal(Status status, std::string_view code, std::string_view message,
                 std::string_view details, std::string_view hint) {
    Response response{.status = status};
    write(response, code, message, details, hint);
    return response;
}

void tell_as_postgrest(Response& response) {
    if (!response.refused) return;
    const auto& [sentence, own, field] = *response.refused;
    const auto found = std::ranges::find(translations, own, &Translation::own);
    if (found == translations.end()) return write(response, own, sentence, {}, field);
    if (found->status != Status::unknown) response.status = found->status;
    // A page that there can't be.
    const bool is_page = field.ends_with("limit") || field.ends_with("offset");
    if (own == "out_of_range" && is_page) {
        response.status = Status::range_not_satisfiable;
        return write(response, "PGRST103", "Requested range not satisfiable", sentence, field);
    }
    write(response, found->code, sentence, {}, field);
}

}  // namespace tenantry::http::rest
