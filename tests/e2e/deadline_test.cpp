// Clients that are slow. The server's deadlines are a few milliseconds here, so that waiting for
// them is waiting for an answer.

#include "fixture.hpp"

#include <fmt/format.h>

namespace tenantry::e2e {
namespace {

using namespace std::chrono_literals;

class DeadlineTest : public ServerTest {
protected:
    ~DeadlineTest() override {
        start(options());
        EXPECT_EQ(ask({.target = "/healthz"}).status, 200);
    }
    http::Limits& limits() { return impatient_.http.limits; }
    Client connect_to_impatient() {
        limits().tick = 5ms;
        start(impatient_);
        return connect();
    }
    server::ServerOptions impatient_ = options();
    const std::string healthz_ = "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n";
};

void expect_timeout(Client& client) {
    const auto answer = client.receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 408);
    EXPECT_EQ(answer->code(), "deadline_exceeded");
    EXPECT_EQ(answer->header("connection"), "close");
    EXPECT_TRUE(client.at_end());
}

TEST_F(DeadlineTest, HeaderThatIsNeverFinished) {
    limits().request_deadline = 50ms;
    auto client = connect_to_impatient();
    client.send("GET /healthz HTTP/1.1\r\nHost:");
    expect_timeout(client);
}

TEST_F(DeadlineTest, HeaderThatDripsGetsNoMoreTimeForIt) {
    limits().request_deadline = 100ms;
    auto client = connect_to_impatient();
    client.send("GET /healthz HTTP/1.1\r\nX: ");
    // The client's own pace; it ends because the server ends it.
    while (!client.readable_within(1ms)) client.send("x");
    expect_timeout(client);
}

TEST_F(DeadlineTest, BodyThatNeverComes) {
    limits().request_deadline = 1s;  // enough to find out who asks, over a fresh connection
    auto client = connect_to_impatient();
    client.send(
        fmt::format("POST /api/leads HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer "
                    "{}\r\nContent-Type: application/json\r\n"
                    "Content-Length: 10\r\n\r\n{{",
                    token("acme")));
    expect_timeout(client);
}

TEST_F(DeadlineTest, SecondRequestThatIsNeverFinished) {
    limits().request_deadline = 50ms;
    auto client = connect_to_impatient();
    client.send(healthz_ + "GET /healthz");
    EXPECT_EQ(client.receive()->status, 200);
    expect_timeout(client);
}

TEST_F(DeadlineTest, IdleConnectionsEndWithoutAWord) {
    limits().idle_timeout = 50ms;
    auto client = connect_to_impatient();
    EXPECT_EQ(client.receive_rest(), "");
    auto kept_alive = connect();
    EXPECT_EQ(kept_alive.exchange(healthz_).status, 200);
    EXPECT_EQ(kept_alive.receive_rest(), "");
}

TEST_F(DeadlineTest, IdleTimeDoesNotCountAgainstARequest) {
    limits().idle_timeout = 10s;
    limits().request_deadline = 50ms;
    auto client = connect_to_impatient();
    EXPECT_FALSE(client.readable_within(150ms));
    EXPECT_EQ(client.exchange(healthz_).status, 200);
    EXPECT_FALSE(client.readable_within(150ms));
    EXPECT_EQ(client.exchange(healthz_).status, 200);
}

TEST_F(DeadlineTest, ClientThatTakesNoAnswers) {
    for (int i = 0; i < 30; ++i)
        make_lead("acme", fmt::format(R"("first_name":"L","metadata":{{"x":"{}"}})",
                                      std::string(60'000, 'x')));
    limits().write_timeout = 50ms;
    limits().least_bytes_per_second = 1UL << 30;
    auto client = connect_to_impatient();
    const auto page = Ask{.target = "/api/leads?limit=1000", .token = token("acme")}.bytes();
    for (int i = 0; i < 20; ++i) client.send(page);
    EXPECT_TRUE(client.readable_within(1min));
    wait_for_connections(0);
    // What had been sent by then can be read, but it isn't all.
    EXPECT_LT(client.receive_rest().size(), 20U * 30U * 60'000U);
}

TEST_F(DeadlineTest, ClientThatNeverCloses) {
    limits().linger_timeout = 50ms;
    auto client = connect_to_impatient();
    EXPECT_EQ(client.exchange("BAD\r\n\r\n").status, 400);
    EXPECT_TRUE(client.at_end());
    wait_for_connections(0);
}

}  // namespace
}  // namespace tenantry::e2e
