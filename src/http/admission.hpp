#pragma once
/// Whether a request that may be made is within its tenant's quotas.

#include "http/app.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "routes.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <variant>

namespace tenantry::http {

/// The quota's name and the answer.
struct OverQuota {
    std::string_view quota;
    Response response;
};

/// Lets the request in for as long as the pass lives. A refusal because of the rate or of requests
/// at the same time takes a moment, so that a client that asks again at once, on however many
/// connections, costs next to nothing. Errors: those of the executor. Throws: faults of the engine.
boost::asio::awaitable<Result<std::variant<QuotaGate::Pass, OverQuota>>> admit(
    App& app, const Request& request, const Route& route, const TenantScope& scope,
    engine::Deadline deadline);

/// For a request whose body has yet to come: whether `admit` would refuse it now.
std::optional<OverQuota> foresee_refusal(App& app, const Request& request, const Route& route,
                                         const TenantScope& scope);

}  // namespace tenantry::http
