#include "program_test.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <stdexcept>

namespace tenantry::cli {
namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/// A port that stays taken as long as this stands.
class TakenPort {
public:
    TakenPort() : fd_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        auto address = loopback(0);
        socklen_t size = sizeof address;
        auto* plain = reinterpret_cast<sockaddr*>(&address);
        if (::bind(fd_, plain, size) != 0 || ::listen(fd_, 1) != 0 ||
            ::getsockname(fd_, plain, &size) != 0) {
            throw std::runtime_error{"no port to be had"};
        }
        port_ = ntohs(address.sin_port);
    }
    ~TakenPort() { ::close(fd_); }
    TakenPort(const TakenPort&) = delete;
    TakenPort& operator=(const TakenPort&) = delete;
    std::uint16_t port() const { return port_; }

private:
    int fd_;
    std::uint16_t port_ = 0;
};

/// The whole answer to a GET.
std::string get(std::uint16_t port, std::string_view target, std::string_view token = {}) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = loopback(port);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        ::close(fd);
        return {};
    }
    const auto request = fmt::format(
        "GET {} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nConnection: "
        "close\r\n\r\n",
        target, token);
    std::string answer;
    if (::send(fd, request.data(), request.size(), MSG_NOSIGNAL) ==
        static_cast<ssize_t>(request.size())) {
        std::array<char, 4096> buffer{};
        for (ssize_t got = 0; (got = ::read(fd, buffer.data(), buffer.size())) > 0;) {
            answer.append(buffer.data(), static_cast<std::size_t>(got));
        }
    }
    ::close(fd);
    return answer;
}

class Serve : public ProgramTest {
protected:
    support::Launch serve(Arguments more = {}) const {
        more.insert(more.begin(), {"serve", "--listen", "127.0.0.1:0"});
        return launch(std::move(more));
    }

    /// The port that a server announces when it is ready.
    static std::uint16_t port_of(support::Running& server) {
        const auto line = server.read_line();
        EXPECT_TRUE(line.starts_with("Listening on http://127.0.0.1:")) << line;
        const auto digits = line.substr(line.rfind(':') + 1);
        std::uint16_t port = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), port);
        return port;
    }
};

TEST_F(Serve, MakesDatabaseAndSecretAndStopsOnASignal) {
    for (const int signal : {SIGTERM, SIGINT}) {
        support::Running server{serve()};
        EXPECT_TRUE(get(port_of(server), "/healthz").starts_with("HTTP/1.1 200 "));
        server.signal(signal);
        const auto ended = server.wait();
        EXPECT_EQ(ended.code, 0) << ended.err;
        EXPECT_EQ(holds(ended.err, {"made a secret to sign tokens with: tenantry.db.jwt-secret"}),
                  signal == SIGTERM)
            << "it is made once, and said so: " << ended.err;
    }
    for (const char* file : {"tenantry.db", "tenantry.db.jwt-secret"}) {
        EXPECT_EQ(std::filesystem::status(path(file)).permissions(), std::filesystem::perms{0600})
            << file;
    }
}

TEST_F(Serve, AnswersTokensOfTheTokenCommandUntilTheTenantIsSuspended) {
    done({"tenant", "create", "acme"});
    done({"user", "create", "--tenant", "acme", "--email", "ann@acme.example", "--role", "viewer"});
    support::Running server{serve()};
    const auto port = port_of(server);
    auto token = run({"token", "--tenant", "acme", "--user", "ann@acme.example"}).out;
    token.pop_back();
    EXPECT_TRUE(holds(get(port, "/api/leads", token),
                      {"HTTP/1.1 200 ", R"({"leads":[],"total":0,"next":null})"}));
    done({"tenant", "suspend", "acme"});
    EXPECT_TRUE(get(port, "/api/leads", token).starts_with("HTTP/1.1 403 "));
    done({"tenant", "resume", "acme"});
    EXPECT_TRUE(get(port, "/api/leads", token).starts_with("HTTP/1.1 200 "));
    done({"import", "leads", example("harborview-leads.csv"), "--tenant", "acme"});
    EXPECT_TRUE(holds(get(port, "/api/leads?limit=1", token), {R"("total":5000)"}));
}

TEST_F(Serve, SaysThatThePortIsInUse) {
    const TakenPort taken;
    const auto ended = run({"serve", "--listen", fmt::format("127.0.0.1:{}", taken.port())});
    EXPECT_EQ(ended.code, 1);
    EXPECT_EQ(ended.out, "");
    EXPECT_TRUE(
        holds(ended.err, {"tenantry: ", fmt::format("127.0.0.1:{}", taken.port()), "in use"}));
}

TEST_F(Serve, SaysThatTheAddressIsNotOfThisMachine) {
    const auto ended = run({"serve", "--listen", "192.0.2.1:8080"});  // RFC 5737: nobody's
    EXPECT_EQ(ended.code, 1);
    EXPECT_TRUE(holds(ended.err, {"tenantry: ", "192.0.2.1 is not an address of this machine"}));
}

TEST_F(Serve, WarnsOfPlainHttpOnOpenAddresses) {
    support::Running server{launch({"serve", "--listen", "0.0.0.0:0"})};
    EXPECT_TRUE(server.read_line().starts_with("Listening on http://0.0.0.0:"));
    server.signal(SIGTERM);
    EXPECT_TRUE(
        holds(server.wait().err, {"tenantry: note: other machines can reach this address"}));
}

TEST_F(Serve, TakesUpAnEmptyFileAndBringsAnyUpToDateWhenAsked) {
    for (const auto& more : {Arguments{}, Arguments{"--migrate"}}) {
        support::write_file(path("tenantry.db"), "");
        support::Running server{serve(more)};
        EXPECT_TRUE(get(port_of(server), "/readyz").starts_with("HTTP/1.1 200 "));
        server.signal(SIGTERM);
        EXPECT_EQ(server.wait().code, 0);
        std::filesystem::remove(path("tenantry.db"));
    }
}

TEST_F(Serve, LogsRequestsWhenAsked) {
    support::Running server{serve({"--access-log", "true"})};
    get(port_of(server), "/healthz?who=hidden");
    server.signal(SIGTERM);
    const auto log = server.wait().err;
    EXPECT_TRUE(holds(log, {"/healthz"}));
    EXPECT_FALSE(holds(log, {"hidden"}));
}

}  // namespace
}  // namespace tenantry::cli
