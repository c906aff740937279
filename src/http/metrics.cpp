#include "http/problem.hpp"
#include "operator_routes.hpp"
#include "resources.hpp"

namespace tenantry::http::metrics {

Response page(App& app, const Request& request) {
    if (app.metrics == nullptr || app.metrics_access == MetricsAccess::off)
        return problem(fail(Errc::no_such_route, "there is nothing at this path"));
    const bool local = request.from_loopback && !request.forwarded;
    const bool let_in = app.metrics_access == MetricsAccess::on ||
                        (app.metrics_access == MetricsAccess::loopback && local);
    if (!let_in) {
        const auto scope = operator_of(app, request);
        if (!scope) return problem(scope.error());
    }
    return Response{.body = app.metrics->render(),
                    .content_type = "text/plain; version=0.0.4; charset=utf-8"};
}

}  // namespace tenantry::http::metrics
