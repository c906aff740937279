#include "http/problem.hpp"
#include "resources.hpp"

namespace tenantry::http::health {
namespace {

/// Whoever probes has little patience, and does so again.
constexpr std::chrono::seconds patience{2};

}  // namespace

OpenAnswer alive(App&, const Request&, engine::Deadline) {
    co_return Response{.body = R"({"status":"alive"})"};
}

OpenAnswer ready(App& app, const Request&, engine::Deadline deadline) {
    if (app.stopping) co_return problem(fail(Errc::shutting_down, "the server is shutting down"));
    const auto until = std::min(deadline, std::chrono::steady_clock::now() + patience);
    if (!co_await app.readiness.database_readable(until)) {
        co_return problem(
            fail(Errc::storage_unusable, "the database can't be read; the server's log says why"));
    }
    co_return Response{.body = R"({"status":"ready"})"};
}

}  // namespace tenantry::http::health
