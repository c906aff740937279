#include "authentication.hpp"

#include <fmt/format.h>

namespace tenantry::http {
namespace {

std::optional<std::string_view> selected_by(const Request& request) {
    return request.tenant_selector ? std::optional<std::string_view>{*request.tenant_selector}
                                   : std::nullopt;
}

Result<TenantScope> decide(App& app, const Request& request, const Route& route,
                           std::string_view bearer, const auth::Findings& findings) {
    const auto& issuer = app.issuer;
    const auto now = app.clock.now();
    TENANTRY_TRY(scope, route.role == Role::anon
                            ? issuer.from_client(bearer, selected_by(request), now, findings)
                            : issuer.from_token(bearer, selected_by(request), now, findings));
    if (scope.role() < route.role) {
        return fail(Errc::role_insufficient,
                    fmt::format("this takes the role {}; yours is {}", name_of(route.role),
                                name_of(scope.role())));
    }
    return std::move(scope);
}

}  // namespace

Result<std::string> credential_of(const Request& request, const Route& route) {
    using Credentials = Route::Credentials;
    if (route.credentials == Credentials::key_in_query) {
        TENANTRY_TRY(target, Target::parse(request.target));
        if (const auto* key = target.find("apikey")) return *key;
        if (!request.apikey.empty()) return request.apikey;
    }
    if (route.credentials == Credentials::token_in_query && request.authorization.empty()) {
        TENANTRY_TRY(target, Target::parse(request.target));
        if (const auto* token = target.find("access_token")) return *token;
    }
    TENANTRY_TRY(bearer, bearer_of(request));
    if (bearer.empty() && route.credentials == Credentials::bearer_or_key) return request.apikey;
    return std::string{bearer};
}

boost::asio::awaitable<Result<TenantScope>> authenticate(App& app, const Request& request,
                                                         const Route& route, Memory memory,
                                                         engine::Deadline deadline) {
    auto bearer = credential_of(request, route);
    if (!bearer) co_return bearer.error();
    if (memory == Memory::will_do) {
        auto scope = decide(app, request, route, *bearer, {});
        if (scope) co_return scope;
    }
    auto findings =
        co_await app.issuer.learn(*bearer, request.tenant_selector, app.clock.now(), deadline);
    if (!findings) co_return findings.error();
    co_return decide(app, request, route, *bearer, *findings);
}

bool is_passing(Errc code) noexcept {
    switch (code) {
    case Errc::deadline_exceeded:
    case Errc::overloaded:
    case Errc::storage_busy:
    case Errc::storage_unusable:
    case Errc::standing_unknown:
    case Errc::standing_changed: return true;
    default: return false;
    }
}

boost::asio::awaitable<Result<auth::OperatorScope>> authenticate_operator(
    App& app, const Request& request, engine::Deadline deadline) {
    auto bearer = bearer_of(request);
    if (!bearer) co_return bearer.error();
    auto findings = co_await app.issuer.learn_key(std::string{*bearer}, deadline);
    if (!findings) co_return findings.error();
    co_return app.issuer.for_operator(*bearer, app.clock.now(), *findings);
}

}  // namespace tenantry::http
