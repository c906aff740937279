#include "auth/serve.hpp"

#include "auth/client_address.hpp"
#include "authentication.hpp"
#include "http/problem.hpp"

#include <array>

namespace tenantry::http::auth_api {
namespace {

struct Route {
    Method method;
    std::string_view pattern;
    Answer (*handler)(const Call& call);
};

constexpr std::array routes{
    Route{Method::post, "/auth/v1/signup", sign_up},
    Route{Method::post, "/auth/v1/token", token},
    Route{Method::get, "/auth/v1/user", read_user},
    Route{Method::put, "/auth/v1/user", change_user},
    Route{Method::post, "/auth/v1/logout", log_out},
    Route{Method::post, "/auth/v1/verify", verify},
    Route{Method::post, "/auth/v1/recover", recover},
    Route{Method::get, "/auth/v1/settings", settings},
    Route{Method::get, "/auth/v1/health", health},
    Route{Method::get, "/auth/v1/.well-known/jwks.json", jwks},
    Route{Method::post, "/auth/v1/invite", invite},
    Route{Method::get, "/auth/v1/admin/users", list_users},
    Route{Method::post, "/auth/v1/admin/users", create_user},
    Route{Method::get, "/auth/v1/admin/users/{id}", read_member},
    Route{Method::put, "/auth/v1/admin/users/{id}", change_member},
    Route{Method::delete_, "/auth/v1/admin/users/{id}", remove_member},
};

using MaybeTenant = std::optional<TenantId>;

/// Whose users the client is for, by its key and the header that chooses. Neither is a right.
boost::asio::awaitable<Result<MaybeTenant>> tenant_of(App& app, const Request& request,
                                                      engine::Deadline deadline) {
    MaybeTenant selected;
    if (request.tenant_selector) {
        auto chosen = TenantId::parse(*request.tenant_selector);
        if (!chosen)
            co_return fail(Errc::tenant_mismatch, "x-tenant-id is not a tenant id", "x-tenant-id");
        selected = std::move(*chosen);
    }
    if (request.apikey.empty()) co_return selected;
    auto findings = co_await app.issuer.learn_key(request.apikey, deadline);
    if (!findings) {
        const auto& error = findings.error();
        co_return is_passing(error.code) ? error : fail(error.code, "Invalid API key", "apikey");
    }
    auto tenant = app.issuer.tenant_of_client(request.apikey, app.clock.now(), *findings);
    // A key for the whole project, as Supabase's are, names none.
    if (!tenant && tenant.error().code == Errc::tenant_required) co_return selected;
    if (!tenant) co_return fail(tenant.error().code, "Invalid API key", "apikey");
    if (selected && *selected != *tenant) {
        co_return fail(Errc::tenant_mismatch, "x-tenant-id names another tenant than the API key",
                       "x-tenant-id");
    }
    co_return MaybeTenant{std::move(*tenant)};
}

}  // namespace

boost::asio::awaitable<Response> serve(App& app, const Request& request, const Target& target,
                                       engine::Deadline deadline, Trace trace) {
    if (app.accounts == nullptr)
        co_return problem(fail(Errc::no_such_route, "there is nothing at this path"));
    const auto found = find_in(routes, request.method, target);
    if (!found) {
        auto response = problem(found.error());
        if (found.error().code == Errc::method_not_allowed)
            add_header(response, "allow", allowed_auth_methods(target));
        co_return response;
    }
    trace.route = found->route->pattern;
    auto tenant = co_await tenant_of(app, request, deadline);
    if (!tenant) co_return problem(tenant.error());
    const Call call{app,
                    *app.accounts,
                    request,
                    target,
                    deadline,
                    found->ids,
                    {client_address(request), std::move(*tenant)},
                    trace};
    auto response = co_await found->route->handler(call);
    if (!response) co_return problem(response.error());
    co_return std::move(*response);
}

std::string allowed_auth_methods(const Target& target) { return methods_of(routes, target); }

}  // namespace tenantry::http::auth_api
