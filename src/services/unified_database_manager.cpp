#include "services/unified_database_manager.hpp"

#include "base/random.hpp"
#include "query/cursor.hpp"
#include "schema/lead_schema.hpp"

#include <fmt/format.h>

#include <charconv>

namespace tenantry::services {
namespace {

using query::Filter;
using query::Operator;
using query::Read;
using schema::Relation;

const Relation& leads() {
    static const Relation& relation = schema::lead_catalog().relation("leads");
    return relation;
}
const Relation& agents() {
    static const Relation& relation = schema::lead_catalog().relation("agents");
    return relation;
}
const Relation& events() {
    static const Relation& relation = schema::lead_catalog().relation("events");
    return relation;
}

/// The answer to an id of nobody and to an id of another tenant.
Error no_such_row(const Relation& relation) {
    auto kind = relation.name();
    kind.pop_back();
    return fail(Errc::not_found, fmt::format("no {} has this id", kind), "id");
}

Result<std::vector<query::OrderTerm>> parse_sort(const Relation& relation, std::string_view text) {
    const bool descending = text.starts_with('-');
    const auto name = text.substr(descending ? 1 : 0);
    const auto* column = relation.find(name);
    const bool sortable = column != nullptr && column != &relation.tenant_id() &&
                          column->type() != schema::ColumnType::json &&
                          column->type() != schema::ColumnType::text_array;
    if (!sortable) {
        return fail(Errc::bad_query,
                    fmt::format("sort names no column that {} can be sorted by", relation.name()),
                    "sort");
    }
    return std::vector<query::OrderTerm>{{column, descending, descending}};
}

Result<void> add_equality(Read& read, std::string_view name,
                          const std::optional<std::string>& text) {
    if (!text) return {};
    const auto& column = read.relation->column(name);
    TENANTRY_TRY(value, schema::parse_text(column, *text));
    TENANTRY_TRY_VOID(column.check_allowed(value));
    add_term(read.filter, query::equals(column, std::move(value)));
    return {};
}

void add_search(Read& read, const std::string& text) {
    query::Group either{query::Group::Kind::any, {}};
    for (const auto* name :
         {"first_name", "last_name", "email", "phone", "property_address", "city"}) {
        either.terms.push_back(
            Filter{query::Predicate{&read.relation->column(name), Operator::contains, {text}}});
    }
    add_term(read.filter, Filter{std::move(either)});
}

Result<Read> read_of(const LeadCriteria& criteria) {
    Read read{&leads(), query::all_columns(leads())};
    TENANTRY_TRY_VOID(add_equality(read, "status", criteria.status));
    TENANTRY_TRY_VOID(add_equality(read, "city", criteria.city));
    TENANTRY_TRY_VOID(add_equality(read, "source", criteria.source));
    TENANTRY_TRY_VOID(add_equality(read, "property_type", criteria.property_type));
    if (criteria.assigned_agent) {
        add_term(read.filter,
                 query::equals(leads().column("assigned_agent"), criteria.assigned_agent->uuid()));
    }
    if (criteria.search) add_search(read, *criteria.search);
    TENANTRY_TRY(order, parse_sort(leads(), criteria.sort));
    read.order = std::move(order);
    return read;
}

/// One plan made of its request, scoped.
Result<query::ScopedPlan> scoped(query::Request request, const query::Stamp& stamp,
                                 const TenantScope& scope) {
    auto planned = query::plan(std::move(request), stamp);
    if (!planned) return planned.error();
    return query::scope_plan(std::move(*planned), scope);
}

}  // namespace

Result<PageSize> PageSize::parse(std::string_view text, std::string_view field) {
    std::uint32_t rows = 0;
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, rows);
    if (error == std::errc::invalid_argument || stopped != end) {
        return fail(Errc::bad_value, fmt::format("{} is not a whole number", field),
                    std::string{field});
    }
    if (error != std::errc{} || rows < 1 || rows > limits::page_rows_max) {
        return fail(Errc::out_of_range,
                    fmt::format("{} must be from 1 to {}", field, limits::page_rows_max),
                    std::string{field});
    }
    return PageSize{rows};
}

query::Stamp UnifiedDatabaseManager::stamp() const { return {clock_.now(), new_uuid}; }

auto UnifiedDatabaseManager::insert_one(const Relation& relation,
                                        const std::vector<query::Assignment>& fields,
                                        TenantScope scope, Deadline deadline)
    -> Answer<query::RowSet> {
    query::Insert insert{.relation = &relation, .returning = query::all_columns(relation)};
    std::vector<schema::Value> row;
    for (const auto& [column, value] : fields) {
        insert.columns.push_back(column);
        row.push_back(value);
    }
    insert.rows.push_back(std::move(row));
    auto plan = scoped(std::move(insert), stamp(), scope);
    if (!plan) co_return plan.error();
    auto reply = co_await executor_.run(std::move(*plan), deadline);
    if (!reply) co_return reply.error();
    co_return std::move(reply->rows);
}

auto UnifiedDatabaseManager::get_one(const Relation& relation, Filter filter, TenantScope scope,
                                     Deadline deadline) -> Answer<query::RowSet> {
    Read read{.relation = &relation,
              .projection = query::all_columns(relation),
              .filter = std::move(filter),
              .limit = 1};
    auto plan = scoped(std::move(read), {}, scope);
    if (!plan) co_return plan.error();
    auto reply = co_await executor_.run(std::move(*plan), deadline);
    if (!reply) co_return reply.error();
    if (reply->rows.row_count() == 0) co_return no_such_row(relation);
    co_return std::move(reply->rows);
}

auto UnifiedDatabaseManager::update_one(const Relation& relation, Uuid id,
                                        std::vector<query::Assignment> fields, TenantScope scope,
                                        Deadline deadline) -> Answer<query::RowSet> {
    query::Update update{&relation, std::move(fields), query::equals(relation.id(), id),
                         query::all_columns(relation)};
    auto plan = scoped(std::move(update), stamp(), scope);
    if (!plan) co_return plan.error();
    auto reply = co_await executor_.run(std::move(*plan), deadline);
    if (!reply) co_return reply.error();
    if (reply->rows.row_count() == 0) co_return no_such_row(relation);
    co_return std::move(reply->rows);
}

auto UnifiedDatabaseManager::delete_one(const Relation& relation, Uuid id, TenantScope scope,
                                        Deadline deadline) -> Answer<void> {
    auto plan = scoped(query::Delete{&relation, query::equals(relation.id(), id), {}}, {}, scope);
    if (!plan) co_return plan.error();
    auto reply = co_await executor_.run(std::move(*plan), deadline);
    if (!reply) co_return reply.error();
    if (reply->affected == 0) co_return no_such_row(relation);
    co_return Result<void>{};
}

auto UnifiedDatabaseManager::read_page(Read read, PageRequest page, TenantScope scope,
                                       Deadline deadline) -> Answer<Page> {
    read.limit = page.limit.rows();
    read.offset = page.offset;
    read.count = true;
    read.has_more = true;
    if (page.after) {
        auto after = query::parse_cursor(scope.tenant(), read, *page.after);
        if (!after) co_return after.error();
        read.after = std::move(*after);
    }
    auto plan = scoped(read, {}, scope);
    if (!plan) co_return plan.error();
    auto reply = co_await executor_.run(std::move(*plan), deadline);
    if (!reply) co_return reply.error();
    Page answer{std::move(reply->rows), reply->total.value_or(0), std::nullopt};
    if (reply->has_more) answer.next = query::make_cursor(scope.tenant(), read, answer.rows);
    co_return answer;
}

auto UnifiedDatabaseManager::create_lead(NewLead lead, TenantScope scope, Deadline deadline)
    -> Answer<query::RowSet> {
    co_return co_await insert_one(leads(), lead.assignments(), std::move(scope), deadline);
}
auto UnifiedDatabaseManager::get_lead(LeadId id, TenantScope scope, Deadline deadline)
    -> Answer<query::RowSet> {
    co_return co_await get_one(leads(), query::equals(leads().id(), id.uuid()), std::move(scope),
                               deadline);
}
auto UnifiedDatabaseManager::update_lead(LeadId id, LeadChanges changes, TenantScope scope,
                                         Deadline deadline) -> Answer<query::RowSet> {
    co_return co_await update_one(leads(), id.uuid(), changes.assignments(), std::move(scope),
                                  deadline);
}
auto UnifiedDatabaseManager::replace_lead(LeadId id, LeadReplacement lead, TenantScope scope,
                                          Deadline deadline) -> Answer<query::RowSet> {
    co_return co_await update_one(leads(), id.uuid(), lead.assignments(), std::move(scope),
                                  deadline);
}
auto UnifiedDatabaseManager::delete_lead(LeadId id, TenantScope scope, Deadline deadline)
    -> Answer<void> {
    co_return co_await delete_one(leads(), id.uuid(), std::move(scope), deadline);
}
auto UnifiedDatabaseManager::search_leads(TenantScope scope, LeadCriteria criteria,
                                          Deadline deadline) -> Answer<Page> {
    auto read = read_of(criteria);
    if (!read) co_return read.error();
    co_return co_await read_page(std::move(*read), std::move(criteria.page), std::move(scope),
                                 deadline);
}

auto UnifiedDatabaseManager::create_event(NewEvent event, TenantScope scope, Deadline deadline)
    -> Answer<query::RowSet> {
    co_return co_await insert_one(events(), event.assignments(), std::move(scope), deadline);
}
auto UnifiedDatabaseManager::get_lead_events(LeadId id, TenantScope scope, PageRequest page,
                                             Deadline deadline) -> Answer<Page> {
    auto lead = co_await get_lead(id, scope, deadline);
    if (!lead) co_return lead.error();
    Read read{&events(), query::all_columns(events())};
    read.filter = query::equals(events().column("lead_id"), id.uuid());
    read.order = {{&events().column("timestamp"), true, true}};
    co_return co_await read_page(std::move(read), std::move(page), std::move(scope), deadline);
}

auto UnifiedDatabaseManager::create_agent(NewAgent agent, TenantScope scope, Deadline deadline)
    -> Answer<query::RowSet> {
    co_return co_await insert_one(agents(), agent.assignments(), std::move(scope), deadline);
}
auto UnifiedDatabaseManager::get_agent(AgentId id, TenantScope scope, Deadline deadline)
    -> Answer<query::RowSet> {
    co_return co_await get_one(agents(), query::equals(agents().id(), id.uuid()), std::move(scope),
                               deadline);
}
auto UnifiedDatabaseManager::get_agent_by_email(std::string email, TenantScope scope,
                                                Deadline deadline) -> Answer<query::RowSet> {
    const auto& column = agents().column("email");
    auto value = schema::parse_text(column, email);
    if (!value) co_return value.error();
    co_return co_await get_one(agents(), query::equals(column, std::move(*value)), std::move(scope),
                               deadline);
}
auto UnifiedDatabaseManager::update_agent(AgentId id, AgentChanges changes, TenantScope scope,
                                          Deadline deadline) -> Answer<query::RowSet> {
    co_return co_await update_one(agents(), id.uuid(), changes.assignments(), std::move(scope),
                                  deadline);
}
auto UnifiedDatabaseManager::replace_agent(AgentId id, AgentReplacement agent, TenantScope scope,
                                           Deadline deadline) -> Answer<query::RowSet> {
    co_return co_await update_one(agents(), id.uuid(), agent.assignments(), std::move(scope),
                                  deadline);
}
auto UnifiedDatabaseManager::delete_agent(AgentId id, TenantScope scope, Deadline deadline)
    -> Answer<void> {
    co_return co_await delete_one(agents(), id.uuid(), std::move(scope), deadline);
}
auto UnifiedDatabaseManager::list_agents(TenantScope scope, PageRequest page, Deadline deadline)
    -> Answer<Page> {
    Read read{&agents(), query::all_columns(agents())};
    read.order = {{&agents().column("created_at"), true, true}};
    co_return co_await read_page(std::move(read), std::move(page), std::move(scope), deadline);
}

}  // namespace tenantry::services
