#include "claims.hpp"

#include "base/text.hpp"
#include "pkey.hpp"
#include "strict_json.hpp"

#include <chrono>
#include <cmath>
#include <cstdint>

namespace tenantry::auth {
namespace {

namespace json = boost::json;

Error refused(std::string message) { return fail(Errc::token_invalid, std::move(message)); }

/// A NumericDate (RFC 7519 §2) of the years 1970 to 9999. A fraction is cut to microseconds.
std::optional<Timestamp> parse_numeric_date(const json::value& value) {
    constexpr std::int64_t latest = 253'402'300'799;  // 9999-12-31T23:59:59Z
    if (const auto* whole = value.if_int64()) {
        if (*whole < 0 || *whole > latest) return std::nullopt;
        return Timestamp{std::chrono::seconds{*whole}};
    }
    if (const auto* number = value.if_double()) {
        if (!(*number >= 0 && *number <= static_cast<double>(latest))) return std::nullopt;
        const double whole = std::floor(*number);
        const double micros = std::floor((*number - whole) * 1e6);
        return Timestamp{std::chrono::seconds{static_cast<std::int64_t>(whole)}} +
               std::chrono::microseconds{static_cast<std::int64_t>(micros)};
    }
    return std::nullopt;
}

Result<std::string> parse_subject(const json::object& claims) {
    const auto* subject = claims.if_contains("sub");
    if (subject == nullptr || !subject->is_string()) {
        return refused("The token must have a subject (sub), a string");
    }
    const auto& text = subject->get_string();
    if (text.empty() || text.size() > Claims::subject_bytes_max || !is_clean_utf8(text)) {
        return refused("The token's subject (sub) must have 1 to 255 bytes, none of them NUL");
    }
    return std::string{text};
}

/// Supabase's keys for applications are tokens of nobody but their role.
Result<std::string> parse_own_subject(const json::object& claims, std::string_view role) {
    if (!claims.contains("sub") && (role == "anon" || role == "service_role")) {
        return std::string{role};
    }
    return parse_subject(claims);
}

/// The `tenant_id` of `object`, if it has one.
Result<std::optional<TenantId>> parse_tenant(const json::object& object) {
    const auto* value = object.if_contains("tenant_id");
    if (value == nullptr) return std::optional<TenantId>{};
    if (value->is_string()) {
        if (auto tenant = TenantId::parse(value->get_string())) {
            return std::optional{std::move(*tenant)};
        }
    }
    return refused("The token's tenant_id is not a tenant id");
}

Result<std::optional<TenantId>> choose_tenant(const json::object& claims) {
    TENANTRY_TRY(direct, parse_tenant(claims));
    const auto* metadata = claims.if_contains("app_metadata");
    // Some issuers write null where they have no metadata.
    if (metadata == nullptr || metadata->is_null()) return direct;
    if (!metadata->is_object()) return refused("The token's app_metadata is not an object");
    TENANTRY_TRY(nested, parse_tenant(metadata->get_object()));
    if (direct && nested && *direct != *nested) {
        return refused("The token names two tenants, in tenant_id and app_metadata.tenant_id");
    }
    return direct ? direct : nested;
}

Result<std::string> parse_role_claim(const json::object& claims) {
    const auto* role = claims.if_contains("role");
    if (role == nullptr) return std::string{};
    if (!role->is_string() || role->get_string().empty()) {
        return refused("The token's role must be a string that is not empty");
    }
    return std::string{role->get_string()};
}

Result<std::optional<Uuid>> parse_session(const json::object& claims) {
    const auto* session = claims.if_contains("session_id");
    if (session == nullptr) return std::optional<Uuid>{};
    if (session->is_string()) {
        if (const auto id = parse_uuid(session->get_string())) return std::optional{*id};
    }
    return refused("The token's session (session_id) must be a UUID");
}

/// Puts `exp` and `nbf` into `timed`.
Result<void> parse_times(const json::object& claims, TimedClaims& timed) {
    const auto* exp = claims.if_contains("exp");
    const auto expires_at = exp == nullptr ? std::nullopt : parse_numeric_date(*exp);
    if (!expires_at) {
        return refused("The token must have an expiry (exp), a number of seconds since 1970");
    }
    timed.claims.expires_at = *expires_at;
    if (const auto* nbf = claims.if_contains("nbf")) {
        const auto not_before = parse_numeric_date(*nbf);
        if (!not_before) {
            return refused("The token's start (nbf) must be a number of seconds since 1970");
        }
        timed.not_before = *not_before;
    }
    return {};
}

bool says(const json::object& claims, std::string_view name, std::string_view text) {
    const auto* value = claims.if_contains(name);
    return value != nullptr && value->is_string() && value->get_string() == text;
}

/// RFC 7519 §4.1.3: one text, or a list of nothing else.
bool is_for(const json::object& claims, std::string_view audience) {
    const auto* value = claims.if_contains("aud");
    const auto* list = value == nullptr ? nullptr : value->if_array();
    if (list == nullptr) return says(claims, "aud", audience);
    bool found = false;
    for (const json::value& element : *list) {
        if (!element.is_string()) return false;
        found = found || element.get_string() == audience;
    }
    return found;
}

/// What stands at `path`: the claim of exactly that name, or what its parts between dots lead to.
/// nullptr if there is nothing. Errors: token_invalid where the way leads through no object.
Result<const json::value*> find_claim(const json::object& claims, std::string_view path) {
    if (const auto* literal = claims.if_contains(path)) return literal;
    const json::object* object = &claims;
    for (auto dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
        const auto* next = object->if_contains(path.substr(0, dot));
        if (next == nullptr || next->is_null()) return nullptr;
        object = next->if_object();
        if (object == nullptr) return refused("The token's claim of the tenant is not a text");
        path.remove_prefix(dot + 1);
    }
    return object->if_contains(path);
}

Result<std::optional<TenantId>> parse_foreign_tenant(const json::object& claims,
                                                     std::string_view path) {
    if (path.empty()) return std::optional<TenantId>{};
    TENANTRY_TRY(value, find_claim(claims, path));
    if (value == nullptr) return std::optional<TenantId>{};
    if (value->is_string()) {
        if (auto tenant = TenantId::parse(value->get_string())) {
            return std::optional{std::move(*tenant)};
        }
    }
    return refused("The token's claim of the tenant is not a tenant id");
}

/// No user of ours has a bar in the id, and no issuer one in the name.
std::string foreign_subject(std::string_view issuer, std::string_view subject) {
    std::string name{issuer};
    name += '|';
    name += subject;
    if (name.size() <= Claims::subject_bytes_max) return name;
    return "sha256:" + encode_base64url(digest_of(name));
}

/// A foreign issuer may give less than "authenticated", never more.
std::string foreign_role(std::string role) {
    if (role.empty() || role == "viewer" || role == "anon") return role;
    return "authenticated";
}

Error no_object() {
    return refused("The token's claims are not a JSON object with distinct names");
}

}  // namespace

Result<TimedClaims> parse_claims(std::string_view text) {
    const auto object = parse_unambiguous_object(text);
    if (!object) return no_object();
    TENANTRY_TRY(role, parse_role_claim(*object));
    TENANTRY_TRY(subject, parse_own_subject(*object, role));
    TENANTRY_TRY(tenant, choose_tenant(*object));
    TENANTRY_TRY(session, parse_session(*object));
    TimedClaims timed{.claims = {.subject = std::move(subject),
                                 .tenant = std::move(tenant),
                                 .role = std::move(role),
                                 .expires_at = {},
                                 .session = session}};
    TENANTRY_TRY_VOID(parse_times(*object, timed));
    return timed;
}

Result<TimedClaims> parse_foreign_claims(std::string_view text, const ForeignIssuer& issuer) {
    const auto object = parse_unambiguous_object(text);
    if (!object) return no_object();
    // The key was chosen by the issuer's name before anybody had verified it.
    if (!says(*object, "iss", issuer.issuer)) return refused("The token's issuer (iss) is another");
    if (!is_for(*object, issuer.audience)) {
        return refused("The token is not meant for this server (aud)");
    }
    TENANTRY_TRY(role, parse_role_claim(*object));
    TENANTRY_TRY(subject, parse_subject(*object));
    TENANTRY_TRY(tenant, parse_foreign_tenant(*object, issuer.tenant_claim));
    TimedClaims timed{.claims = {.subject = foreign_subject(issuer.issuer, subject),
                                 .tenant = std::move(tenant),
                                 .role = foreign_role(std::move(role)),
                                 .expires_at = {}}};
    TENANTRY_TRY_VOID(parse_times(*object, timed));
    return timed;
}

std::optional<std::string> peek_issuer(std::string_view text) {
    const auto object = parse_unambiguous_object(text);
    const auto* issuer = object ? object->if_contains("iss") : nullptr;
    if (issuer == nullptr || !issuer->is_string()) return std::nullopt;
    return std::string{issuer->get_string()};
}

std::string print_claims(const Claims& claims, Timestamp issued_at) {
    const auto seconds_of = [](Timestamp time) {
        return std::to_string(
            std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
    };
    std::string out = R"({"sub":)";
    append_json_string(out, claims.subject);
    if (claims.tenant) {
        out += R"(,"tenant_id":)";
        append_json_string(out, claims.tenant->text());
    }
    if (claims.session) {
        out += R"(,"session_id":")";
        append_uuid(out, *claims.session);
        out += '"';
    }
    out += R"(,"role":)";
    append_json_string(out, claims.role);
    out += R"(,"iat":)" + seconds_of(issued_at);
    out += R"(,"exp":)" + seconds_of(claims.expires_at) + '}';
    return out;
}

}  // namespace tenantry::auth
