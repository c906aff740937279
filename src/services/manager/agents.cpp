#include "row_operations.hpp"

namespace tenantry::services {

using Manager = UnifiedDatabaseManager;

namespace {

const schema::Relation& agents() {
    static const schema::Relation& relation = built_in("agents");
    return relation;
}

}  // namespace

auto Manager::create_agent(NewAgent agent, TenantScope scope, Deadline deadline, Once key)
    -> Answer<query::RowSet> {
    co_return co_await RowOperations{executor_, clock_}.insert(
        agents(), agent.assignments(), std::move(scope), deadline, std::move(key));
}

auto Manager::get_agent(AgentId id, TenantScope scope, Deadline deadline) -> Answer<query::RowSet> {
    co_return co_await RowOperations{executor_, clock_}.get(
        agents(), query::equals(agents().id(), id.uuid()), std::move(scope), deadline);
}

auto Manager::update_agent(AgentId id, AgentChanges changes, TenantScope scope, Deadline deadline,
                           Expected version) -> Answer<query::RowSet> {
    co_return co_await RowOperations{executor_, clock_}.update(
        agents(), id.uuid(), changes.assignments(), std::move(scope), deadline, version);
}

auto Manager::replace_agent(AgentId id, AgentReplacement agent, TenantScope scope,
                            Deadline deadline, Expected version) -> Answer<query::RowSet> {
    co_return co_await RowOperations{executor_, clock_}.update(
        agents(), id.uuid(), agent.assignments(), std::move(scope), deadline, version);
}

auto Manager::delete_agent(AgentId id, TenantScope scope, Deadline deadline, Expected version)
    -> Answer<void> {
    co_return co_await RowOperations{executor_, clock_}.remove(agents(), id.uuid(),
                                                               std::move(scope), deadline, version);
}

auto Manager::list_agents(TenantScope scope, PageRequest page, Deadline deadline) -> Answer<Page> {
    query::Read read{&agents(), query::all_columns(agents())};
    read.order = {{&agents().column("created_at"), true, true}};
    co_return co_await RowOperations{executor_, clock_}.page(std::move(read), std::move(page),
                                                             std::move(scope), deadline);
}

auto Manager::get_agent_by_email(std::string email, TenantScope scope, Deadline deadline)
    -> Answer<query::RowSet> {
    const auto& column = agents().column("email");
    auto value = schema::parse_text(column, email);
    if (!value) co_return value.error();
    co_return co_await RowOperations{executor_, clock_}.get(
        agents(), query::equals(column, std::move(*value)), std::move(scope), deadline);
}

}  // namespace tenantry::services
