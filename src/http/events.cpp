#include "row_handlers.hpp"

namespace tenantry::http::events {

using Manager = services::UnifiedDatabaseManager;

Answer list(const Call& call) { return list_rows<&Manager::list_events>(call, "events"); }
Answer create(const Call& call) {
    return create_row<services::NewEvent, &Manager::create_event>(call, "/api/events/");
}
Answer read(const Call& call) { return read_row<EventId, &Manager::get_event>(call); }

}  // namespace tenantry::http::events
