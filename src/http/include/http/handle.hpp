#pragma once
/// From a request to its answer, without sockets: authenticate → parse → plan → scope → execute →
/// render. The steps from plan to execute are UnifiedDatabaseManager's.

#include "engine/executor.hpp"
#include "http/app.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>

namespace tenantry::http {

/// Answers `request`; refusals and faults are answers too. `request` and `app` must stand until
/// then. Resumes on the caller's executor.
boost::asio::awaitable<Response> handle(App& app, const Request& request,
                                        engine::Deadline deadline);

/// Whether a request whose body has yet to come is worth waiting for: its route exists and its
/// principal may use it. nullopt: yes, otherwise the answer. `handle` decides again.
boost::asio::awaitable<std::optional<Response>> refuse_early(App& app, const Request& request,
                                                             engine::Deadline deadline);

/// Makes room on disk for a file that is about to come in, as `request.spool`. For requests that
/// refuse_early has let pass. nullopt: done, otherwise the answer.
boost::asio::awaitable<std::optional<Response>> open_spool(App& app, Request& request,
                                                           engine::Deadline deadline);

/// The answer to what can't be understood as a request, or didn't come in time. Closes.
Response refuse_malformed(App& app, const Request& request, Status status, const Error& error);

}  // namespace tenantry::http
