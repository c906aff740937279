#pragma once
/// The handlers of the lead API, one function a route; routes.cpp puts them in its table.

#include "routes.hpp"

namespace tenantry::http {

using Answer = boost::asio::awaitable<Result<Response>>;
using OpenAnswer = boost::asio::awaitable<Response>;

namespace leads {
Answer list(const Call& call);
Answer create(const Call& call);
Answer read(const Call& call);
Answer replace(const Call& call);
Answer change(const Call& call);
Answer remove(const Call& call);
Answer list_events(const Call& call);
Answer import_file(const Call& call);
Answer export_file(const Call& call);
}  // namespace leads

namespace events {
Answer list(const Call& call);
Answer create(const Call& call);
Answer read(const Call& call);
}  // namespace events

namespace agents {
Answer list(const Call& call);
Answer create(const Call& call);
Answer read(const Call& call);
Answer replace(const Call& call);
Answer change(const Call& call);
Answer remove(const Call& call);
}  // namespace agents

namespace contacts {
Answer list(const Call& call);
Answer create(const Call& call);
Answer read(const Call& call);
Answer replace(const Call& call);
Answer change(const Call& call);
Answer remove(const Call& call);
}  // namespace contacts

namespace icp_profiles {
Answer list(const Call& call);
Answer list_templates(const Call& call);
Answer create(const Call& call);
Answer clone(const Call& call);
Answer read(const Call& call);
Answer replace(const Call& call);
Answer change(const Call& call);
Answer remove(const Call& call);
}  // namespace icp_profiles

namespace identities {
Answer list(const Call& call);
Answer create(const Call& call);
Answer read(const Call& call);
Answer replace(const Call& call);
Answer change(const Call& call);
Answer remove(const Call& call);
}  // namespace identities

namespace approvals {
Answer list(const Call& call);
Answer list_pending(const Call& call);
Answer list_history(const Call& call);
Answer create(const Call& call);
Answer read(const Call& call);
Answer history(const Call& call);
Answer approve(const Call& call);
Answer reject(const Call& call);
Answer mark_sent(const Call& call);
Answer mark_failed(const Call& call);
Answer decide(const Call& call);
}  // namespace approvals

namespace changes {
/// What has changed since a place in the feed; waits for it if asked to.
Answer sync(const Call& call);
/// Changes as they come, as server-sent events.
Answer stream(const Call& call);
}  // namespace changes

namespace webhooks {
Answer list(const Call& call);
Answer create(const Call& call);
Answer read(const Call& call);
Answer change(const Call& call);
Answer remove(const Call& call);
Answer rotate_secret(const Call& call);
Answer status(const Call& call);
Answer test(const Call& call);
Answer replay(const Call& call);
Answer dead_letters(const Call& call);
Answer redeliver(const Call& call);
Answer discard(const Call& call);
}  // namespace webhooks

namespace dashboard {
Answer metrics(const Call& call);
}

/// Rows of any relation, for PostgREST's clients.
namespace rest {
Answer read(const Call& call);
Answer insert(const Call& call);
Answer update(const Call& call);
Answer remove(const Call& call);
Answer call_function(const Call& call);
Answer root(const Call& call);
}  // namespace rest

namespace realtime {
/// Becomes a WebSocket for @supabase/realtime-js.
Answer open_socket(const Call& call);
/// Messages to clients in channels, without a socket.
Answer broadcast_many(const Call& call);
Answer broadcast_one(const Call& call);
}  // namespace realtime

namespace health {
/// The process is alive.
OpenAnswer alive(App& app, const Request& request, engine::Deadline deadline);
/// It can serve: the database can be read and no shutdown is under way.
OpenAnswer ready(App& app, const Request& request, engine::Deadline deadline);
}  // namespace health

/// The API as OpenAPI 3.1, with its entity tag.
OpenAnswer openapi_document(App& app, const Request& request, engine::Deadline deadline);

namespace metrics {
/// For operators, and for whom the configuration lets see it besides.
OpenAnswer page(App& app, const Request& request, engine::Deadline deadline);
}  // namespace metrics

}  // namespace tenantry::http
