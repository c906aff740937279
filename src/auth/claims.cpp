#include "claims.hpp"

#include "base/text.hpp"
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

}  // namespace

Result<TimedClaims> parse_claims(std::string_view text) {
    const auto object = parse_unambiguous_object(text);
    if (!object) return refused("The token's claims are not a JSON object with distinct names");
    TENANTRY_TRY(subject, parse_subject(*object));
    TENANTRY_TRY(tenant, choose_tenant(*object));
    TENANTRY_TRY(role, parse_role_claim(*object));

    const auto* exp = object->if_contains("exp");
    const auto expires_at = exp == nullptr ? std::nullopt : parse_numeric_date(*exp);
    if (!expires_at) {
        return refused("The token must have an expiry (exp), a number of seconds since 1970");
    }
    TimedClaims timed{.claims = {.subject = std::move(subject),
                                 .tenant = std::move(tenant),
                                 .role = std::move(role),
                                 .expires_at = *expires_at}};
    if (const auto* nbf = object->if_contains("nbf")) {
        const auto not_before = parse_numeric_date(*nbf);
        if (!not_before) {
            return refused("The token's start (nbf) must be a number of seconds since 1970");
        }
        timed.not_before = *not_before;
    }
    return timed;
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
    out += R"(,"role":)";
    append_json_string(out, claims.role);
    out += R"(,"iat":)" + seconds_of(issued_at);
    out += R"(,"exp":)" + seconds_of(claims.expires_at) + '}';
    return out;
}

}  // namespace tenantry::auth
