#include "body.hpp"
#include "parameters.hpp"
#include "render.hpp"
#include "resources.hpp"

namespace tenantry::http::agents {

Answer list(const Call& call) {
    auto wanted = parse_page(call.target);
    if (!wanted) co_return wanted.error();
    auto page =
        co_await call.app.manager.list_agents(call.scope, std::move(*wanted), call.deadline);
    if (!page) co_return page.error();
    co_return page_of("agents", *page);
}

Answer create(const Call& call) {
    auto agent = parse_body<services::NewAgent>(call.request);
    if (!agent) co_return agent.error();
    auto row = co_await call.app.manager.create_agent(std::move(*agent), call.scope, call.deadline);
    if (!row) co_return row.error();
    co_return created_row(*row, "/api/agents/");
}

Answer read(const Call& call) {
    auto id = parse_path_id<AgentId>(call.id);
    if (!id) co_return id.error();
    auto row = co_await call.app.manager.get_agent(*id, call.scope, call.deadline);
    if (!row) co_return row.error();
    co_return one_row(*row);
}

Answer replace(const Call& call) {
    auto id = parse_path_id<AgentId>(call.id);
    if (!id) co_return id.error();
    auto agent = parse_body<services::AgentReplacement>(call.request);
    if (!agent) co_return agent.error();
    auto row =
        co_await call.app.manager.replace_agent(*id, std::move(*agent), call.scope, call.deadline);
    if (!row) co_return row.error();
    co_return one_row(*row);
}

Answer change(const Call& call) {
    auto id = parse_path_id<AgentId>(call.id);
    if (!id) co_return id.error();
    auto changes = parse_body<services::AgentChanges>(call.request);
    if (!changes) co_return changes.error();
    auto row =
        co_await call.app.manager.update_agent(*id, std::move(*changes), call.scope, call.deadline);
    if (!row) co_return row.error();
    co_return one_row(*row);
}

Answer remove(const Call& call) {
    auto id = parse_path_id<AgentId>(call.id);
    if (!id) co_return id.error();
    auto removed = co_await call.app.manager.delete_agent(*id, call.scope, call.deadline);
    if (!removed) co_return removed.error();
    co_return nothing();
}

}  // namespace tenantry::http::agents
