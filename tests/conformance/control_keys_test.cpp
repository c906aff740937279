// API keys, members' roles and lists in the control store.

#include "auth/api_key.hpp"
#include "engine/any_database.hpp"
#include "engine/control_store.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace tenantry::engine {
namespace {

using namespace std::chrono_literals;
using auth::ApiKey;
using auth::TenantStatus;

class ControlKeysTest : public ::testing::TestWithParam<testing::EngineKind> {
protected:
    ControlKeysTest() { store().create_tenant(acme_, "Acme").value(); }

    ControlStore& store() { return database_.control(); }
    Engine& engine() { return database_.engine(); }

    NewApiKey of_tenant(const ApiKey& key) const {
        return {.owner = {acme_},
                .name = "website",
                .role = Role::operator_,
                .prefix = key.prefix(),
                .hash = key.hash()};
    }
    static NewApiKey of_operator(const ApiKey& key) {
        return {.name = "console", .prefix = key.prefix(), .hash = key.hash()};
    }

    testing::AnyDatabase database_{GetParam()};
    TenantId acme_ = TenantId::parse("acme").value();
};

TEST_P(ControlKeysTest, AKeyIsKnownByItsHashAlone) {
    const auto key = ApiKey::make(ApiKey::Kind::tenant);
    store().act_as("cli:root");
    const auto record = store().create_key(of_tenant(key)).value();
    EXPECT_EQ(record.owner.tenant, acme_);
    EXPECT_EQ(record.role, Role::operator_);
    EXPECT_EQ(record.created_by, "cli:root");
    EXPECT_FALSE(record.expires_at || record.revoked_at || record.last_used_at);
    const auto standing = engine().key(key.hash()).value();
    EXPECT_EQ(standing.id, record.id);
    EXPECT_EQ(standing.tenant, acme_);
    EXPECT_EQ(standing.status, TenantStatus::active);
    EXPECT_EQ(standing.role, Role::operator_);
    EXPECT_FALSE(standing.revoked || standing.expires_at);
    EXPECT_FALSE(engine().key(ApiKey::make(ApiKey::Kind::tenant).hash()));
    EXPECT_FALSE(engine().key(""));

    database_.reopen();
    if (GetParam() != testing::EngineKind::sqlite) return;
    for (const auto* end : {"", "-wal"}) {
        std::ifstream file{database_.path().string() + end, std::ios::binary};
        const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
        EXPECT_EQ(bytes.find(key.text()), std::string::npos) << end;
        EXPECT_EQ(bytes.find(key.text().substr(12)), std::string::npos) << end;
    }
}

TEST_P(ControlKeysTest, AnOperatorsKeyHasNeitherTenantNorRole) {
    const auto key = ApiKey::make(ApiKey::Kind::platform);
    const auto record = store().create_key(of_operator(key)).value();
    EXPECT_EQ(record.owner, KeyOwner{});
    EXPECT_EQ(record.role, std::nullopt);
    const auto standing = engine().key(key.hash()).value();
    EXPECT_FALSE(standing.tenant || standing.role || standing.status);
}

TEST_P(ControlKeysTest, RevocationAndSuspensionShowAtOnce) {
    const auto key = ApiKey::make(ApiKey::Kind::tenant);
    const auto record = store().create_key(of_tenant(key)).value();
    store().set_tenant_status(acme_, TenantStatus::suspended).value();
    EXPECT_EQ(engine().key(key.hash())->status, TenantStatus::suspended);
    const auto revoked = store().revoke_key(record.id, std::nullopt).value();
    EXPECT_TRUE(revoked.revoked_at);
    EXPECT_TRUE(engine().key(key.hash())->revoked);
    EXPECT_EQ(store().revoke_key(record.id, std::nullopt).value().revoked_at, revoked.revoked_at);
    EXPECT_EQ(store().audit({.tenant = acme_}).value().front().action, "key.revoke");
}

TEST_P(ControlKeysTest, OnlyTheNamedOwnersKeyIsRevoked) {
    const auto birch = TenantId::parse("birch").value();
    store().create_tenant(birch, "Birch").value();
    const auto key = ApiKey::make(ApiKey::Kind::tenant);
    const auto record = store().create_key(of_tenant(key)).value();
    const auto nobody = auth::ApiKeyId::from_uuid(new_uuid());
    EXPECT_EQ(store().revoke_key(record.id, KeyOwner{birch}).error(),
              store().revoke_key(nobody, KeyOwner{birch}).error());
    EXPECT_EQ(store().revoke_key(record.id, KeyOwner{}).error().code, Errc::not_found);
    EXPECT_FALSE(engine().key(key.hash())->revoked);
    EXPECT_TRUE(store().revoke_key(record.id, KeyOwner{acme_}));
}

TEST_P(ControlKeysTest, KeysAreMadeForTenantsThatStayAndForTimesToCome) {
    const auto key = ApiKey::make(ApiKey::Kind::tenant);
    auto wanted = of_tenant(key);
    wanted.expires_at = system_clock().now() - 1s;
    EXPECT_EQ(store().create_key(wanted).error().code, Errc::out_of_range);
    wanted.expires_at = system_clock().now() + 1h;
    wanted.owner.tenant = TenantId::parse("nobody").value();
    EXPECT_EQ(store().create_key(wanted).error().code, Errc::not_found);
    store().set_tenant_status(acme_, TenantStatus::deleting).value();
    wanted.owner.tenant = acme_;
    EXPECT_EQ(store().create_key(wanted).error().code, Errc::conflict);
    EXPECT_TRUE(store().keys(std::nullopt, {}).value().empty());
}

TEST_P(ControlKeysTest, AreListedByOwnerAndInPages) {
    for (int i = 0; i < 3; ++i)
        store().create_key(of_tenant(ApiKey::make(ApiKey::Kind::tenant))).value();
    store().create_key(of_operator(ApiKey::make(ApiKey::Kind::platform))).value();
    EXPECT_EQ(store().keys(std::nullopt, {}).value().size(), 4U);
    EXPECT_EQ(store().keys(KeyOwner{}, {}).value().size(), 1U);
    const auto first = store().keys(KeyOwner{acme_}, {.limit = 2}).value();
    ASSERT_EQ(first.size(), 2U);
    EXPECT_EQ(
        store().keys(KeyOwner{acme_}, {.after = first[1].id.text(), .limit = 2}).value().size(),
        1U);
    EXPECT_EQ(store().keys(KeyOwner{TenantId::parse("nobody").value()}, {}).error().code,
              Errc::not_found);
}

TEST_P(ControlKeysTest, GoWithTheirTenant) {
    const auto key = ApiKey::make(ApiKey::Kind::tenant);
    store().create_key(of_tenant(key)).value();
    store().set_tenant_status(acme_, TenantStatus::deleting).value();
    store().forget_tenant(acme_).value();
    EXPECT_FALSE(engine().key(key.hash()));
}

TEST_P(ControlKeysTest, TheLatestUseIsKept) {
    const auto record = store().create_key(of_tenant(ApiKey::make(ApiKey::Kind::tenant))).value();
    const auto last_use = [&] {
        return store().keys(std::nullopt, {}).value().front().last_used_at;
    };
    const auto noon = system_clock().now();
    const std::vector<auth::KeyUse> uses{{auth::ApiKeyId::from_uuid(new_uuid()), noon},
                                         {record.id, noon}};
    store().record_key_uses(uses).value();
    EXPECT_EQ(last_use(), noon);
    const std::vector<auth::KeyUse> earlier{{record.id, noon - 1h}};
    store().record_key_uses(earlier).value();
    EXPECT_EQ(last_use(), noon);
    EXPECT_EQ(store().audit({}).value().size(), 2U) << "a use is no act";
}

TEST_P(ControlKeysTest, TheLastOwnerStays) {
    store().create_member(acme_, "ann@acme.example", "", Role::owner).value();
    EXPECT_EQ(store().remove_member(acme_, "ann@acme.example").error().code, Errc::conflict);
    EXPECT_EQ(store().set_member_role(acme_, "ann@acme.example", Role::admin).error().code,
              Errc::conflict);
    store().create_member(acme_, "bob@acme.example", "", Role::admin).value();
    EXPECT_EQ(store().remove_member(acme_, "ann@acme.example").error().code, Errc::conflict);
    store().set_member_role(acme_, "Bob@acme.example", Role::owner).value();
    EXPECT_EQ(store().remove_member(acme_, "ann@acme.example").value().role, Role::owner);
    EXPECT_EQ(store().member(acme_, "ann@acme.example").error().code, Errc::not_found);
    EXPECT_EQ(store().remove_member(acme_, "ann@acme.example").error().code, Errc::not_found);
}

TEST_P(ControlKeysTest, ARoleOrMembershipEndsAtOnceAndTheUserStaysOne) {
    const auto ann = store().create_member(acme_, "ann@acme.example", "", Role::admin).value();
    store().set_member_role(acme_, ann.user.text(), Role::viewer).value();
    EXPECT_EQ(engine().standing(acme_, ann.user.text()).membership, Role::viewer);
    store().remove_member(acme_, ann.user.text()).value();
    const auto standing = engine().standing(acme_, ann.user.text());
    EXPECT_TRUE(standing.is_user) << "or else a token would vouch for a stranger";
    EXPECT_EQ(standing.membership, std::nullopt);
}

TEST_P(ControlKeysTest, ListsGoOnAfterTheLastThatWasSeen) {
    const auto birch = TenantId::parse("birch").value();
    store().create_tenant(birch, "Birch").value();
    for (const auto* email : {"b@acme.example", "a@acme.example", "c@acme.example"})
        store().create_member(acme_, email, "", Role::viewer).value();
    store().create_member(birch, "a@acme.example", "", Role::owner).value();
    const auto page = store().members(acme_, {.limit = 2}).value();
    ASSERT_EQ(page.size(), 2U);
    EXPECT_EQ(page[1].email, "b@acme.example");
    EXPECT_EQ(store().members(acme_, {.after = page[1].email}).value().size(), 1U);
    EXPECT_EQ(store().tenants({.after = "acme"}).value().size(), 1U);
    const auto users = store().users({}).value();
    ASSERT_EQ(users.size(), 3U);
    EXPECT_EQ(users[0].memberships, (std::vector<std::pair<TenantId, Role>>{{acme_, Role::viewer},
                                                                            {birch, Role::owner}}));
}

INSTANTIATE_TEST_SUITE_P(Engines, ControlKeysTest, ::testing::ValuesIn(testing::all_engines),
                         [](const auto& of) { return testing::name_of(of.param); });

}  // namespace
}  // namespace tenantry::engine
