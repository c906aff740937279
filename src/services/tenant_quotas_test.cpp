#include "services/tenant_quotas.hpp"

#include "engine/test_database.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace tenantry::services {
namespace {

namespace json = boost::json;

Result<QuotaChanges> said(std::string_view text) {
    return parse_quota_changes(json::parse(text).as_object());
}

TEST(TenantQuotas, AreReadAsNumbersWordsAndNull) {
    const auto changes = said(R"({"rows":50000,"body_bytes":"unlimited","request_burst":null,)"
                              R"("concurrent_requests":0})")
                             .value();
    using Value = std::optional<std::uint64_t>;
    ASSERT_TRUE(changes[1] && changes[2] && changes[3] && changes[4]);
    EXPECT_FALSE(changes[0]);
    EXPECT_EQ(*changes[1], Value{});
    EXPECT_EQ(*changes[2], Value{Quotas::unlimited});
    EXPECT_EQ(*changes[3], Value{50'000});
    EXPECT_EQ(*changes[4], Value{Quotas::unlimited});
}

TEST(TenantQuotas, WhatIsNoneIsRefusedWithItsName) {
    for (const auto* value : {"-1", "1.5", "\"many\"", "\"7\"", "true", "[]", "1000001", "1e3"}) {
        const auto error = said(R"({"requests_per_second":)" + std::string{value} + "}").error();
        EXPECT_EQ(error.code, Errc::bad_value) << value;
        EXPECT_EQ(error.field, "requests_per_second") << value;
    }
    EXPECT_EQ(said(R"({"colour":1})").error().code, Errc::unknown_field);
    EXPECT_EQ(said("{}").error().code, Errc::missing_field);
}

TEST(TenantQuotas, AreShownWithTheirSource) {
    const auto held = held_quotas(R"({"quotas":{"rows":7,"request_burst":"unlimited"}})",
                                  {.requests_per_second = 100});
    EXPECT_EQ(json::serialize(to_json(held)),
              R"({"requests_per_second":{"value":100,"source":"default"},)"
              R"("request_burst":{"value":null,"source":"tenant"},)"
              R"("concurrent_requests":{"value":256,"source":"default"},)"
              R"("rows":{"value":7,"source":"tenant"},)"
              R"("body_bytes":{"value":null,"source":"default"}})");
}

class SetQuotasTest : public ::testing::Test {
protected:
    SetQuotasTest() { store().create_tenant(acme_, "Acme").value(); }
    engine::ControlStore& store() { return database_.control(); }
    Result<std::string> set(std::string_view changes) {
        return set_quotas(store(), acme_, said(changes).value());
    }
    /// Actions and details, the latest first.
    std::string log() {
        std::string out;
        for (const auto& entry : store().audit({.tenant = acme_}).value())
            out += entry.action + " " + entry.detail + "\n";
        return out;
    }

    engine::testing::TestDatabase database_;
    TenantId acme_ = TenantId::parse("acme").value();
};

TEST_F(SetQuotasTest, AChangeIsInTheAuditLogOnce) {
    EXPECT_EQ(set(R"({"rows":7})").value(), R"({"quotas":{"rows":7}})");
    set(R"({"rows":7})").value();
    set(R"({"rows":null,"body_bytes":"unlimited"})").value();
    EXPECT_EQ(log(),
              "tenant.set_quota {\"rows\":\"default\",\"body_bytes\":\"unlimited\"}\n"
              "tenant.set_quota {\"rows\":7}\n"
              "tenant.create {\"name\":\"Acme\"}\n");
}

TEST_F(SetQuotasTest, WhatIsRefusedIsNot) {
    const auto nobody = TenantId::parse("nobody").value();
    EXPECT_EQ(set_quotas(store(), nobody, said(R"({"rows":7})").value()).error().code,
              Errc::not_found);
    store().set_tenant_status(acme_, auth::TenantStatus::deleting).value();
    const auto before = log();
    EXPECT_EQ(set(R"({"rows":7})").error().code, Errc::conflict);
    EXPECT_EQ(log(), before);
}

}  // namespace
}  // namespace tenantry::services
