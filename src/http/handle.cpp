#include "http/handle.hpp"

#include "admission.hpp"
#include "auth/refusal.hpp"
#include "auth/serve.hpp"
#include "authentication.hpp"
#include "body.hpp"
#include "http/problem.hpp"
#include "operator_routes.hpp"
#include "parameters.hpp"
#include "request_id.hpp"
#include "rest/refusal.hpp"
#include "routes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace tenantry::http {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

/// What the events tell of a request, as far as it got.
struct Trace {
    std::string id;
    Method method;
    std::string_view route{};
    std::string tenant{};
    std::string principal{};
    std::string_view quota{};
    bool by_operator = false;
    /// The tenant's leave for a request more, until it has been answered, a stream to its end.
    std::optional<QuotaGate::Pass> pass{};

    OperatorTrace of_operator() { return {route, principal}; }
    auth_api::Trace of_auth() { return {route, tenant, principal}; }
    void know(const TenantScope& scope) {
        tenant = scope.tenant().text();
        principal = scope.principal();
        by_operator = scope.by_operator();
    }
};

bool has_body(Method method) {
    return method == Method::post || method == Method::put || method == Method::patch;
}

bool wants_content(const Route& route, const Request& request) {
    const bool nothing = request.content_type.empty() && request.body.empty();
    return has_body(route.method) && !(route.body_optional && nothing);
}

Response refuse_route(const Error& error, const Target& target) {
    auto response = problem(error);
    if (error.code == Errc::method_not_allowed)
        add_header(response, "allow", allowed_methods(target));
    return response;
}

/// OPTIONS, also as a browser's question before a request from another origin (Fetch, "CORS
/// protocol").
Response answer_options(const Request& request, const Target& target) {
    const auto methods = is_for_operators(target) ? allowed_operator_methods(target)
                         : auth_api::is_auth(request.target)
                             ? auth_api::allowed_auth_methods(target)
                             : allowed_methods(target);
    if (methods.empty()) return problem(fail(Errc::no_such_route, "there is nothing at this path"));
    Response response{.status = Status::no_content};
    add_header(response, "allow", methods);
    add_header(response, "access-control-allow-methods", methods);
    add_header(response, "access-control-allow-headers",
               "accept-profile, apikey, authorization, content-profile, content-type, "
               "idempotency-key, if-match, prefer, range, range-unit, x-client-info, x-request-id, "
               "x-retry-count, x-supabase-api-version, x-tenant-id");
    add_header(response, "access-control-max-age", "600");
    return response;
}

/// Lets pages of the configured origins read the answer; no cookies are ever involved.
void allow_origin(const App& app, const Request& request, Response& response) {
    if (app.cors_origins.empty()) return;
    add_header(response, "vary", "origin");
    if (request.origin.empty()) return;
    const auto allowed = std::ranges::find_if(app.cors_origins, [&](const std::string& origin) {
        return origin == "*" || origin == request.origin;
    });
    if (allowed == app.cors_origins.end()) return;
    add_header(response, "access-control-allow-origin", *allowed);
    add_header(response, "access-control-expose-headers",
               "content-location, content-range, etag, link, location, preference-applied, "
               "retry-after, x-request-id, x-supabase-api-version, x-total-count");
}

/// In the form that who asks understands.
void tell_refusal(const Request& request, Response& response) {
    if (rest::is_rest(request.target)) {
        rest::tell_as_postgrest(response);
    } else if (auth_api::is_auth(request.target)) {
        auth_api::tell_as_gotrue(request, response);
    } else {
        tell_as_preferred(request, response);
    }
}

/// What a request for a tenant has led to so far.
struct TenantRequest {
    App& app;
    const Request& request;
    const Target& target;
    const Match& match;
    engine::Deadline deadline;
    Trace& trace;

    const Route& route() const { return *match.route; }
};

boost::asio::awaitable<Result<Response>> serve_scope(const TenantRequest& asked,
                                                     TenantScope scope) {
    const auto& [app, request, target, match, deadline, trace] = asked;
    const auto& route = asked.route();
    if (app.quotas != nullptr) {
        auto admitted = co_await admit(app, request, route, scope, deadline);
        if (!admitted) co_return admitted.error();
        if (auto* over = std::get_if<OverQuota>(&*admitted)) {
            trace.quota = over->quota;
            co_return std::move(over->response);
        }
        trace.pass.emplace(std::get<QuotaGate::Pass>(std::move(*admitted)));
    }
    if (!route.any_parameters) {
        auto known = check_parameters(target, route.parameters, route.repeated);
        if (!known) co_return known.error();
    }
    if (wants_content(route, request) && !route.media.empty()) {
        auto said = check_content_type(request, route.media);
        if (!said) co_return said.error();
    }
    const Call call{app, request, target, std::move(scope), deadline, match.id, route};
    co_return co_await route.handler(call);
}

/// Serves with what is remembered of the principal, and once more with what is so if that turns out
/// to have changed: nothing has happened until then, since the first plan found it out. An answer
/// that took no plan at all has to wait for the same question.
boost::asio::awaitable<Result<Response>> serve_tenant(const TenantRequest& asked) {
    auto& [app, request, target, match, deadline, trace] = asked;
    // A file is read once.
    auto memory = asked.route().takes_file ? Memory::will_not_do : Memory::will_do;
    while (true) {
        auto scope = co_await authenticate(app, request, asked.route(), memory, deadline);
        if (!scope) co_return scope.error();
        trace.know(*scope);
        const auto premise = scope->premise();
        auto response = co_await serve_scope(asked, std::move(*scope));
        if (!premise || premise->confirmed) co_return response;
        memory = Memory::will_not_do;
        trace.pass.reset();
        if (!response && response.error().code == Errc::standing_changed) continue;
        auto still = co_await authenticate(app, request, asked.route(), memory, deadline);
        if (!still) co_return still.error();
        co_return response;
    }
}

boost::asio::awaitable<Response> serve(App& app, const Request& request, engine::Deadline deadline,
                                       Trace& trace) {
    auto target = Target::parse(request.target);
    if (!target) co_return problem(target.error());
    if (request.method == Method::options) co_return answer_options(request, *target);
    if (is_for_operators(*target)) {
        co_return co_await serve_operator(app, request, *target, deadline, trace.of_operator());
    }
    if (auth_api::is_auth(request.target))
        co_return co_await auth_api::serve(app, request, *target, deadline, trace.of_auth());
    auto match = find_route(request.method, *target);
    if (!match) co_return refuse_route(match.error(), *target);
    trace.route = match->route->pattern;
    if (match->route->open != nullptr)
        co_return co_await match->route->open(app, request, deadline);
    const TenantRequest asked{app, request, *target, *match, deadline, trace};
    auto response = co_await serve_tenant(asked);
    if (!response) co_return problem(response.error());
    co_return std::move(*response);
}

void tell_finished(App& app, const Trace& trace, Status status, SteadyTime began) {
    const auto elapsed = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - began);
    app.observer.observe(RequestFinished{.id = trace.id,
                                         .method = name_of(trace.method),
                                         .route = trace.route,
                                         .status = static_cast<unsigned>(status),
                                         .tenant = trace.tenant,
                                         .principal = trace.principal,
                                         .quota = trace.quota,
                                         .elapsed = elapsed,
                                         .by_operator = trace.by_operator});
}

void tell_fault(App& app, const Trace& trace, std::string_view what) {
    app.observer.observe(
        RequestFaulted{trace.id, name_of(trace.method), trace.route, trace.tenant, what});
}

/// Tells of a streamed answer when it has ended, however it does, and of a fault in the middle.
class ObservedBody final : public BodySource {
public:
    ObservedBody(App& app, Trace trace, Response& response, SteadyTime began)
        : app_{app},
          trace_{std::move(trace)},
          status_{response.status},
          began_{began},
          body_{std::move(response.stream)} {}
    ~ObservedBody() override { tell_finished(app_, trace_, status_, began_); }
    ObservedBody(const ObservedBody&) = delete;
    ObservedBody& operator=(const ObservedBody&) = delete;

    boost::asio::awaitable<Result<bool>> next(std::string& out) override {
        try {
            co_return co_await body_->next(out);
        } catch (const std::exception& thrown) {
            tell_fault(app_, trace_, thrown.what());
        } catch (...) {
            tell_fault(app_, trace_, "an exception of an unknown type");
        }
        co_return fail(Errc::storage_unusable, "something went wrong on the server");
    }

private:
    App& app_;
    Trace trace_;
    Status status_;
    SteadyTime began_;
    std::unique_ptr<BodySource> body_;
};

/// Tells that the request has been answered, now or when its stream has ended.
void conclude(App& app, Trace& trace, Response& response, SteadyTime began) {
    if (response.stream) {
        response.stream = std::make_unique<ObservedBody>(app, std::move(trace), response, began);
    } else {
        tell_finished(app, trace, response.status, began);
    }
}

Response fault(App& app, const Trace& trace, std::string_view what) {
    tell_fault(app, trace, what);
    return internal_error();
}

using MaybeResponse = std::optional<Response>;

boost::asio::awaitable<MaybeResponse> refuse_head(App& app, const Request& request, Trace& trace,
                                                  engine::Deadline deadline) {
    const auto target = Target::parse(request.target);
    if (!target) co_return problem(target.error());
    if (request.method == Method::options || auth_api::is_auth(request.target))
        co_return std::nullopt;
    if (is_for_operators(*target)) {
        co_return co_await refuse_operator_head(app, request, *target, deadline,
                                                trace.of_operator());
    }
    const auto match = find_route(request.method, *target);
    if (!match) co_return refuse_route(match.error(), *target);
    const auto& route = *match->route;
    trace.route = route.pattern;
    if (route.open != nullptr) co_return std::nullopt;
    const auto scope = co_await authenticate(app, request, route, Memory::will_do, deadline);
    if (!scope) co_return problem(scope.error());
    trace.know(*scope);
    if (app.quotas != nullptr) {
        if (auto over = foresee_refusal(app, request, route, *scope)) {
            trace.quota = over->quota;
            co_return std::move(over->response);
        }
    }
    if (wants_content(route, request) && !route.media.empty()) {
        const auto said = check_content_type(request, route.media);
        if (!said) co_return problem(said.error());
    }
    co_return std::nullopt;
}

boost::asio::awaitable<MaybeResponse> refuse_spool(App& app, Request& request, Trace& trace,
                                                   engine::Deadline deadline) {
    const auto target = Target::parse(request.target);
    if (!target) co_return problem(target.error());
    const auto match = find_route(request.method, *target);
    if (!match) co_return refuse_route(match.error(), *target);
    trace.route = match->route->pattern;
    const auto scope =
        co_await authenticate(app, request, *match->route, Memory::will_not_do, deadline);
    if (!scope) co_return problem(scope.error());
    trace.know(*scope);
    auto spool = app.transfers->open_spool(scope->tenant());
    if (!spool) co_return problem(spool.error());
    request.spool = std::move(*spool);
    co_return std::nullopt;
}

/// What a step before `handle` has to say, told like any other answer.
template <class Step, class AnyRequest>
boost::asio::awaitable<MaybeResponse> answer_early(App& app, AnyRequest& request,
                                                   engine::Deadline deadline, Step step) {
    const auto began = std::chrono::steady_clock::now();
    Trace trace{.id = request_id_of(request.id), .method = request.method};
    MaybeResponse response;
    try {
        response = co_await step(app, request, trace, deadline);
    } catch (const std::exception& thrown) {
        response = fault(app, trace, thrown.what());
    }
    if (!response) co_return std::nullopt;
    tell_refusal(request, *response);
    allow_origin(app, request, *response);
    tell_finished(app, trace, response->status, began);
    response->id = std::move(trace.id);
    co_return response;
}

}  // namespace

boost::asio::awaitable<Response> handle(App& app, const Request& request,
                                        engine::Deadline deadline) {
    const auto began = std::chrono::steady_clock::now();
    Trace trace{.id = request_id_of(request.id), .method = request.method};
    Response response;
    try {
        response = co_await serve(app, request, deadline, trace);
    } catch (const std::exception& thrown) {
        response = fault(app, trace, thrown.what());
    } catch (...) {
        response = fault(app, trace, "an exception of an unknown type");
    }
    tell_refusal(request, response);
    allow_origin(app, request, response);
    if (!trace.tenant.empty()) response.on_behalf = std::hash<std::string>{}(trace.tenant);
    response.id = trace.id;
    if (response.upgrade) response.status = Status::switching_protocols;
    conclude(app, trace, response, began);
    co_return response;
}

boost::asio::awaitable<MaybeResponse> refuse_early(App& app, const Request& request,
                                                   engine::Deadline deadline) {
    return answer_early(app, request, deadline, refuse_head);
}

boost::asio::awaitable<MaybeResponse> open_spool(App& app, Request& request,
                                                 engine::Deadline deadline) {
    return answer_early(app, request, deadline, refuse_spool);
}

Response refuse_malformed(App& app, const Request& request, Status status, const Error& error) {
    const Trace trace{.id = request_id_of(request.id), .method = request.method};
    auto response = problem(status, error);
    response.close = true;
    tell_refusal(request, response);
    tell_finished(app, trace, response.status, std::chrono::steady_clock::now());
    response.id = trace.id;
    return response;
}

}  // namespace tenantry::http
