#include "body.hpp"
#include "render.hpp"
#include "resources.hpp"

namespace tenantry::http::events {

Answer create(const Call& call) {
    auto event = parse_body<services::NewEvent>(call.request);
    if (!event) co_return event.error();
    auto row = co_await call.app.manager.create_event(std::move(*event), call.scope, call.deadline);
    if (!row) co_return row.error();
    // An event has no address of its own; its lead's list holds it.
    co_return created_row(*row, {});
}

}  // namespace tenantry::http::events
