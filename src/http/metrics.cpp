#include "authentication.hpp"
#include "http/problem.hpp"
#include "resources.hpp"

namespace tenantry::http::metrics {

OpenAnswer page(App& app, const Request& request, engine::Deadline deadline) {
    if (app.metrics == nullptr || app.metrics_access == MetricsAccess::off)
        co_return problem(fail(Errc::no_such_route, "there is nothing at this path"));
    const bool local = request.from_loopback && !request.forwarded;
    const bool let_in = app.metrics_access == MetricsAccess::on ||
                        (app.metrics_access == MetricsAccess::loopback && local);
    if (!let_in) {
        const auto scope = co_await authenticate_operator(app, request, deadline);
        if (!scope) co_return problem(scope.error());
    }
    co_return Response{.body = app.metrics->render(),
                       .content_type = "text/plain; version=0.0.4; charset=utf-8"};
}

}  // namespace tenantry::http::metrics
