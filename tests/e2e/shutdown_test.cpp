// Starting and stopping.

#include "fixture.hpp"

#include <fmt/format.h>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <atomic>
#include <csignal>
#include <system_error>
#include <thread>
#include <vector>

namespace tenantry::e2e {
namespace {

using namespace std::chrono_literals;

class ShutdownTest : public ServerTest {
protected:
    /// Returns when the server takes no more connections.
    void wait_until_closed() const {
        const auto port = server().port();
        try {
            while (true) Client{port};
        } catch (const std::system_error&) {
            return;
        }
    }
    std::string create(std::string_view name) const {
        return Ask{.method = "POST",
                   .target = "/api/leads",
                   .token = token("acme"),
                   .body = fmt::format(R"({{"first_name":"{}"}})", name)}
            .bytes();
    }
    std::int64_t stored_leads() const {
        return ask_json({.target = "/api/leads?limit=1", .token = token("acme")})
            .at("total")
            .as_int64();
    }
};

TEST_F(ShutdownTest, PortInUseIsSaid) {
    auto taken = options();
    taken.http.port = server().port();
    const auto second = start_another(taken);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::bad_configuration);
    EXPECT_EQ(second.error().field, "listen");
    EXPECT_EQ(
        second.error().message,
        fmt::format(
            "127.0.0.1:{} is in use by another program; stop that one or listen on another port",
            taken.http.port));
    EXPECT_EQ(ask({.target = "/healthz"}).status, 200);
}

TEST_F(ShutdownTest, AddressOfAnotherMachineIsSaid) {
    auto elsewhere = options();
    elsewhere.http.host = "192.0.2.1";
    const auto refused = start_another(elsewhere);
    ASSERT_FALSE(refused);
    EXPECT_EQ(
        refused.error().message,
        "192.0.2.1 is not an address of this machine; listen on one of its own, or on 127.0.0.1");
    elsewhere.http.host = "example.com";
    EXPECT_EQ(start_another(elsewhere).error().message,
              "example.com is not an IP address to listen on");
}

TEST_F(ShutdownTest, DatabaseThatIsNoneIsSaid) {
    auto none = options();
    none.engine.path = "/dev/null/x";
    if (on_postgres()) none.postgres = pg::Url::parse("postgres://u@/none?host=/dev/null").value();
    const auto refused = start_another(none);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::storage_unusable) << refused.error().message;
}

TEST_F(ShutdownTest, IPv6IsServedWhereThereIsIt) {
    auto six = options();
    six.http.host = "::1";
    const auto started = start_another(six);
    EXPECT_TRUE(started ||
                started.error().message.starts_with("::1 is not an address of this machine") ||
                started.error().message.starts_with("can't listen on [::1]:0"));
}

TEST_F(ShutdownTest, IdleConnectionsEndAtOnce) {
    std::vector<Client> clients;
    for (int i = 0; i < 10; ++i) {
        clients.push_back(connect());
        EXPECT_EQ(clients.back().exchange("GET /readyz HTTP/1.1\r\nHost: h\r\n\r\n").status, 200);
    }
    clients.push_back(connect());
    server().stop();
    for (auto& client : clients) EXPECT_TRUE(client.at_end());
}

TEST_F(ShutdownTest, StoppingTwiceIsStoppingOnce) {
    server().stop();
    server().stop();
}

TEST_F(ShutdownTest, RequestThatHasBegunIsFinished) {
    const auto request = create("Late");
    std::thread stopping;
    {
        auto client = connect();
        client.send(std::string_view{request}.substr(0, 40));
        EXPECT_EQ(ask({.target = "/healthz"}).status, 200);
        stopping = std::thread{[this] { server().stop(); }};
        wait_until_closed();
        client.send(std::string_view{request}.substr(40));
        const auto answer = client.receive();
        EXPECT_TRUE(answer && answer->status == 201);
        EXPECT_TRUE(answer && answer->header("connection") == "close");
        EXPECT_TRUE(client.at_end());
    }
    stopping.join();
    start(options());
    EXPECT_EQ(stored_leads(), 1);
}

TEST_F(ShutdownTest, RequestThatIsNeverFinishedIsCutOff) {
    auto hasty = options();
    hasty.http.limits.shutdown_timeout = 50ms;
    hasty.http.limits.tick = 5ms;
    start(hasty);
    auto client = connect();
    client.send(create("Never").substr(0, 40));
    EXPECT_EQ(ask({.target = "/healthz"}).status, 200);
    server().stop();
    EXPECT_EQ(client.receive_rest(), "");
    wait_for_log("cut off");
}

/// What one client under load saw: how many of its writes were acknowledged, and whether each
/// answer was one.
struct Load {
    int acknowledged = 0;
    bool clean = true;
};

Load create_until_the_end(std::uint16_t port, const std::string& request, std::size_t depth,
                          std::atomic<int>& count) {
    Load load;
    Client client{port};
    std::string batch;
    for (std::size_t i = 0; i < depth; ++i) batch += request;
    while (client.send(batch)) {
        for (std::size_t i = 0; i < depth; ++i) {
            const auto answer = client.receive();
            if (!answer) return load;
            load.clean = load.clean && answer->status == 201;
            ++load.acknowledged;
            ++count;
            count.notify_all();
        }
    }
    return load;
}

TEST_F(ShutdownTest, UnderLoadNothingIsLost) {
    int expected = 0;
    for (int round = 0; round < 5; ++round) {
        constexpr std::size_t clients = 8;
        const auto request = create("Load");
        std::atomic<int> count = 0;
        std::vector<Load> loads(clients);
        std::vector<std::thread> threads;
        for (std::size_t i = 0; i < clients; ++i) {
            threads.emplace_back([&, i] {
                loads[i] = create_until_the_end(server().port(), request, 1 + i % 4, count);
            });
        }
        for (auto seen = count.load(); seen < 100; seen = count.load()) count.wait(seen);
        server().stop();
        for (auto& thread : threads) thread.join();
        for (const auto& load : loads) {
            EXPECT_TRUE(load.clean);
            expected += load.acknowledged;
        }
        start(options());
        // Every acknowledged write is there, and no write that was not acknowledged: what was
        // taken in was answered.
        EXPECT_EQ(stored_leads(), expected) << "round " << round;
    }
}

TEST(StopSignal, WaitsForTermination) {
    server::StopSignal signal;
    std::raise(SIGTERM);
    EXPECT_EQ(signal.wait([] { FAIL(); }), SIGTERM);
}

TEST(StopSignal, TellsOfHangupsOnTheWay) {
    server::StopSignal signal;
    int hangups = 0;
    std::raise(SIGHUP);
    const auto ended = signal.wait([&] { std::raise(++hangups < 3 ? SIGHUP : SIGINT); });
    EXPECT_EQ(ended, SIGINT);
    EXPECT_EQ(hangups, 3);
}

TEST(StopSignalDeathTest, SecondSignalEndsTheProcess) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(
        {
            server::StopSignal signal;
            std::raise(SIGINT);
            signal.wait([] {});
            std::raise(SIGINT);
        },
        testing::KilledBySignal(SIGINT), "");
}

}  // namespace
}  // namespace tenantry::e2e
