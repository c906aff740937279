#include "program_test.hpp"

#include <boost/json/serialize.hpp>

namespace tenantry::cli {
namespace {

class QuotaCommand : public ProgramTest {
protected:
    QuotaCommand() { done({"tenant", "create", "acme"}); }

    /// Value and source of a quota.
    std::string held(std::string_view name) const {
        const auto quota = done_json({"tenant", "show", "acme"}).at("quotas").at(name);
        return boost::json::serialize(quota.at("value")) + " " +
               std::string{quota.at("source").as_string()};
    }
};

TEST_F(QuotaCommand, ShowsTheDefaults) {
    EXPECT_EQ(held("requests_per_second"), "null default");
    EXPECT_EQ(held("concurrent_requests"), "256 default");
    environment_["TENANTRY_QUOTA_ROWS"] = "1000";
    EXPECT_EQ(held("rows"), "1000 default");
    EXPECT_TRUE(
        holds(done({"tenant", "show", "acme"}), {"QUOTA", "requests_per_second  unlimited  default",
                                                 "rows                 1000       default"}));
}

TEST_F(QuotaCommand, SetsSomeAndLeavesTheOthers) {
    EXPECT_TRUE(holds(done({"tenant", "set-quota", "acme", "--requests-per-second", "200"}),
                      {"Quotas of tenant acme", "requests_per_second  200        tenant"}));
    done({"tenant", "set-quota", "acme", "--rows", "unlimited", "--body-bytes", "4096"});
    environment_["TENANTRY_QUOTA_ROWS"] = "1000";
    EXPECT_EQ(held("requests_per_second"), "200 tenant");
    EXPECT_EQ(held("rows"), "null tenant");
    EXPECT_EQ(held("body_bytes"), "4096 tenant");
    const auto json = done_json({"tenant", "set-quota", "acme", "--rows", "default"});
    EXPECT_EQ(json.at("quotas").at("rows").at("source"), "default");
    EXPECT_EQ(held("rows"), "1000 default");
    EXPECT_EQ(held("requests_per_second"), "200 tenant");
}

TEST_F(QuotaCommand, IsInTheAuditLogWithWhoDidIt) {
    done({"tenant", "set-quota", "acme", "--rows", "7", "--body-bytes", "default"});
    const auto entry = done_json({"audit", "list", "--tenant", "acme"}).as_array().back();
    EXPECT_EQ(entry.at("action"), "tenant.set_quota");
    EXPECT_TRUE(std::string_view{entry.at("actor").as_string()}.starts_with("cli:"));
    EXPECT_EQ(boost::json::serialize(entry.at("detail")), R"({"rows":7,"body_bytes":"default"})");
}

TEST_F(QuotaCommand, RefusesWhatIsNoQuota) {
    for (const auto* value : {"-1", "many", "1.5", "", "9999999999"}) {
        EXPECT_TRUE(holds(refused(2, {"tenant", "set-quota", "acme",
                                      std::string{"--requests-per-second="} + value}),
                          {"--requests-per-second"}))
            << value;
    }
    EXPECT_TRUE(holds(refused(1, {"tenant", "set-quota", "acme"}), {"--requests-per-second 200"}));
    EXPECT_TRUE(holds(refused(1, {"tenant", "set-quota", "nowhere", "--rows", "1"}),
                      {"no tenant nowhere"}));
    EXPECT_EQ(held("rows"), "null default");
}

}  // namespace
}  // namespace tenantry::cli
