// Scopes for API keys: a tenant's, and an operator's.

#include "auth/scope_issuer.hpp"

#include "test_tokens.hpp"

#include <gtest/gtest.h>

#include <map>
#include <type_traits>

namespace tenantry::auth {
namespace {

using test_tokens::at_second;
using test_tokens::hand_signed;
using test_tokens::make_secret;
using test_tokens::plain_header;

static_assert(!std::is_default_constructible_v<OperatorScope>);
static_assert(!std::is_constructible_v<OperatorScope, std::string>);
static_assert(!std::is_convertible_v<TenantScope, OperatorScope>);
static_assert(!std::is_convertible_v<OperatorScope, TenantScope>);

constexpr std::string_view id = "01890a5d-ac96-774b-bcce-b302099a8057";

class KeyDirectory final : public Directory {
public:
    Standing standing(const TenantId&, std::string_view) override { return {.tenant = status}; }
    std::optional<KeyStanding> key(std::string_view hash) override {
        const auto found = keys.find(std::string{hash});
        if (found == keys.end()) return std::nullopt;
        return found->second;
    }
    std::map<std::string, KeyStanding> keys{};
    TenantStatus status = TenantStatus::active;
};

class KeyIssueTest : public ::testing::Test {
protected:
    static KeyStanding of_tenant(Role role = Role::operator_) {
        return {.id = ApiKeyId::parse(id).value(),
                .tenant = TenantId::parse("acme").value(),
                .status = TenantStatus::active,
                .role = role};
    }
    static KeyStanding of_operator() { return {.id = ApiKeyId::parse(id).value()}; }

    /// A key that is recorded as `standing`.
    ApiKey key(KeyStanding standing) {
        auto made = ApiKey::make(standing.tenant ? ApiKey::Kind::tenant : ApiKey::Kind::platform);
        directory.keys.emplace(made.hash(), std::move(standing));
        return made;
    }
    Result<TenantScope> ask(const ApiKey& key, std::optional<std::string_view> selected = {}) {
        return issuer.from_token(key.text(), selected, at_second(100));
    }
    Result<OperatorScope> ask_operator(std::string_view bearer) {
        return issuer.for_operator(bearer, at_second(100));
    }
    template <class Scope>
    static std::string refusal(const Result<Scope>& result) {
        return result ? "none" : std::string{code_of(result.error().code)};
    }

    KeyDirectory directory;
    TokenVerifier verifier{make_secret()};
    KeyUses uses;
    ScopeIssuer issuer{verifier, directory, &uses};
};

TEST_F(KeyIssueTest, AnOperatorsKeyActsForTheTenantThatIsNamedIfAnybodyHasSaidSo) {
    const auto operators = key(of_operator());
    const ScopeIssuer generous{verifier, directory, &uses, Role::viewer};
    const auto ask_with = [&](const ApiKey& key, std::optional<std::string_view> selected) {
        return generous.from_token(key.text(), selected, at_second(100));
    };
    const auto scope = ask_with(operators, "acme").value();
    EXPECT_EQ(scope.tenant().text(), "acme");
    EXPECT_EQ(scope.role(), Role::viewer);
    EXPECT_EQ(scope.principal(), "key:" + std::string{id});
    EXPECT_TRUE(scope.by_operator());
    EXPECT_EQ(refusal(ask_with(operators, std::nullopt)), "tenant_required");
    EXPECT_EQ(refusal(ask_with(operators, "no tenant")), "tenant_mismatch");
    auto revoked = of_operator();
    revoked.revoked = true;
    EXPECT_EQ(refusal(ask_with(key(revoked), "acme")), "token_invalid");
    directory.status = TenantStatus::suspended;
    EXPECT_EQ(refusal(ask_with(operators, "acme")), "tenant_unavailable");
    directory.status = TenantStatus::active;
    // Nobody else gains by it.
    EXPECT_EQ(refusal(ask_with(key(of_tenant()), "birch")), "tenant_mismatch");
    EXPECT_FALSE(ask_with(key(of_tenant()), "acme").value().by_operator());
}

TEST_F(KeyIssueTest, WhatAnActingOperatorMayIsFoundOutInOneGo) {
    const auto operators = key(of_operator());
    const ScopeIssuer generous{verifier, directory, &uses, Role::admin};
    const auto found = generous.find(operators.text(), "acme", at_second(100)).value();
    ASSERT_TRUE(found.key && found.standing);
    EXPECT_EQ(generous.from_token(operators.text(), "acme", at_second(100), found)->role(),
              Role::admin);
    EXPECT_FALSE(generous.find(operators.text(), std::nullopt, at_second(100))->standing);
    EXPECT_FALSE(issuer.find(operators.text(), "acme", at_second(100))->standing);
}

TEST_F(KeyIssueTest, AKeyActsForItsTenantInItsRoleUnderItsOwnName) {
    const auto scope = ask(key(of_tenant(Role::admin))).value();
    EXPECT_EQ(scope.tenant().text(), "acme");
    EXPECT_EQ(scope.role(), Role::admin);
    EXPECT_EQ(scope.principal(), "key:" + std::string{id});
}

TEST_F(KeyIssueTest, ASecretKeyIsATenantsInAnotherForm) {
    const auto made = ApiKey::make(ApiKey::Kind::secret);
    directory.keys.emplace(made.hash(), of_tenant(Role::admin));
    EXPECT_EQ(ask(made).value().role(), Role::admin);
    EXPECT_EQ(refusal(ask(made, "birch")), "tenant_mismatch");
    EXPECT_EQ(refusal(ask_operator(made.text())), "role_insufficient");
}

// Whatever stands in its record.
TEST_F(KeyIssueTest, APublishableKeyActsForNobody) {
    const auto made = ApiKey::make(ApiKey::Kind::publishable);
    directory.keys.emplace(made.hash(), of_tenant(Role::owner));
    EXPECT_EQ(refusal(ask(made)), "role_insufficient");
    EXPECT_EQ(refusal(ask_operator(made.text())), "role_insufficient");
    EXPECT_EQ(issuer.tenant_of_client(made.text(), at_second(100)).value().text(), "acme");
    const auto client = issuer.from_client(made.text(), std::nullopt, at_second(100)).value();
    EXPECT_EQ(client.role(), Role::anon);
    EXPECT_EQ(client.tenant().text(), "acme");
    EXPECT_EQ(refusal(issuer.from_client(made.text(), "birch", at_second(100))), "tenant_mismatch");
    // As an operator's it was not made here.
    const auto odd = ApiKey::make(ApiKey::Kind::publishable);
    directory.keys.emplace(odd.hash(), of_operator());
    EXPECT_EQ(refusal(ask_operator(odd.text())), "token_invalid");
    EXPECT_EQ(refusal(issuer.from_client(odd.text(), std::nullopt, at_second(100))),
              "token_invalid");
    EXPECT_EQ(refusal(issuer.from_client(ApiKey::make(ApiKey::Kind::publishable).text(),
                                         std::nullopt, at_second(100))),
              "token_invalid");
}

TEST_F(KeyIssueTest, ATokenOfTheRoleAnonIsAClientOfItsTenant) {
    const auto token = hand_signed(plain_header, R"({"role":"anon","tenant_id":"acme","exp":200})");
    EXPECT_EQ(refusal(issuer.from_token(token, std::nullopt, at_second(100))), "role_insufficient");
    EXPECT_EQ(issuer.from_client(token, std::nullopt, at_second(100)).value().role(), Role::anon);
    EXPECT_EQ(refusal(issuer.from_client(token, "birch", at_second(100))), "tenant_mismatch");
    const auto of_all = hand_signed(plain_header, R"({"role":"anon","exp":200})");
    EXPECT_EQ(refusal(issuer.from_client(of_all, "acme", at_second(100))), "tenant_required");
    EXPECT_EQ(refusal(issuer.from_client("", std::nullopt, at_second(100))), "token_missing");
}

TEST_F(KeyIssueTest, TheHeaderMayOnlyAgree) {
    const auto acme = key(of_tenant());
    EXPECT_EQ(refusal(ask(acme, "acme")), "none");
    for (const auto* other : {"birch", "", "no tenant id", "ACME"})
        EXPECT_EQ(refusal(ask(acme, other)), "tenant_mismatch") << other;
}

TEST_F(KeyIssueTest, UnknownRevokedAndExpiredKeysAreRefused) {
    EXPECT_EQ(refusal(ask(ApiKey::make(ApiKey::Kind::tenant))), "token_invalid");
    auto revoked = of_tenant();
    revoked.revoked = true;
    EXPECT_EQ(refusal(ask(key(revoked))), "token_invalid");
    auto expiring = of_tenant();
    expiring.expires_at = at_second(100);
    EXPECT_EQ(refusal(ask(key(expiring))), "token_expired");
    expiring.expires_at = at_second(101);
    EXPECT_EQ(refusal(ask(key(expiring))), "none");
    EXPECT_EQ(refusal(issuer.from_token("tnk_something", std::nullopt, at_second(1))),
              "token_invalid");
}

TEST_F(KeyIssueTest, WhetherAKeyWasRevokedOrNeverThereIsNotTold) {
    auto revoked = of_tenant();
    revoked.revoked = true;
    revoked.expires_at = at_second(1);
    EXPECT_EQ(ask(key(revoked)).error(), ask(ApiKey::make(ApiKey::Kind::tenant)).error());
}

TEST_F(KeyIssueTest, KeysOfTenantsThatAreNotActiveAreRefused) {
    for (const auto status : {TenantStatus::suspended, TenantStatus::deleting}) {
        auto standing = of_tenant();
        standing.status = status;
        EXPECT_EQ(refusal(ask(key(standing))), "tenant_unavailable");
    }
}

TEST_F(KeyIssueTest, AnOperatorsKeyActsForThePlatformAlone) {
    const auto operators = key(of_operator());
    EXPECT_EQ(ask_operator(operators.text()).value().principal(), "key:" + std::string{id});
    EXPECT_EQ(refusal(ask(operators)), "role_insufficient");
    EXPECT_EQ(refusal(ask(operators, "acme")), "role_insufficient");
}

TEST_F(KeyIssueTest, NobodyElseActsForThePlatformAndAllAreToldTheSame) {
    const auto owner = key(of_tenant(Role::owner));
    const auto token =
        hand_signed(plain_header, R"({"exp":1000,"sub":"s","role":"owner","tenant_id":"acme"})");
    const auto nobody = hand_signed(plain_header, R"({"exp":1000,"sub":"s"})");
    const auto refused = ask_operator(owner.text()).error();
    EXPECT_EQ(refused.code, Errc::role_insufficient);
    EXPECT_EQ(ask_operator(token).error(), refused);
    EXPECT_EQ(ask_operator(nobody).error(), refused);
    EXPECT_EQ(refusal(ask_operator("")), "token_missing");
    EXPECT_EQ(refusal(ask_operator("nonsense")), "token_invalid");
    EXPECT_EQ(refusal(ask_operator(ApiKey::make(ApiKey::Kind::platform).text())), "token_invalid");
}

TEST_F(KeyIssueTest, ThePrefixGivesNoRight) {
    // As if somebody had written a record for a key of the other kind.
    const auto tenant_key = ApiKey::make(ApiKey::Kind::tenant);
    directory.keys.emplace(tenant_key.hash(), of_operator());
    EXPECT_EQ(refusal(ask_operator(tenant_key.text())), "token_invalid");
    const auto operators = ApiKey::make(ApiKey::Kind::platform);
    directory.keys.emplace(operators.hash(), of_tenant());
    EXPECT_EQ(refusal(ask(operators)), "token_invalid");
    EXPECT_EQ(refusal(ask_operator(operators.text())), "token_invalid");
}

TEST_F(KeyIssueTest, OnlyGoodKeysAreNotedAsUsed) {
    auto revoked = of_tenant();
    revoked.revoked = true;
    ask(key(revoked)).error();
    ask(ApiKey::make(ApiKey::Kind::tenant)).error();
    EXPECT_TRUE(uses.take(at_second(100)).empty());
    ask(key(of_tenant())).value();
    EXPECT_EQ(uses.take(at_second(100)),
              (std::vector<KeyUse>{{ApiKeyId::parse(id).value(), at_second(100)}}));
}

TEST_F(KeyIssueTest, ADirectoryWithoutKeysKnowsNone) {
    class Bare final : public Directory {
        Standing standing(const TenantId&, std::string_view) override { return {}; }
    } bare;
    EXPECT_FALSE(bare.Directory::key("0"));
}

}  // namespace
}  // namespace tenantry::auth
