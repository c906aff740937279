#include "row_operations.hpp"

#include <fmt/format.h>

namespace tenantry::services {

using Manager = UnifiedDatabaseManager;

namespace {

const schema::Relation& identities() {
    static const schema::Relation& relation = built_in("identities");
    return relation;
}

}  // namespace

/// Secrets as they came in, replaced by their ciphertext.
Result<std::vector<query::Assignment>> Manager::sealed(std::vector<query::Assignment> fields,
                                                       const Uuid& id, const TenantScope& scope) {
    for (auto& [column, value] : fields) {
        const auto* plaintext = std::get_if<schema::Json>(&value);
        if (column->type() != schema::ColumnType::sealed || plaintext == nullptr) continue;
        // Who may not write gets no key made.
        if (scope.role() < Role::operator_)
            return fail(Errc::role_insufficient,
                        fmt::format("the role {} may read but not write", name_of(scope.role())));
        TENANTRY_TRY(secret, sealer_.seal(scope, {identities(), *column, id}, plaintext->text));
        value = std::move(secret);
    }
    return fields;
}

auto Manager::create_identity(NewIdentity identity, TenantScope scope, Deadline deadline, Once key)
    -> Answer<query::RowSet> {
    const auto id = clock_.new_id();
    auto fields = sealed(identity.assignments(), id, scope);
    if (!fields) co_return fields.error();
    fields->push_back({&identities().id(), id});
    co_return co_await RowOperations{executor_, clock_}.insert(
        identities(), std::move(*fields), std::move(scope), deadline, std::move(key));
}

auto Manager::get_identity(IdentityId id, TenantScope scope, Deadline deadline)
    -> Answer<query::RowSet> {
    co_return co_await RowOperations{executor_, clock_}.get(
        identities(), query::equals(identities().id(), id.uuid()), std::move(scope), deadline);
}

auto Manager::delete_identity(IdentityId id, TenantScope scope, Deadline deadline, Expected version)
    -> Answer<void> {
    co_return co_await RowOperations{executor_, clock_}.remove(identities(), id.uuid(),
                                                               std::move(scope), deadline, version);
}

auto Manager::list_identities(TenantScope scope, PageRequest page, Deadline deadline)
    -> Answer<Page> {
    query::Read read{&identities(), query::all_columns(identities())};
    read.order = {{&identities().column("created_at"), true, true}};
    co_return co_await RowOperations{executor_, clock_}.page(std::move(read), std::move(page),
                                                             std::move(scope), deadline);
}

auto Manager::update_identity(IdentityId id, IdentityChanges changes, TenantScope scope,
                              Deadline deadline, Expected version) -> Answer<query::RowSet> {
    auto fields = sealed(changes.assignments(), id.uuid(), scope);
    if (!fields) co_return fields.error();
    co_return co_await RowOperations{executor_, clock_}.update(
        identities(), id.uuid(), std::move(*fields), std::move(scope), deadline, version);
}

auto Manager::replace_identity(IdentityId id, IdentityReplacement identity, TenantScope scope,
                               Deadline deadline, Expected version) -> Answer<query::RowSet> {
    auto fields = sealed(identity.assignments(), id.uuid(), scope);
    if (!fields) co_return fields.error();
    co_return co_await RowOperations{executor_, clock_}.update(
        identities(), id.uuid(), std::move(*fields), std::move(scope), deadline, version);
}

auto Manager::unseal_identity(IdentityId id, std::string_view column_name, TenantScope scope,
                              Deadline deadline) -> Answer<std::optional<std::string>> {
    const auto& column = identities().column(column_name);
    query::Read read{.relation = &identities(),
                     .projection = {&column},
                     .filter = query::equals(identities().id(), id.uuid()),
                     .limit = 1,
                     .sealed = true};
    auto plan = scoped(std::move(read), {}, scope);
    if (!plan) co_return plan.error();
    const auto reply = co_await executor_.run(std::move(*plan), deadline);
    if (!reply) co_return reply.error();
    if (reply->rows.row_count() == 0) co_return no_such_row(identities());
    const auto value = reply->rows.value(0, 0);
    const auto* secret = std::get_if<schema::Sealed>(&value);
    if (secret == nullptr) co_return std::optional<std::string>{};
    const auto uuid = id.uuid();
    auto plaintext = sealer_.unseal(scope, {identities(), column, uuid}, *secret);
    if (!plaintext) co_return plaintext.error();
    co_return std::optional{std::move(*plaintext)};
}

}  // namespace tenantry::services
