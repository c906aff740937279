#include "manager_fixture.hpp"

#include "base/random.hpp"

#include <thread>

namespace tenantry::services {
namespace {

class RowsTest : public ManagerFixture {
protected:
    static IdempotencyKey key(std::string_view text, std::string_view request) {
        return IdempotencyKey::parse(text, request).value();
    }
};

TEST_F(RowsTest, ACreateUnderAKeyHappensOnce) {
    const auto profile = fields<NewIcpProfile>(R"({"name":"P","confidence_threshold":0.5})");
    const auto first =
        wait(manager_.create_icp_profile(profile, scope_, deadline, key("k", "a"))).value();
    const auto again =
        wait(manager_.create_icp_profile(profile, scope_, deadline, key("k", "a"))).value();
    EXPECT_EQ(json(first), json(again));
    EXPECT_EQ(
        wait(manager_.create_icp_profile(profile, scope_, deadline, key("k", "b"))).error().code,
        Errc::idempotency_key_reused);
    // Another tenant's keys are its own.
    const auto elsewhere =
        wait(manager_.create_icp_profile(profile, other_, deadline, key("k", "b"))).value();
    EXPECT_NE(text(first, "id"), text(elsewhere, "id"));
    EXPECT_EQ(wait(manager_.list_icp_profiles(scope_, {}, deadline)).value().total, 1);
}

TEST_F(RowsTest, AKeysAnswerStaysAsItWas) {
    const auto lead = fields<NewLead>(
        R"({"first_name":"Ann","score":7.5,"tags":["a;b"],"metadata":{"x":[1,2.5,"é"]}})");
    const auto first = wait(manager_.create_lead(lead, scope_, deadline, key("k", "a"))).value();
    wait(manager_.update_lead(id_of<LeadId>(first), fields<LeadChanges>(R"({"city":"Oslo"})"),
                              scope_, deadline))
        .value();
    std::string before;
    std::string after;
    query::append_json_row(before, first, 0);
    const auto again = wait(manager_.create_lead(lead, scope_, deadline, key("k", "a"))).value();
    query::append_json_row(after, again, 0);
    EXPECT_EQ(before, after);
}

TEST_F(RowsTest, ARefusedCreateLeavesItsKeyFree) {
    const auto contact = fields<NewContact>(R"({"channel":"phone","identifier":"+1"})");
    wait(manager_.create_contact(contact, scope_, deadline)).value();
    EXPECT_EQ(wait(manager_.create_contact(contact, scope_, deadline, key("k", "a"))).error().field,
              "identifier");
    const auto other = fields<NewContact>(R"({"channel":"phone","identifier":"+2"})");
    EXPECT_TRUE(wait(manager_.create_contact(other, scope_, deadline, key("k", "b"))));
}

TEST_F(RowsTest, OfManyAtOnceUnderOneKeyAllGetTheSameAnswer) {
    std::vector<std::string> ids(8);
    std::vector<std::thread> threads;
    for (auto& id : ids) {
        threads.emplace_back([&] {
            const auto row = wait(manager_.create_lead(fields<NewLead>(R"({"first_name":"Ann"})"),
                                                       scope_, deadline, key("k", "a")))
                                 .value();
            id = text(row, "id");
        });
    }
    for (auto& thread : threads) thread.join();
    for (const auto& id : ids) EXPECT_EQ(id, ids.front());
}

TEST_F(RowsTest, KeysAreVisibleAscii) {
    EXPECT_FALSE(IdempotencyKey::parse("", "x"));
    EXPECT_FALSE(IdempotencyKey::parse("a b", "x"));
    EXPECT_FALSE(IdempotencyKey::parse(std::string(256, 'k'), "x"));
    EXPECT_EQ(key("k", "x").fingerprint().size(), 64U);
}

TEST_F(RowsTest, AWriteToAnOlderVersionIsRefused) {
    const auto id = add_lead();
    const auto seen = wait(manager_.get_lead(id, scope_, deadline)).value();
    const auto version = RowVersion::of(seen, 0);
    const auto changes = fields<LeadChanges>(R"({"city":"Oslo"})");
    const auto changed = wait(manager_.update_lead(id, changes, scope_, deadline, version)).value();
    EXPECT_GT(RowVersion::of(changed, 0).updated_at(), version.updated_at());
    EXPECT_EQ(wait(manager_.update_lead(id, changes, scope_, deadline, version)).error().code,
              Errc::precondition_failed);
    EXPECT_EQ(wait(manager_.delete_lead(id, scope_, deadline, version)).error().code,
              Errc::precondition_failed);
    EXPECT_EQ(wait(manager_.delete_lead(id, other_, deadline, version)).error().code,
              Errc::not_found);
    EXPECT_TRUE(wait(manager_.delete_lead(id, scope_, deadline, RowVersion::of(changed, 0))));
    EXPECT_EQ(RowVersion::parse(version.text())->updated_at(), version.updated_at());
    EXPECT_FALSE(RowVersion::parse("xyz"));
}

TEST_F(RowsTest, SecretsAreSealedForTheirPlaceAndNeverInARow) {
    const auto made = wait(manager_.create_identity(
                               fields<NewIdentity>(R"({"platform":"x","cookies":{"a":"hidden"}})"),
                               scope_, deadline))
                          .value();
    std::string row;
    query::append_json_row(row, made, 0);
    EXPECT_EQ(row.find("cookies"), std::string::npos);
    EXPECT_EQ(row.find("hidden"), std::string::npos);
    const auto id = id_of<IdentityId>(made);
    EXPECT_EQ(wait(manager_.unseal_identity(id, "cookies", scope_, deadline)).value(),
              R"({"a":"hidden"})");
    EXPECT_EQ(wait(manager_.unseal_identity(id, "credentials", scope_, deadline)).value(),
              std::nullopt);
    EXPECT_EQ(wait(manager_.unseal_identity(id, "cookies", other_, deadline)).error().code,
              Errc::not_found);
    // Whoever reads and puts back can't have the secrets: they stay.
    wait(manager_.replace_identity(id, fields<IdentityReplacement>(R"({"platform":"y"})"), scope_,
                                   deadline))
        .value();
    EXPECT_TRUE(wait(manager_.unseal_identity(id, "cookies", scope_, deadline)).value());
    wait(manager_.update_identity(id, fields<IdentityChanges>(R"({"cookies":null})"), scope_,
                                  deadline))
        .value();
    EXPECT_EQ(wait(manager_.unseal_identity(id, "cookies", scope_, deadline)).value(),
              std::nullopt);
}

TEST_F(RowsTest, AProfileIsClonedUnderANameOfItsOwn) {
    const auto original =
        wait(manager_.create_icp_profile(
                 fields<NewIcpProfile>(R"({"name":"P","criteria_locations":["Oslo"],)"
                                       R"("max_leads_per_day":7,"exclude_duplicates":false})"),
                 scope_, deadline))
            .value();
    const auto id = id_of<IcpProfileId>(original);
    const auto copy = wait(manager_.clone_icp_profile(id, "Q", scope_, deadline)).value();
    EXPECT_EQ(json(copy).at("criteria_locations"), json(original).at("criteria_locations"));
    EXPECT_EQ(json(copy).at("max_leads_per_day"), 7);
    EXPECT_EQ(json(copy).at("name"), "Q");
    EXPECT_EQ(wait(manager_.clone_icp_profile(id, "Q", scope_, deadline)).error().code,
              Errc::unique_violation);
    EXPECT_EQ(wait(manager_.clone_icp_profile(id, "R", other_, deadline)).error().code,
              Errc::not_found);
}

TEST_F(RowsTest, WhatBelongsToALeadGoesWithIt) {
    const auto lead = add_lead();
    const auto body = R"({"channel":"phone","identifier":"+1","lead_id":")" + lead.text() + R"("})";
    wait(manager_.create_contact(fields<NewContact>(body), scope_, deadline)).value();
    wait(manager_.delete_lead(lead, scope_, deadline)).value();
    EXPECT_EQ(wait(manager_.list_contacts(scope_, {}, deadline)).value().total, 0);
}

}  // namespace
}  // namespace tenantry::services
