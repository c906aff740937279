#include "handle_fixture.hpp"

#include <optional>

namespace tenantry::http {
namespace {

class FakeQuotas final : public QuotaSource {
public:
    std::string settings = "{}";
    services::QuotaOverrides overrides(const TenantId& tenant) override {
        return services::quota_overrides(tenant.text() == "acme" ? settings : "{}");
    }
};

class QuotaTest : public HandleTest {
protected:
    /// From now on acme has these.
    void set(std::string settings) {
        source_.settings = std::move(settings);
        gate_.emplace(services::Quotas{}, source_);
        app_.quotas = &*gate_;
        app_.refusal_pause = std::chrono::milliseconds{0};
    }
    static std::string quota_of(const Response& response) {
        const auto at = response.body.find("\"field\":\"");
        return at == std::string::npos
                   ? ""
                   : response.body.substr(at + 9, response.body.find('"', at + 9) - at - 9);
    }

    FakeQuotas source_;
    std::optional<QuotaGate> gate_;
};

TEST_F(QuotaTest, WhoAsksTooOftenIsToldWhenToComeAgain) {
    set(R"({"quotas":{"requests_per_second":1,"request_burst":2}})");
    const auto asked = request(Method::get, "/api/leads");
    EXPECT_EQ(run(asked).status, Status::ok);
    EXPECT_EQ(run(asked).status, Status::ok);
    const auto response = run(asked);
    EXPECT_EQ(refusal(response), "429 quota_exceeded");
    EXPECT_EQ(quota_of(response), "requests_per_second");
    EXPECT_NE(response.headers.find("retry-after: 1\r\n"), std::string::npos);
    EXPECT_EQ(observer_.quotas, (std::vector<std::string>{"", "", "requests_per_second"}));
    auto other = request(Method::get, "/api/leads");
    other.authorization = token("other", "admin");
    EXPECT_EQ(run(other).status, Status::ok);
}

TEST_F(QuotaTest, RefusalsTakeAMomentAndAnswerAllTheSame) {
    set(R"({"quotas":{"requests_per_second":1,"request_burst":1}})");
    app_.refusal_pause = std::chrono::milliseconds{1};
    run(request(Method::get, "/api/leads"));
    EXPECT_EQ(refusal(run(request(Method::get, "/api/leads"))), "429 quota_exceeded");
}

TEST_F(QuotaTest, WhoIsNoneOfTheTenantsUsesNothingUp) {
    set(R"({"quotas":{"requests_per_second":1,"request_burst":1}})");
    auto stranger = request(Method::get, "/api/leads");
    stranger.authorization.clear();
    for (int i = 0; i < 5; ++i) EXPECT_EQ(refusal(run(stranger)), "401 token_missing");
    EXPECT_EQ(run(request(Method::get, "/api/leads")).status, Status::ok);
}

TEST_F(QuotaTest, ALargeBodyIsRefusedBeforeItComes) {
    set(R"({"quotas":{"body_bytes":10}})");
    auto asked = request(Method::post, "/api/leads");
    asked.body_bytes_announced = 11;
    EXPECT_EQ(quota_of(refuse(asked).value()), "body_bytes");
    asked.body_bytes_announced = 10;
    EXPECT_FALSE(refuse(asked));
    asked.body = "01234567890";
    EXPECT_EQ(quota_of(run(asked)), "body_bytes");
}

TEST_F(QuotaTest, LookingAheadTakesNothing) {
    set(R"({"quotas":{"requests_per_second":1,"request_burst":1}})");
    const auto asked = request(Method::post, "/api/leads", "{}");
    EXPECT_FALSE(refuse(asked));
    EXPECT_FALSE(refuse(asked));
    EXPECT_EQ(refusal(run(asked)), "400 missing_field");
    EXPECT_EQ(refusal(refuse(asked).value()), "429 quota_exceeded");
}

TEST_F(QuotaTest, RowsAreCountedBeforeMoreAreBroughtIn) {
    set(R"({"quotas":{"rows":1}})");
    // Without a row in the tallies, the tenant has none.
    EXPECT_EQ(refusal(run(request(Method::post, "/api/leads", "{}"))), "400 missing_field");
    executor_.reply = [] {
        const auto& tally = schema::lead_catalog().relation("lead_counts");
        query::Reply reply{.rows = {{&tally.column("n")}, 1}};
        reply.rows.append_integer(1);
        return reply;
    };
    const auto response = run(request(Method::post, "/api/leads", "{}"));
    EXPECT_EQ(refusal(response), "429 quota_exceeded");
    EXPECT_EQ(quota_of(response), "rows");
    EXPECT_NE(response.headers.find("retry-after: 60\r\n"), std::string::npos);
    // What brings no rows is let in.
    EXPECT_EQ(refusal(run(request(Method::patch, "/api/leads/x", "{}"))), "400 bad_id");
}

}  // namespace
}  // namespace tenantry::http
