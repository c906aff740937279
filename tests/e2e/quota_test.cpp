// Quotas, metrics and request ids, as clients meet them.

#include "fixture.hpp"

#include "services/api_keys.hpp"

#include <fmt/format.h>

#include <gmock/gmock.h>

#include <map>
#include <sstream>

namespace tenantry::e2e {
namespace {

using testing::HasSubstr;
using testing::Not;

class QuotaAndMetricsTest : public ServerTest {
protected:
    void start_with(const services::Quotas& quotas) {
        auto changed = options();
        changed.quotas = quotas;
        start(changed);
    }
    void set_quotas(std::string_view tenant, std::string_view quotas) {
        const engine::Act act{.action = "test", .tenant = TenantId::parse(tenant).value()};
        const auto changed =
            control().change_tenant_settings(act, [&](std::string_view) -> Result<std::string> {
                return fmt::format(R"({{"quotas":{}}})", quotas);
            });
        ASSERT_TRUE(changed);
    }
    Answer list(std::string_view tenant) const {
        return ask({.target = "/api/leads", .token = token(tenant)});
    }
    Answer create(std::string_view tenant) const {
        return ask({.method = "POST",
                    .target = "/api/leads",
                    .token = token(tenant),
                    .body = R"({"first_name":"Ada"})"});
    }
    /// The samples of `/metrics` by their names with labels.
    std::map<std::string, double> scrape() const {
        const auto answer = ask({.target = "/metrics", .token = operator_key_});
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.headers.at("content-type"), "text/plain; version=0.0.4; charset=utf-8");
        std::map<std::string, double> samples;
        std::istringstream lines{answer.body};
        for (std::string line; std::getline(lines, line);) {
            if (line.starts_with("# ")) continue;
            const auto space = line.rfind(' ');
            std::size_t used = 0;
            const auto value = std::stod(line.substr(space + 1), &used);
            EXPECT_EQ(used, line.size() - space - 1) << line;
            EXPECT_TRUE(samples.emplace(line.substr(0, space), value).second) << line;
        }
        return samples;
    }

    std::string operator_key_{
        services::issue_key(control(), {.owner = {}, .name = "scraper"}).value().key.text()};
};

TEST_F(QuotaAndMetricsTest, WhoAsksTooOftenGets429AndOthersDoNot) {
    // The server's default is far from what the test asks; acme's own is met at once.
    set_quotas("acme", R"({"requests_per_second":1,"request_burst":3})");
    start_with({.requests_per_second = 1'000'000});
    std::vector<int> statuses;
    Answer last;
    for (int i = 0; i < 20; ++i) {
        last = list("acme");
        statuses.push_back(last.status);
        EXPECT_EQ(list("birch").status, 200);
    }
    EXPECT_THAT(statuses, testing::Contains(200));
    ASSERT_THAT(statuses, testing::Contains(429));
    while (last.status != 429) last = list("acme");
    EXPECT_EQ(last.code(), "quota_exceeded");
    EXPECT_EQ(last.field(), "requests_per_second");
    EXPECT_EQ(last.header("retry-after"), "1");
    EXPECT_EQ(last.header("connection"), "") << "the connection can be used further";
}

TEST_F(QuotaAndMetricsTest, AChangeHoldsWhileTheServerRuns) {
    EXPECT_EQ(create("acme").status, 201);
    set_quotas("acme", R"({"rows":1})");
    while (create("acme").status != 429) {
    }
    set_quotas("acme", R"({"rows":"unlimited"})");
    while (create("acme").status != 201) {
    }
}

TEST_F(QuotaAndMetricsTest, RowsAreCountedOverAllRelationsOfTheTenant) {
    make_lead("birch");
    make_agent("acme", "a@acme.example");
    const auto id = make_lead("acme");
    set_quotas("acme", R"({"rows":3})");
    start(options());
    EXPECT_EQ(create("acme").status, 201);
    const auto refused = create("acme");
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(refused.field(), "rows");
    EXPECT_EQ(refused.header("retry-after"), "60");
    EXPECT_EQ(create("birch").status, 201);
    // What is there can be read, changed and deleted, and then there is room again.
    EXPECT_EQ(list("acme").status, 200);
    EXPECT_EQ(
        ask({.method = "DELETE", .target = "/api/leads/" + id, .token = token("acme")}).status,
        204);
    EXPECT_EQ(create("acme").status, 201);
}

TEST_F(QuotaAndMetricsTest, ABodyOverTheQuotaIsNotWaitedFor) {
    set_quotas("acme", R"({"body_bytes":100})");
    start(options());
    const auto head = [&](std::string_view tenant) {
        return fmt::format(
            "POST /api/leads HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer {}\r\nContent-Type: "
            "application/json\r\nContent-Length: 101\r\nExpect: 100-continue\r\n\r\n",
            token(tenant));
    };
    const auto refused = connect().exchange(head("acme"));
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(refused.field(), "body_bytes");
    EXPECT_EQ(connect().exchange(head("birch")).status, 100);
}

TEST_F(QuotaAndMetricsTest, AStrangerLearnsNothingOfATenantsQuota) {
    set_quotas("acme", R"({"requests_per_second":1,"request_burst":1,"body_bytes":1})");
    start(options());
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(ask({.target = "/api/leads", .token = token("", "admin")}).status, 403);
        EXPECT_EQ(ask({.target = "/api/leads", .token = "nonsense"}).status, 401);
    }
}

TEST_F(QuotaAndMetricsTest, MetricsCountRequestsByRoute) {
    make_lead("acme");
    list("acme");
    list("acme");
    ask({.target = "/api/leads?search=secret", .token = token("birch")});
    ask({.target = "/no/such/path"});
    const auto samples = scrape();
    EXPECT_EQ(
        samples.at(R"(tenantry_http_requests_total{method="GET",route="/api/leads",status="200"})"),
        3);
    EXPECT_EQ(samples.at(R"(tenantry_http_requests_total{method="GET",route="none",status="404"})"),
              1);
    EXPECT_EQ(
        samples.at(
            R"(tenantry_http_request_duration_seconds_count{method="POST",route="/api/leads"})"),
        1);
    for (const auto* of_groups :
         {"tenantry_writer_group_size_count", "tenantry_writer_commit_seconds_count"}) {
        EXPECT_EQ(samples.contains(of_groups), !on_postgres());
        if (samples.contains(of_groups)) {
            EXPECT_EQ(samples.at(of_groups), 1);
        }
    }
    EXPECT_EQ(samples.at("tenantry_writer_waiting"), 0);
    EXPECT_GE(samples.at("tenantry_http_connections"), 1);
    const auto page = ask({.target = "/metrics", .token = operator_key_}).body;
    for (const auto* word : {"acme", "birch", "secret", "tester", "such"})
        EXPECT_THAT(page, Not(HasSubstr(word)));
}

TEST_F(QuotaAndMetricsTest, MetricsAreForOperatorsAndForWhomTheConfigurationNames) {
    const Ask nobody{.target = "/metrics"};
    const Ask forwarded{.target = "/metrics", .headers = "X-Forwarded-For: 192.0.2.1\r\n"};
    const Ask of_operator{.target = "/metrics", .token = operator_key_};
    EXPECT_EQ(ask(nobody).code(), "token_missing");
    EXPECT_EQ(ask({.target = "/metrics", .token = token("acme", "owner")}).code(),
              "role_insufficient");
    EXPECT_EQ(ask(of_operator).status, 200);

    auto changed = options();
    changed.metrics = http::MetricsAccess::loopback;
    start(changed);
    EXPECT_EQ(ask(nobody).status, 200);
    EXPECT_EQ(ask(forwarded).code(), "token_missing");
    EXPECT_EQ(ask(of_operator).status, 200);
    changed.metrics = http::MetricsAccess::on;
    start(changed);
    EXPECT_EQ(ask(forwarded).status, 200);
    changed.metrics = http::MetricsAccess::off;
    start(changed);
    EXPECT_EQ(ask(of_operator).code(), "no_such_route");
}

TEST_F(QuotaAndMetricsTest, AnswersCarryTheRequestsName) {
    EXPECT_EQ(
        ask({.target = "/healthz", .headers = "X-Request-Id: trace-7\r\n"}).header("x-request-id"),
        "trace-7");
    const auto first = ask({.target = "/healthz"}).header("x-request-id");
    const auto second = ask({.target = "/healthz"}).header("x-request-id");
    EXPECT_EQ(first.size(), 12U);
    EXPECT_NE(first, second);
}

TEST_F(QuotaAndMetricsTest, OneConnectionWithManyRequestsAtOnceIsAnsweredInOrder) {
    std::string bytes;
    for (int i = 0; i < 100; ++i) {
        bytes += Ask{.target = "/api/leads",
                     .token = token("acme"),
                     .headers = fmt::format("X-Request-Id: r{}\r\n", i)}
                     .bytes();
    }
    auto client = connect();
    client.send(bytes);
    for (int i = 0; i < 100; ++i) {
        const auto answer = client.receive();
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->status, 200);
        EXPECT_EQ(answer->headers.at("x-request-id"), fmt::format("r{}", i));
    }
}

}  // namespace
}  // namespace tenantry::e2e
