#include "row_handlers.hpp"

namespace tenantry::http::agents {

using Manager = services::UnifiedDatabaseManager;

Answer list(const Call& call) { return list_rows<&Manager::list_agents>(call, "agents"); }
Answer create(const Call& call) {
    return create_row<services::NewAgent, &Manager::create_agent>(call, "/api/agents/");
}
Answer read(const Call& call) { return read_row<AgentId, &Manager::get_agent>(call); }
Answer replace(const Call& call) {
    return write_row<AgentId, services::AgentReplacement, &Manager::replace_agent>(call);
}
Answer change(const Call& call) {
    return write_row<AgentId, services::AgentChanges, &Manager::update_agent>(call);
}
Answer remove(const Call& call) { return remove_row<AgentId, &Manager::delete_agent>(call); }

}  // namespace tenantry::http::agents
