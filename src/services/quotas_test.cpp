#include "services/quotas.hpp"

#include <gtest/gtest.h>

namespace tenantry::services {
namespace {

constexpr Quotas defaults{.requests_per_second = 100,
                          .request_burst = 150,
                          .concurrent_requests = 8,
                          .rows = 1000,
                          .body_bytes = 4096};

Quotas held(std::string_view settings) { return quotas_with(defaults, quota_overrides(settings)); }

TEST(QuotasTest, WithoutOverridesTheDefaultsHold) {
    for (const auto* settings : {"", "{}", R"({"quotas":{}})", R"({"theme":"dark"})"})
        EXPECT_EQ(held(settings), defaults) << settings;
}

TEST(QuotasTest, OverridesReplaceWhatTheyName) {
    auto expected = defaults;
    expected.requests_per_second = 5;
    expected.rows = Quotas::unlimited;
    expected.body_bytes = Quotas::unlimited;
    EXPECT_EQ(held(R"({"quotas":{"requests_per_second":5,"rows":"unlimited","body_bytes":0}})"),
              expected);
}

TEST(QuotasTest, WhatCannotBeUnderstoodChangesNothing) {
    for (const auto* settings :
         {"[]", "nonsense", R"({"quotas":7})", R"({"quotas":{"rows":-1}})",
          R"({"quotas":{"rows":"many"}})", R"({"quotas":{"rows":1.5}})",
          R"({"quotas":{"rows":null}})", R"({"quotas":{"rows":99999999999999999}})",
          R"({"quotas":{"what":1}})"})
        EXPECT_EQ(held(settings), defaults) << settings;
}

TEST(QuotasTest, TheBurstIsTwoSecondsWorthUnlessSet) {
    EXPECT_EQ((Quotas{.requests_per_second = 10}.burst()), 20U);
    EXPECT_EQ((Quotas{.requests_per_second = 10, .request_burst = 3}.burst()), 3U);
}

TEST(QuotasTest, ChangesKeepEverythingElse) {
    QuotaChanges changes{};
    changes[0] = std::optional<std::uint64_t>{200};
    changes[3] = std::optional<std::uint64_t>{Quotas::unlimited};
    const auto first =
        change_quotas(R"({"theme":"dark","quotas":{"body_bytes":1}})", changes).value();
    EXPECT_EQ(
        first,
        R"({"theme":"dark","quotas":{"body_bytes":1,"requests_per_second":200,"rows":"unlimited"}})");
    QuotaChanges back{};
    for (auto& change : back) change.emplace(std::nullopt);
    EXPECT_EQ(change_quotas(first, back).value(), R"({"theme":"dark"})");
    EXPECT_EQ(change_quotas("{}", QuotaChanges{}).value(), "{}");
    const auto large = change_quotas(R"({"other":1e999})", changes).value();
    EXPECT_EQ(held(large).requests_per_second, 200U) << large;
    EXPECT_EQ(change_quotas("[]", changes).error().code, Errc::bad_json);
}

TEST(QuotasTest, AreWrittenAsTheyAreRead) {
    EXPECT_EQ(parse_quota(quota_infos[0], "200").value(), 200U);
    EXPECT_EQ(parse_quota(quota_infos[0], "0").value(), Quotas::unlimited);
    EXPECT_EQ(parse_quota(quota_infos[0], "unlimited").value(), Quotas::unlimited);
    for (const auto* text : {"", "-1", "1.5", "1000001", "a", "1 ", "99999999999999999999"})
        EXPECT_EQ(parse_quota(quota_infos[0], text).error().field, "requests_per_second") << text;
    EXPECT_EQ(quota_text(0), "unlimited");
    EXPECT_EQ(quota_text(7), "7");
}

}  // namespace
}  // namespace tenantry::services
