#pragma once
/// The handlers of the lead API, one function a route; routes.cpp puts them in its table.

#include "routes.hpp"

namespace tenantry::http {

using Answer = boost::asio::awaitable<Result<Response>>;

namespace leads {
Answer list(const Call& call);
Answer create(const Call& call);
Answer read(const Call& call);
Answer replace(const Call& call);
Answer change(const Call& call);
Answer remove(const Call& call);
Answer list_events(const Call& call);
}  // namespace leads

namespace events {
Answer create(const Call& call);
}

namespace agents {
Answer list(const Call& call);
Answer create(const Call& call);
Answer read(const Call& call);
Answer replace(const Call& call);
Answer change(const Call& call);
Answer remove(const Call& call);
}  // namespace agents

namespace health {
/// The process is alive.
Response alive(App& app);
/// It can serve: the database can be read and no shutdown is under way.
Response ready(App& app);
}  // namespace health

}  // namespace tenantry::http
