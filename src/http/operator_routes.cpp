#include "operator_routes.hpp"

#include "admin.hpp"
#include "authentication.hpp"
#include "body.hpp"
#include "http/problem.hpp"
#include "operations.hpp"
#include "parameters.hpp"

#include <array>

namespace tenantry::http {
namespace {

constexpr std::array<std::string_view, 2> page{"limit", "after"};
constexpr std::array<std::string_view, 3> audit_parameters{"tenant", "limit", "before"};
constexpr std::span<const std::string_view> none{};
constexpr bool with_body = true;

constexpr std::array routes{
    OperatorRoute{Method::get, "/admin/v1/tenants", admin::list_tenants, page},
    OperatorRoute{Method::post, "/admin/v1/tenants", admin::create_tenant, none, with_body},
    OperatorRoute{Method::get, "/admin/v1/tenants/{id}", admin::read_tenant},
    OperatorRoute{Method::patch, "/admin/v1/tenants/{id}", admin::change_tenant, none, with_body},
    OperatorRoute{Method::delete_, "/admin/v1/tenants/{id}", admin::delete_tenant, none, with_body},
    OperatorRoute{Method::get, "/admin/v1/tenants/{id}/quotas", admin::read_quotas},
    OperatorRoute{Method::patch, "/admin/v1/tenants/{id}/quotas", admin::change_quotas, none,
                  with_body},
    OperatorRoute{Method::get, "/admin/v1/tenants/{id}/members", admin::list_members, page},
    OperatorRoute{Method::post, "/admin/v1/tenants/{id}/members", admin::add_member, none,
                  with_body},
    OperatorRoute{Method::patch, "/admin/v1/tenants/{id}/members/{user}", admin::change_member,
                  none, with_body},
    OperatorRoute{Method::delete_, "/admin/v1/tenants/{id}/members/{user}", admin::remove_member},
    OperatorRoute{Method::get, "/admin/v1/tenants/{id}/keys", admin::list_tenant_keys, page},
    OperatorRoute{Method::post, "/admin/v1/tenants/{id}/keys", admin::create_tenant_key, none,
                  with_body},
    OperatorRoute{Method::delete_, "/admin/v1/tenants/{id}/keys/{key}", admin::revoke_tenant_key},
    OperatorRoute{Method::get, "/admin/v1/keys", admin::list_operator_keys, page},
    OperatorRoute{Method::post, "/admin/v1/keys", admin::create_operator_key, none, with_body},
    OperatorRoute{Method::delete_, "/admin/v1/keys/{key}", admin::revoke_operator_key},
    OperatorRoute{Method::get, "/admin/v1/receipts/{receipt}", admin::read_receipt},
    OperatorRoute{Method::get, "/admin/v1/users", admin::list_users, page},
    OperatorRoute{Method::get, "/admin/v1/audit", admin::list_audit, audit_parameters},
};

static_assert(all_described(routes, operator_operations),
              "operations.hpp has one operation for each route");

struct OperatorMatch {
    const OperatorRoute* route = nullptr;
    PathIds ids{};
};

Result<OperatorMatch> find_operator_route(Method method, const Target& target) {
    TENANTRY_TRY(found, find_in(routes, method, target));
    return OperatorMatch{.route = found.route, .ids = found.ids};
}

/// Who asks is settled first, so that nobody else learns even which paths there are.
struct Admitted {
    auth::OperatorScope scope;
    OperatorMatch match;
};

boost::asio::awaitable<Result<Admitted>> admit(App& app, const Request& request,
                                               const Target& target, engine::Deadline deadline,
                                               OperatorTrace trace) {
    auto scope = co_await authenticate_operator(app, request, deadline);
    if (!scope) co_return scope.error();
    trace.principal = scope->principal();
    if (app.administration == nullptr)
        co_return fail(Errc::no_such_route, "there is nothing at this path");
    const auto match = find_operator_route(request.method, target);
    if (!match) co_return match.error();
    trace.route = match->route->pattern;
    if (match->route->takes_body) {
        const auto said = check_content_type(request);
        if (!said) co_return said.error();
    }
    co_return Admitted{std::move(*scope), *match};
}

Response refuse(const Error& error, const Target& target) {
    auto response = problem(error);
    if (error.code == Errc::method_not_allowed)
        add_header(response, "allow", allowed_operator_methods(target));
    return response;
}

}  // namespace

std::span<const OperatorRoute> all_operator_routes() { return routes; }

bool is_for_operators(const Target& target) noexcept {
    return !target.segments.empty() && target.segments.front() == "admin";
}

boost::asio::awaitable<Response> serve_operator(App& app, const Request& request,
                                                const Target& target, engine::Deadline deadline,
                                                OperatorTrace trace) {
    auto admitted = co_await admit(app, request, target, deadline, trace);
    if (!admitted) co_return refuse(admitted.error(), target);
    const auto& found = *admitted->match.route;
    auto known = check_parameters(target, found.parameters);
    if (!known) co_return problem(known.error());
    const OperatorCall call{*app.administration,
                            *app.removals,
                            request,
                            target,
                            std::move(admitted->scope),
                            deadline,
                            admitted->match.ids,
                            app.quotas != nullptr ? app.quotas->defaults() : services::Quotas{}};
    auto response = co_await found.handler(call);
    if (!response) co_return problem(response.error());
    co_return std::move(*response);
}

boost::asio::awaitable<std::optional<Response>> refuse_operator_head(App& app,
                                                                     const Request& request,
                                                                     const Target& target,
                                                                     engine::Deadline deadline,
                                                                     OperatorTrace trace) {
    const auto admitted = co_await admit(app, request, target, deadline, trace);
    if (!admitted) co_return refuse(admitted.error(), target);
    co_return std::nullopt;
}

std::string allowed_operator_methods(const Target& target) { return methods_of(routes, target); }

}  // namespace tenantry::http
