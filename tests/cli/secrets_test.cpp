// Secrets through the whole program: the API takes them, and nothing ever shows them again.

#include "program_test.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>

namespace tenantry::cli {
namespace {

constexpr std::string_view cookie = "cookie-that-nobody-may-find";
constexpr std::string_view password = "password-that-nobody-may-find";
constexpr std::string_view mark = "that-nobody-may-find";

/// The whole answer to one request on a connection of its own.
std::string answer_to(std::uint16_t port, std::string_view request) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    std::string answer;
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        ::send(fd, request.data(), request.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(request.size())) {
        std::array<char, 4096> buffer{};
        for (ssize_t got = 0; (got = ::read(fd, buffer.data(), buffer.size())) > 0;)
            answer.append(buffer.data(), static_cast<std::size_t>(got));
    }
    ::close(fd);
    return answer;
}

class Secrets : public ProgramTest {
protected:
    void SetUp() override {
        done({"tenant", "create", "acme"});
        done({"user", "create", "--tenant", "acme", "--email", "ann@acme.example", "--role",
              "admin"});
        const auto token = run({"token", "--tenant", "acme", "--user", "ann@acme.example"});
        token_ = token.out.substr(0, token.out.size() - 1);
    }

    support::Launch serve() const {
        return launch(
            {"serve", "--listen", "127.0.0.1:0", "--log-level", "debug", "--access-log", "true"});
    }
    void listen(support::Running& server) {
        const auto line = server.read_line();
        ASSERT_TRUE(line.starts_with("Listening on ")) << line;
        const auto digits = line.substr(line.rfind(':') + 1);
        std::from_chars(digits.data(), digits.data() + digits.size(), port_);
    }

    /// The answer, which is also kept.
    std::string ask(std::string_view method, std::string_view target, std::string_view body = {}) {
        auto request = fmt::format(
            "{} {} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nConnection: "
            "close\r\n",
            method, target, token_);
        if (!body.empty()) {
            request += fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n",
                                   body.size());
        }
        auto answer = answer_to(port_, request + "\r\n" + std::string{body});
        answers_ += answer;
        return answer;
    }
    std::string create_identity() {
        return ask("POST", "/api/identities",
                   fmt::format(R"({{"platform":"linkedin","cookies":{{"li_at":"{}"}},)"
                               R"("credentials":{{"password":"{}"}}}})",
                               cookie, password));
    }
    static std::string id_in(std::string_view answer) {
        const auto at = answer.find(R"("id":")");
        return at == std::string_view::npos ? "" : std::string{answer.substr(at + 6, 36)};
    }

    std::uint16_t port_ = 0;
    std::string token_;
    std::string answers_;
};

TEST_F(Secrets, AreFoundInNoAnswerLogOrFile) {
    support::Running server{serve()};
    listen(server);
    const auto created = create_identity();
    ASSERT_TRUE(created.starts_with("HTTP/1.1 201 ")) << created;
    const auto target = "/api/identities/" + id_in(created);
    EXPECT_TRUE(ask("GET", target).starts_with("HTTP/1.1 200 "));
    EXPECT_TRUE(ask("GET", "/api/identities").starts_with("HTTP/1.1 200 "));
    const auto changed = fmt::format(R"({{"cookies":{{"li_at":"another-{}"}}}})", cookie);
    EXPECT_TRUE(ask("PATCH", target, changed).starts_with("HTTP/1.1 200 "));
    // Refusals repeat nothing either.
    ask("PATCH", target, fmt::format(R"({{"cookies":{{"a":"{}"}},"auth_status":7}})", cookie));
    ask("POST", "/api/identities", fmt::format(R"({{"cookies":"{}")", cookie));
    ask("GET", fmt::format("/api/identities?cookies={}", cookie));

    done({"master-key", "rotate"});
    EXPECT_TRUE(create_identity().starts_with("HTTP/1.1 201 ")) << "the server goes on";

    std::string stored;
    for (const auto& name : folder_.names()) stored += support::read_file(path(name));
    server.signal(SIGTERM);
    const auto ended = server.wait();
    EXPECT_EQ(ended.code, 0);
    for (const auto& name : folder_.names()) stored += support::read_file(path(name));

    EXPECT_TRUE(holds(stored, {"tse1.", "twk1."})) << "the rows are in what is looked through";
    EXPECT_TRUE(holds(ended.err, {"route=/api/identities", "made a master key"})) << ended.err;
    for (const std::string& text : {stored, answers_, ended.err, ended.out})
        EXPECT_FALSE(holds(text, {mark}));
    EXPECT_FALSE(holds(answers_ + ended.err, {"tse1."})) << "nor ciphertext";
}

TEST_F(Secrets, AreRefusedAndAllElseServedWithoutTheMasterKey) {
    {
        support::Running server{serve()};
        listen(server);
        ASSERT_TRUE(create_identity().starts_with("HTTP/1.1 201 "));
        server.signal(SIGTERM);
        server.wait();
    }
    std::filesystem::remove(path("tenantry.db.master-key"));
    support::Running server{serve()};
    listen(server);
    const auto refused = create_identity();
    EXPECT_TRUE(refused.starts_with("HTTP/1.1 503 ")) << refused;
    EXPECT_TRUE(holds(refused, {"storage_unusable"}));
    EXPECT_FALSE(holds(refused, {"tenantry.db"})) << "places of files are for the log";
    EXPECT_TRUE(ask("GET", "/api/identities").starts_with("HTTP/1.1 200 "));
    EXPECT_TRUE(ask("GET", "/api/leads").starts_with("HTTP/1.1 200 "));
    server.signal(SIGTERM);
    const auto ended = server.wait();
    EXPECT_TRUE(holds(ended.err, {"secrets can't be used reason=\"the tenants' secrets are under",
                                  "its file tenantry.db.master-key is not there"}))
        << ended.err;
    EXPECT_FALSE(std::filesystem::exists(path("tenantry.db.master-key")))
        << "none was made instead";
}

}  // namespace
}  // namespace tenantry::cli
