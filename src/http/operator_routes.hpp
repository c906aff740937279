#pragma once
/// The operators' side: everything under `/admin/v1`. A table of its own with handlers of a type of
/// their own, which take an OperatorScope and no tenant's; a handler of one table can't stand in
/// the other.

#include "auth/operator_scope.hpp"
#include "engine/executor.hpp"
#include "http/app.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "path_pattern.hpp"
#include "services/administration.hpp"
#include "services/removals.hpp"

#include <boost/asio/awaitable.hpp>

#include <span>
#include <string>
#include <string_view>

namespace tenantry::http {

/// What a handler works with. Lives until its answer is there.
struct OperatorCall {
    services::Administration& administration;
    services::Removals& removals;
    const Request& request;
    const Target& target;
    auth::OperatorScope scope;
    engine::Deadline deadline;
    PathIds ids;
    /// Of tenants without their own.
    services::Quotas default_quotas{};
};

using OperatorHandler = boost::asio::awaitable<Result<Response>> (*)(const OperatorCall& call);

struct OperatorRoute {
    Method method;
    std::string_view pattern;
    OperatorHandler handler;
    std::span<const std::string_view> parameters{};  // those of the query that it knows
    bool takes_body = false;
};

/// The whole table.
std::span<const OperatorRoute> all_operator_routes();

/// Where it goes what the events tell of an operator's request.
struct OperatorTrace {
    std::string_view& route;
    std::string& principal;
};

/// Whether the target is under `/admin`, and so answered by `serve_operator` alone.
bool is_for_operators(const Target& target) noexcept;

/// Answers. Who is no operator gets the same refusal for every path, whatever is there.
/// `trace` is filled once the caller is known to be an operator.
boost::asio::awaitable<Response> serve_operator(App& app, const Request& request,
                                                const Target& target, engine::Deadline deadline,
                                                OperatorTrace trace);

/// What can be refused before the body has come; nullopt if nothing.
boost::asio::awaitable<std::optional<Response>> refuse_operator_head(App& app,
                                                                     const Request& request,
                                                                     const Target& target,
                                                                     engine::Deadline deadline,
                                                                     OperatorTrace trace);

/// The value for `Allow`, as of `allowed_methods`.
std::string allowed_operator_methods(const Target& target);

}  // namespace tenantry::http
