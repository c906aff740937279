// Connections: keep-alive, pipelining, framing, limits. Each test ends by asking whether the server
// is still well.

#include "fixture.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <vector>

namespace tenantry::e2e {
namespace {

class ConnectionTest : public ServerTest {
protected:
    ~ConnectionTest() override { EXPECT_EQ(ask({.target = "/healthz"}).status, 200); }

    Ask create(int number) const {
        return {.method = "POST",
                .target = "/api/leads",
                .token = token("acme"),
                .body = fmt::format(R"({{"first_name":"L{}"}})", number)};
    }
    static std::string chunked(std::string_view head, std::string_view body, std::size_t size) {
        std::string out{head};
        out += "Transfer-Encoding: chunked\r\n\r\n";
        for (; !body.empty(); body.remove_prefix(std::min(size, body.size()))) {
            const auto chunk = body.substr(0, size);
            out += fmt::format("{:x}\r\n{}\r\n", chunk.size(), chunk);
        }
        return out + "0\r\n\r\n";
    }
    static const std::string healthz;
};
const std::string ConnectionTest::healthz = "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n";

TEST_F(ConnectionTest, IsKeptAlive) {
    auto client = connect();
    for (int i = 0; i < 5; ++i) {
        const auto answer = client.exchange(healthz);
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.headers.count("connection"), 0U);
    }
}

TEST_F(ConnectionTest, EndsWhenAskedTo) {
    auto client = connect();
    EXPECT_EQ(client.exchange("GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
                  .header("connection"),
              "close");
    EXPECT_TRUE(client.at_end());
}

TEST_F(ConnectionTest, Http10EndsUnlessAskedToStay) {
    auto client = connect();
    EXPECT_EQ(client.exchange("GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                  .header("connection"),
              "keep-alive");
    EXPECT_EQ(client.exchange("GET /healthz HTTP/1.0\r\n\r\n").header("connection"), "close");
    EXPECT_TRUE(client.at_end());
}

TEST_F(ConnectionTest, HundredMixedRequestsInOneSegmentAreAnsweredInOrder) {
    std::string batch;
    for (int i = 0; i < 25; ++i) {
        batch += create(i).bytes();
        batch += Ask{.target = "/api/leads?limit=1", .token = token("acme")}.bytes();
        batch += Ask{.target = "/nowhere"}.bytes();
        batch += Ask{.method = "HEAD", .target = "/readyz"}.bytes();
    }
    auto client = connect();
    client.send(batch);
    for (int i = 0; i < 25; ++i) {
        const auto created = client.receive();
        ASSERT_TRUE(created);
        EXPECT_EQ(created->status, 201);
        EXPECT_NE(created->body.find(fmt::format("\"L{}\"", i)), std::string::npos);
        const auto listed = client.receive();
        EXPECT_NE(listed->body.find(fmt::format("\"total\":{},", i + 1)), std::string::npos);
        EXPECT_EQ(client.receive()->status, 404);
        const auto ready = client.receive(true);
        EXPECT_EQ(ready->status, 200);
        EXPECT_EQ(ready->body, "");
    }
}

TEST_F(ConnectionTest, RequestCutAnywhereIsAnsweredTheSame) {
    const auto post =
        Ask{.method = "POST", .target = "/api/leads", .token = "x", .body = "{}"}.bytes();
    const auto both = post + chunked(
                                 "POST /api/leads HTTP/1.1\r\nHost: h\r\nContent-Type: "
                                 "application/json\r\nAuthorization: Bearer x\r\n",
                                 "{}", 1);
    auto whole = connect();
    const auto expected = whole.exchange(Ask{.target = "/api/leads", .token = "x"}.bytes()).body;
    for (std::size_t cut = 1; cut < both.size(); ++cut) {
        auto client = connect();
        client.send(std::string_view{both}.substr(0, cut));
        client.send(std::string_view{both}.substr(cut));
        const auto first = client.receive();
        ASSERT_TRUE(first) << cut;
        EXPECT_EQ(first->status, 401) << cut;
        EXPECT_EQ(first->body, expected) << cut;
    }
}

TEST_F(ConnectionTest, BytesOneByOneMakeARequest) {
    auto client = connect();
    const auto bytes = create(1).bytes();
    for (const char byte : bytes) client.send({&byte, 1});
    EXPECT_EQ(client.receive()->status, 201);
    EXPECT_EQ(client.exchange(healthz).status, 200);
}

TEST_F(ConnectionTest, ChunkedBodiesAreRead) {
    const auto head = fmt::format(
        "POST /api/leads HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {}\r\nContent-Type: "
        "application/json\r\n",
        token("acme"));
    const std::string body = R"({"first_name":"Chunky"})";
    auto client = connect();
    for (const std::size_t size : {1U, 7U, 1000U}) {
        const auto answer = client.exchange(chunked(head, body, size));
        EXPECT_EQ(answer.status, 201);
        EXPECT_NE(answer.body.find("\"Chunky\""), std::string::npos);
    }
}

TEST_F(ConnectionTest, ContinueIsSaidToThoseWhoWaitForIt) {
    auto client = connect();
    auto request = create(1);
    request.headers = "Expect: 100-continue\r\n";
    const auto bytes = request.bytes();
    const auto body_at = bytes.size() - request.body.size();
    EXPECT_EQ(client.exchange(std::string_view{bytes}.substr(0, body_at)).status, 100);
    EXPECT_EQ(client.exchange(std::string_view{bytes}.substr(body_at)).status, 201);
}

TEST_F(ConnectionTest, ContinueIsNotSaidInVain) {
    auto client = connect();
    const auto answer = client.exchange(
        "POST /api/leads HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(answer.header("connection"), "close");
    EXPECT_TRUE(client.at_end());
}

TEST_F(ConnectionTest, HalfClosedClientStillGetsItsAnswers) {
    auto client = connect();
    client.send(create(1).bytes() + healthz);
    client.finish_sending();
    EXPECT_EQ(client.receive()->status, 201);
    EXPECT_EQ(client.receive()->status, 200);
    EXPECT_TRUE(client.at_end());
}

TEST_F(ConnectionTest, RequestThatEndsEarlyIsRefused) {
    for (const std::size_t kept : {1U, 20U, 60U}) {
        auto client = connect();
        client.send(create(1).bytes().substr(0, kept));
        client.finish_sending();
        const auto answer = client.receive();
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->status, 400);
        EXPECT_EQ(answer->code(), "bad_request");
        EXPECT_TRUE(client.at_end());
    }
}

TEST_F(ConnectionTest, ClientThatGoesAwayMidwayIsNoTrouble) {
    for (int i = 0; i < 20; ++i) {
        auto client = connect();
        client.send(create(i).bytes().substr(0, i % 2 == 0 ? 30 : std::string::npos));
    }
}

TEST_F(ConnectionTest, MalformedRequestIsRefusedAndTheConnectionEnds) {
    for (const std::string_view text :
         {"\x16\x03\x01\x02\x01\x01\x01\r\n\r\n", "GET / HTTP/2.0\r\nHost: h\r\n\r\n",
          "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\nX: \x01\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: "
          "chunked\r\n\r\n0\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
          "GET /\x7f HTTP/1.1\r\nHost: h\r\n\r\n"}) {
        auto client = connect();
        const auto answer = client.exchange(text);
        EXPECT_EQ(answer.status, 400) << text;
        EXPECT_EQ(answer.code(), "bad_request") << text;
        EXPECT_EQ(answer.header("connection"), "close") << text;
        EXPECT_TRUE(client.at_end()) << text;
    }
}

TEST_F(ConnectionTest, RequestsBeforeAMalformedOneAreAnswered) {
    auto client = connect();
    client.send(healthz + healthz + "BAD\r\n\r\n" + healthz);
    EXPECT_EQ(client.receive()->status, 200);
    EXPECT_EQ(client.receive()->status, 200);
    EXPECT_EQ(client.receive()->status, 400);
    EXPECT_TRUE(client.at_end());
}

TEST_F(ConnectionTest, LongHeadersAreRefused) {
    auto client = connect();
    const auto answer =
        client.exchange("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(70'000, 'x') + "\r\n\r\n");
    EXPECT_EQ(answer.status, 431);
    EXPECT_EQ(answer.code(), "headers_too_large");
    EXPECT_TRUE(client.at_end());
}

TEST_F(ConnectionTest, LongTargetsAreRefused) {
    auto client = connect();
    const auto answer =
        client.exchange("GET /" + std::string(20'000, 'x') + " HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(answer.status, 414);
    EXPECT_TRUE(client.at_end());
}

TEST_F(ConnectionTest, LongBodyIsRefusedByItsLengthAndTheAnswerArrives) {
    auto client = connect();
    const auto size = limits::body_bytes_max + 1;
    client.send(
        fmt::format("POST /api/leads HTTP/1.1\r\nHost: h\r\nContent-Type: "
                    "application/json\r\nContent-Length: {}\r\n\r\n",
                    size));
    // A client like most: sends all of it before it looks for an answer.
    client.send(std::string(size, 'x'));
    const auto answer = client.receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 413);
    EXPECT_EQ(answer->code(), "body_too_large");
    EXPECT_EQ(answer->header("connection"), "close");
    EXPECT_TRUE(client.at_end());
}

TEST_F(ConnectionTest, LongChunkedBodyIsRefusedWhenItGetsTooLong) {
    auto client = connect();
    client.send(
        fmt::format("POST /api/leads HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer "
                    "{}\r\nContent-Type: application/json\r\n"
                    "Transfer-Encoding: chunked\r\n\r\n",
                    token("acme")));
    const auto chunk = "100000\r\n" + std::string(0x100000, ' ') + "\r\n";
    for (int i = 0; i < 9; ++i) client.send(chunk);
    EXPECT_EQ(client.receive()->status, 413);
    EXPECT_TRUE(client.at_end());
}

TEST_F(ConnectionTest, LargestBodyIsRead) {
    auto request = create(1);
    request.body += std::string(limits::body_bytes_max - request.body.size(), ' ');
    auto client = connect();
    EXPECT_EQ(client.exchange(request.bytes()).status, 201);
    EXPECT_EQ(client.exchange(healthz).status, 200);
}

TEST_F(ConnectionTest, LargeAnswersArriveWhole) {
    for (int i = 0; i < 40; ++i)
        make_lead("acme", fmt::format(R"("first_name":"L","metadata":{{"x":"{}"}})",
                                      std::string(60'000, 'x')));
    const auto page = Ask{.target = "/api/leads?limit=1000", .token = token("acme")}.bytes();
    auto client = connect();
    client.send(page + page + page + healthz);
    for (int i = 0; i < 3; ++i) EXPECT_GT(client.receive()->body.size(), 40U * 60'000U);
    EXPECT_EQ(client.receive()->status, 200);
}

TEST_F(ConnectionTest, OneTooManyIsToldSo) {
    auto few = options();
    few.http.limits.connections_max = 3;
    few.http.limits.linger_timeout = std::chrono::milliseconds{50};
    start(few);
    std::vector<Client> clients;
    for (int i = 0; i < 3; ++i) {
        clients.push_back(connect());
        EXPECT_EQ(clients.back().exchange(healthz).status, 200);
    }
    auto turned_away = connect();
    const auto answer = turned_away.exchange(healthz);
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.code(), "overloaded");
    EXPECT_TRUE(turned_away.at_end());
    for (auto& client : clients) EXPECT_EQ(client.exchange(healthz).status, 200);
    start(options());
}

TEST_F(ConnectionTest, LargeBodiesTogetherAreLimited) {
    auto tight = options();
    tight.http.limits.waiting_body_bytes_max = 200'000;
    start(tight);
    auto request = create(1);
    request.body += std::string(300'000, ' ');
    for (int i = 0; i < 3; ++i) {
        auto client = connect();
        client.send(request.bytes().substr(0, 290'000));
        const auto answer = client.receive();
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->status, 503);
        EXPECT_EQ(answer->code(), "overloaded");
        EXPECT_EQ(answer->header("retry-after"), "1");
        EXPECT_TRUE(client.at_end());
    }
    request.body.resize(90'000);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(ask(request).status, 201);
}

TEST_F(ConnectionTest, ShortOfFilesItWaitsAndRecovers) {
    auto earlier = connect();
    EXPECT_EQ(earlier.exchange(healthz).status, 200);
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
    // Done once before, since the undefined-behaviour sanitizer wants a file for what is new to it.
    wait_for_log("listening");
    // Room for the client's end of one more connection, and none for the server's.
    const int free = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ASSERT_GE(free, 0);
    ::close(free);
    const rlimit tight{.rlim_cur = static_cast<rlim_t>(free) + 1, .rlim_max = before.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &tight), 0);
    auto late = connect();
    late.send(healthz);
    wait_for_log("no connection can be accepted");
    EXPECT_EQ(earlier.exchange(healthz).status, 200);
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_EQ(late.receive()->status, 200);
}

}  // namespace
}  // namespace tenantry::e2e
