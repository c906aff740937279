#include "http/request.hpp"

#include "base/text.hpp"

#include <boost/url/pct_string_view.hpp>

#include <algorithm>

namespace tenantry::http {
namespace {

namespace urls = boost::urls;

/// What a connection keeps between two requests for the next one to use.
constexpr std::size_t kept_bytes_max = 16UL * 1024;

void clear_text(std::string& text) {
    if (text.capacity() > kept_bytes_max) {
        std::string{}.swap(text);  // assigning would keep the memory
    } else {
        text.clear();
    }
}

Result<std::string> decode(std::string_view text, std::string_view part, bool plus_is_space) {
    // Most parts have nothing to decode.
    const bool plain = text.find_first_of(plus_is_space ? "%+" : "%") == std::string_view::npos;
    std::string decoded;
    if (plain) {
        decoded = text;
    } else {
        const auto escaped = urls::make_pct_string_view(text);
        if (!escaped) {
            return fail(Errc::bad_request, "the " + std::string{part} +
                                               " has a % that two hexadecimal digits don't follow; "
                                               "write %25 for the character itself");
        }
        decoded = escaped->decode(urls::encoding_opts{plus_is_space});
    }
    if (!is_clean_utf8(decoded)) {
        return fail(Errc::bad_utf8,
                    "the " + std::string{part} + " is not well-formed UTF-8 without NUL bytes");
    }
    return decoded;
}

/// The path and query of a target in absolute form (`http://host/path?query`).
std::string_view without_authority(std::string_view text) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (text.size() < scheme.size() ||
            !equals_ignoring_case(text.substr(0, scheme.size()), scheme)) {
            continue;
        }
        const auto path = text.find_first_of("/?", scheme.size());
        return path == std::string_view::npos ? std::string_view{"/"} : text.substr(path);
    }
    return text;
}

Result<void> parse_path(std::string_view path, std::vector<std::string>& segments) {
    path.remove_prefix(1);
    while (true) {
        const auto slash = path.find('/');
        TENANTRY_TRY(segment, decode(path.substr(0, slash), "path", false));
        segments.push_back(std::move(segment));
        if (slash == std::string_view::npos) return {};
        path.remove_prefix(slash + 1);
    }
}

Result<void> parse_query(std::string_view query, std::vector<Parameter>& parameters) {
    while (!query.empty()) {
        const auto ampersand = query.find('&');
        const auto pair = query.substr(0, ampersand);
        query = ampersand == std::string_view::npos ? "" : query.substr(ampersand + 1);
        if (pair.empty()) continue;
        const auto equals = pair.find('=');
        TENANTRY_TRY(name, decode(pair.substr(0, equals), "query", true));
        const auto raw = equals == std::string_view::npos ? "" : pair.substr(equals + 1);
        TENANTRY_TRY(value, decode(raw, "query", true));
        parameters.push_back({std::move(name), std::move(value)});
    }
    return {};
}

}  // namespace

std::string_view name_of(Method method) noexcept {
    switch (method) {
    case Method::get: return "GET";
    case Method::head: return "HEAD";
    case Method::post: return "POST";
    case Method::put: return "PUT";
    case Method::patch: return "PATCH";
    case Method::delete_: return "DELETE";
    case Method::options: return "OPTIONS";
    case Method::other: return "OTHER";
    }
    std::abort();
}

void Request::clear() {
    method = Method::other;
    tenant_selector.reset();
    websocket.reset();
    spool.reset();
    body_bytes_announced = 0;
    forwarded = false;
    for (auto* text :
         {&target, &authorization, &content_type, &origin, &if_match, &idempotency_key, &accept,
          &if_none_match, &last_event_id, &apikey, &prefer, &range, &accept_profile,
          &content_profile, &api_version, &forwarded_for, &remote, &id, &body}) {
        clear_text(*text);
    }
}

Result<std::string_view> bearer_of(const Request& request) {
    const std::string_view text = request.authorization;
    if (text.empty()) return std::string_view{};
    const auto space = text.find(' ');
    if (!equals_ignoring_case(text.substr(0, space), "bearer")) {
        return fail(Errc::token_invalid, "the Authorization header must read `Bearer <token>`");
    }
    return space == std::string_view::npos ? std::string_view{} : trim(text.substr(space));
}

Result<Target> Target::parse(std::string_view text) {
    Target target;
    if (text == "*") {
        target.asterisk = true;
        return target;
    }
    text = without_authority(text);
    const auto question_mark = text.find('?');
    const auto path = text.substr(0, question_mark);
    if (text.find('#') != std::string_view::npos || (!path.empty() && path.front() != '/') ||
        text.empty()) {
        return fail(Errc::bad_request,
                    "the request target must be a path such as /api/leads, "
                    "without a fragment");
    }
    TENANTRY_TRY_VOID(parse_path(path.empty() ? "/" : path, target.segments));
    if (question_mark != std::string_view::npos) {
        TENANTRY_TRY_VOID(parse_query(text.substr(question_mark + 1), target.parameters));
    }
    return target;
}

const std::string* Target::find(std::string_view name) const noexcept {
    const auto found = std::ranges::find(parameters, name, &Parameter::name);
    return found == parameters.end() || found->value.empty() ? nullptr : &found->value;
}

}  // namespace tenantry::http
