#include "row_operations.hpp"

namespace tenantry::services {

using Manager = UnifiedDatabaseManager;
using query::Filter;
using query::Operator;
using query::Read;

namespace {

const schema::Relation& leads() {
    static const schema::Relation& relation = built_in("leads");
    return relation;
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

}  // namespace

auto Manager::create_lead(NewLead lead, TenantScope scope, Deadline deadline, Once key)
    -> Answer<query::RowSet> {
    co_return co_await RowOperations{executor_, clock_}.insert(
        leads(), lead.assignments(), std::move(scope), deadline, std::move(key));
}

auto Manager::get_lead(LeadId id, TenantScope scope, Deadline deadline) -> Answer<query::RowSet> {
    co_return co_await RowOperations{executor_, clock_}.get(
        leads(), query::equals(leads().id(), id.uuid()), std::move(scope), deadline);
}

auto Manager::update_lead(LeadId id, LeadChanges changes, TenantScope scope, Deadline deadline,
                          Expected version) -> Answer<query::RowSet> {
    co_return co_await RowOperations{executor_, clock_}.update(
        leads(), id.uuid(), changes.assignments(), std::move(scope), deadline, version);
}

auto Manager::replace_lead(LeadId id, LeadReplacement lead, TenantScope scope, Deadline deadline,
                           Expected version) -> Answer<query::RowSet> {
    co_return co_await RowOperations{executor_, clock_}.update(
        leads(), id.uuid(), lead.assignments(), std::move(scope), deadline, version);
}

auto Manager::delete_lead(LeadId id, TenantScope scope, Deadline deadline, Expected version)
    -> Answer<void> {
    co_return co_await RowOperations{executor_, clock_}.remove(leads(), id.uuid(), std::move(scope),
                                                               deadline, version);
}

auto Manager::search_leads(TenantScope scope, LeadCriteria criteria, Deadline deadline)
    -> Answer<Page> {
    auto read = read_of(criteria);
    if (!read) co_return read.error();
    co_return co_await RowOperations{executor_, clock_}.page(
        std::move(*read), std::move(criteria.page), std::move(scope), deadline);
}

}  // namespace tenantry::services
