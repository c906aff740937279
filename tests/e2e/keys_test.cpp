// API keys of tenants over HTTP: what they open, and that they stop doing so at once.

#include "fixture.hpp"

#include "services/api_keys.hpp"

#include <atomic>

namespace tenantry::e2e {
namespace {

class KeysTest : public ServerTest {
protected:
    static TenantId tenant(std::string_view id) { return TenantId::parse(id).value(); }
    services::IssuedKey issue(std::string_view id, Role role = Role::operator_,
                              std::optional<Timestamp> expires_at = std::nullopt) {
        return services::issue_key(
                   control(),
                   {.owner = {tenant(id)}, .name = "tests", .role = role, .expires_at = expires_at})
            .value();
    }
    static Ask list(const services::IssuedKey& key, std::string headers = {}) {
        return {.target = "/api/leads",
                .token = std::string{key.key.text()},
                .headers = std::move(headers)};
    }
    static Ask write(const services::IssuedKey& key) {
        return {.method = "POST",
                .target = "/api/leads",
                .token = std::string{key.key.text()},
                .body = R"({"first_name":"Ada"})"};
    }
};

TEST_F(KeysTest, StandWhereATokenDoes) {
    const auto lead = make_lead("acme");
    const auto key = issue("acme");
    const auto answer = ask(list(key));
    EXPECT_EQ(answer.status, 200);
    EXPECT_NE(answer.body.find(lead), std::string::npos);
    EXPECT_EQ(ask(write(key)).status, 201);
    EXPECT_EQ(ask(write(issue("acme", Role::viewer))).code(), "role_insufficient");
    EXPECT_EQ(ask(list(key, "x-tenant-id: acme\r\n")).status, 200);
    EXPECT_EQ(ask(list(key, "x-tenant-id: birch\r\n")).code(), "tenant_mismatch");
}

TEST_F(KeysTest, RevocationHoldsFromTheNextRequestOn) {
    const auto key = issue("acme");
    auto client = connect();
    EXPECT_EQ(client.exchange(list(key).bytes()).status, 200);
    control().revoke_key(key.record.id, std::nullopt).value();
    const auto refused = client.exchange(list(key).bytes());
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(refused.code(), "token_invalid");
    // As one that was never made.
    const auto stranger = auth::ApiKey::make(auth::ApiKey::Kind::tenant);
    EXPECT_EQ(refused.bytes,
              ask({.target = "/api/leads", .token = std::string{stranger.text()}}).bytes);
}

TEST_F(KeysTest, ExpiryHoldsOnAnOpenConnection) {
    class Hands final : public Clock {
    public:
        Timestamp now() const override { return at.load(); }
        std::atomic<Timestamp> at{system_clock().now()};
    } clock;
    const auto expires_at = clock.now() + std::chrono::hours{1};
    const auto key = issue("acme", Role::viewer, expires_at);
    start(options(), clock);
    auto client = connect();
    clock.at = expires_at - std::chrono::microseconds{1};
    EXPECT_EQ(client.exchange(list(key).bytes()).status, 200);
    clock.at = expires_at;
    const auto refused = client.exchange(list(key).bytes());
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(refused.code(), "token_expired");
    stop();
}

TEST_F(KeysTest, SuspensionAndDeletionOfTheirTenantHoldAtOnce) {
    const auto key = issue("acme");
    auto client = connect();
    EXPECT_EQ(client.exchange(list(key).bytes()).status, 200);
    control().set_tenant_status(tenant("acme"), auth::TenantStatus::suspended).value();
    const auto suspended = client.exchange(list(key).bytes());
    EXPECT_EQ(suspended.status, 403);
    EXPECT_EQ(suspended.code(), "tenant_unavailable");
    control().set_tenant_status(tenant("acme"), auth::TenantStatus::deleting).value();
    EXPECT_EQ(client.exchange(list(key).bytes()).bytes, suspended.bytes);
    control().forget_tenant(tenant("acme")).value();
    EXPECT_EQ(client.exchange(list(key).bytes()).status, 401);
}

TEST_F(KeysTest, SeeTheSameWithAndWithoutAnothersRows) {
    const auto key = issue("birch", Role::admin);
    const std::string foreign{id_of_nobody};
    const auto asked = [&](const std::string& lead) {
        std::string bytes;
        for (const auto& target : {std::string{"/api/leads"}, "/api/leads/" + lead,
                                   "/api/leads/" + lead + "/events", std::string{"/api/agents"}}) {
            bytes += ask({.target = target, .token = std::string{key.key.text()}}).bytes;
        }
        bytes += ask({.method = "DELETE",
                      .target = "/api/leads/" + lead,
                      .token = std::string{key.key.text()}})
                     .bytes;
        return bytes;
    };
    const auto without = asked(foreign);
    const auto lead = make_lead("acme", R"("first_name":"Ada","email":"ada@example.com")");
    make_agent("acme", "agent@example.com");
    issue("acme");
    EXPECT_EQ(asked(lead), without);
    EXPECT_EQ(ask({.target = "/api/leads/" + lead, .token = token("acme")}).status, 200);
}

TEST_F(KeysTest, ChangesOfAMembershipHoldAtOnceWithATokenThatIsOut) {
    const auto member =
        control().create_member(tenant("acme"), "m@example.com", "M", Role::operator_).value();
    auto client = connect();
    const auto create = Ask{.method = "POST",
                            .target = "/api/leads",
                            .token = token("acme", "owner", member.user.text()),
                            .body = R"({"first_name":"Ada"})"}
                            .bytes();
    EXPECT_EQ(client.exchange(create).status, 201);
    control().set_member_role(tenant("acme"), "m@example.com", Role::viewer).value();
    EXPECT_EQ(client.exchange(create).code(), "role_insufficient");
    control().set_member_role(tenant("acme"), "m@example.com", Role::admin).value();
    EXPECT_EQ(client.exchange(create).status, 201);
    control().remove_member(tenant("acme"), "m@example.com").value();
    EXPECT_EQ(client.exchange(create).code(), "not_a_member");
}

TEST_F(KeysTest, LastUseIsWrittenDown) {
    const auto used = issue("acme");
    const auto unused = issue("acme");
    EXPECT_EQ(ask(list(used)).status, 200);
    stop();
    for (const auto& key : control().keys(std::nullopt, {}).value())
        EXPECT_EQ(key.last_used_at.has_value(), key.id == used.record.id);
}

}  // namespace
}  // namespace tenantry::e2e
