#include "row_operations.hpp"

namespace tenantry::services {

using Manager = UnifiedDatabaseManager;

namespace {

const schema::Relation& contacts() {
    static const schema::Relation& relation = built_in("contacts");
    return relation;
}

}  // namespace

auto Manager::create_contact(NewContact contact, TenantScope scope, Deadline deadline, Once key)
    -> Answer<query::RowSet> {
    co_return co_await RowOperations{executor_, clock_}.insert(
        contacts(), contact.assignments(), std::move(scope), deadline, std::move(key));
}

auto Manager::get_contact(ContactId id, TenantScope scope, Deadline deadline)
    -> Answer<query::RowSet> {
    co_return co_await RowOperations{executor_, clock_}.get(
        contacts(), query::equals(contacts().id(), id.uuid()), std::move(scope), deadline);
}

auto Manager::update_contact(ContactId id, ContactChanges changes, TenantScope scope,
                             Deadline deadline, Expected version) -> Answer<query::RowSet> {
    co_return co_await RowOperations{executor_, clock_}.update(
        contacts(), id.uuid(), changes.assignments(), std::move(scope), deadline, version);
}

auto Manager::replace_contact(ContactId id, ContactReplacement contact, TenantScope scope,
                              Deadline deadline, Expected version) -> Answer<query::RowSet> {
    co_return co_await RowOperations{executor_, clock_}.update(
        contacts(), id.uuid(), contact.assignments(), std::move(scope), deadline, version);
}

auto Manager::delete_contact(ContactId id, TenantScope scope, Deadline deadline, Expected version)
    -> Answer<void> {
    co_return co_await RowOperations{executor_, clock_}.remove(contacts(), id.uuid(),
                                                               std::move(scope), deadline, version);
}

auto Manager::list_contacts(TenantScope scope, PageRequest page, Deadline deadline)
    -> Answer<Page> {
    query::Read read{&contacts(), query::all_columns(contacts())};
    read.order = {{&contacts().column("created_at"), true, true}};
    co_return co_await RowOperations{executor_, clock_}.page(std::move(read), std::move(page),
                                                             std::move(scope), deadline);
}

}  // namespace tenantry::services
