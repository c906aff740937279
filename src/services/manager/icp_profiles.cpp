#include "row_operations.hpp"

namespace tenantry::services {

using Manager = UnifiedDatabaseManager;

namespace {

const schema::Relation& profiles() {
    static const schema::Relation& relation = built_in("icp_profiles");
    return relation;
}

}  // namespace

auto Manager::create_icp_profile(NewIcpProfile profile, TenantScope scope, Deadline deadline,
                                 Once key) -> Answer<query::RowSet> {
    co_return co_await RowOperations{executor_, clock_}.insert(
        profiles(), profile.assignments(), std::move(scope), deadline, std::move(key));
}

auto Manager::get_icp_profile(IcpProfileId id, TenantScope scope, Deadline deadline)
    -> Answer<query::RowSet> {
    co_return co_await RowOperations{executor_, clock_}.get(
        profiles(), query::equals(profiles().id(), id.uuid()), std::move(scope), deadline);
}

auto Manager::update_icp_profile(IcpProfileId id, IcpProfileChanges changes, TenantScope scope,
                                 Deadline deadline, Expected version) -> Answer<query::RowSet> {
    co_return co_await RowOperations{executor_, clock_}.update(
        profiles(), id.uuid(), changes.assignments(), std::move(scope), deadline, version);
}

auto Manager::replace_icp_profile(IcpProfileId id, IcpProfileReplacement profile, TenantScope scope,
                                  Deadline deadline, Expected version) -> Answer<query::RowSet> {
    co_return co_await RowOperations{executor_, clock_}.update(
        profiles(), id.uuid(), profile.assignments(), std::move(scope), deadline, version);
}

auto Manager::delete_icp_profile(IcpProfileId id, TenantScope scope, Deadline deadline,
                                 Expected version) -> Answer<void> {
    co_return co_await RowOperations{executor_, clock_}.remove(profiles(), id.uuid(),
                                                               std::move(scope), deadline, version);
}

auto Manager::list_icp_profiles(TenantScope scope, PageRequest page, Deadline deadline)
    -> Answer<Page> {
    query::Read read{&profiles(), query::all_columns(profiles())};
    read.order = {{&profiles().column("created_at"), true, true}};
    co_return co_await RowOperations{executor_, clock_}.page(std::move(read), std::move(page),
                                                             std::move(scope), deadline);
}

auto Manager::clone_icp_profile(IcpProfileId id, std::string name, TenantScope scope,
                                Deadline deadline, Once key) -> Answer<query::RowSet> {
    auto named = schema::parse_text(profiles().column("name"), name);
    if (!named) co_return named.error();
    const auto original = co_await get_icp_profile(id, scope, deadline);
    if (!original) co_return original.error();
    std::vector<query::Assignment> fields{{&profiles().column("name"), std::move(*named)}};
    for (const auto& column : profiles().columns()) {
        const bool copied =
            column.options().origin == schema::Origin::client && column.name() != "name";
        if (copied) fields.push_back({&column, original->value(0, column.name())});
    }
    co_return co_await RowOperations{executor_, clock_}.insert(
        profiles(), std::move(fields), std::move(scope), deadline, std::move(key));
}

}  // namespace tenantry::services
