#include "http/problem.hpp"
#include "resources.hpp"

namespace tenantry::http::health {

Response alive(App&, const Request&) { return Response{.body = R"({"status":"alive"})"}; }

Response ready(App& app, const Request&) {
    if (app.stopping) return problem(fail(Errc::shutting_down, "the server is shutting down"));
    if (!app.readiness.database_readable()) {
        return problem(
            fail(Errc::storage_unusable, "the database can't be read; the server's log says why"));
    }
    return Response{.body = R"({"status":"ready"})"};
}

}  // namespace tenantry::http::health
