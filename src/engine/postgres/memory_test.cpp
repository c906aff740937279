#include "postgres/memory.hpp"

#include <gtest/gtest.h>

namespace tenantry::engine::postgres {
namespace {

TenantId tenant(std::string_view id) { return TenantId::parse(id).value(); }

Uuid version(std::uint8_t number) {
    Uuid id{};
    id.data[15] = number;
    return id;
}

auth::Standing member(Role role, std::uint8_t of_version) {
    return {.tenant = auth::TenantStatus::active,
            .is_user = true,
            .membership = role,
            .version = version(of_version)};
}

auth::KeyStanding key_of(std::string_view owner) {
    return {.id = auth::ApiKeyId::from_uuid(version(9)),
            .tenant = tenant(owner),
            .status = auth::TenantStatus::active,
            .role = Role::viewer};
}

TEST(Memory, KeepsStandingsByTenantAndSubject) {
    Memory memory;
    EXPECT_FALSE(memory.standing(tenant("acme"), "ann"));
    memory.keep(tenant("acme"), "ann", member(Role::admin, 1), {version(1), "{}"});
    memory.keep(tenant("birch"), "ann", member(Role::viewer, 2), {version(2), "{}"});
    EXPECT_EQ(memory.standing(tenant("acme"), "ann")->membership, Role::admin);
    EXPECT_EQ(memory.standing(tenant("birch"), "ann")->membership, Role::viewer);
    EXPECT_FALSE(memory.standing(tenant("acme"), "bob"));
}

TEST(Memory, AnotherVersionLeavesNothingOfTheOneBefore) {
    Memory memory;
    memory.keep(tenant("acme"), "ann", member(Role::admin, 1), {version(1), "{}"});
    memory.keep_key("hash", key_of("acme"), {version(1), "{}"});
    memory.keep(tenant("acme"), "bob", member(Role::viewer, 2), {version(2), R"({"quotas":{}})"});
    EXPECT_FALSE(memory.standing(tenant("acme"), "ann"));
    EXPECT_FALSE(memory.key("hash"));
    EXPECT_TRUE(memory.standing(tenant("acme"), "bob"));
    EXPECT_EQ(memory.settings(tenant("acme")), R"({"quotas":{}})");
}

TEST(Memory, ForgetsATenantAndItsKeysAlone) {
    Memory memory;
    memory.keep_key("a", key_of("acme"), {version(1), "{}"});
    memory.keep_key("b", key_of("birch"), {version(2), "{}"});
    memory.keep(tenant("acme"), "ann", member(Role::admin, 1), {version(1), "{}"});
    memory.forget(tenant("acme"));
    memory.forget(tenant("nobody"));
    EXPECT_FALSE(memory.key("a"));
    EXPECT_FALSE(memory.standing(tenant("acme"), "ann"));
    EXPECT_FALSE(memory.settings(tenant("acme")));
    EXPECT_EQ(memory.key("b")->tenant, tenant("birch"));
}

TEST(Memory, IsBounded) {
    Memory memory;
    for (std::size_t i = 0; i < Memory::answers_max; ++i)
        memory.keep(tenant("acme"), std::to_string(i), member(Role::admin, 1), {version(1), "{}"});
    EXPECT_TRUE(memory.standing(tenant("acme"), "0"));
    memory.keep(tenant("acme"), "one more", member(Role::admin, 1), {version(1), "{}"});
    EXPECT_FALSE(memory.standing(tenant("acme"), "0"));
    EXPECT_TRUE(memory.standing(tenant("acme"), "one more"));
}

}  // namespace
}  // namespace tenantry::engine::postgres
