/// Kills the real server with SIGKILL under load, fifty times, at moments of chance. After each
/// kill every acknowledged write must be in the file, no write may be there in part, and the file
/// must be sound; the next round serves from the same file.

#include "engine/test_database.hpp"
#include "query/rows.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/json.hpp>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <map>
#include <mutex>
#include <random>
#include <thread>

namespace tenantry {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

constexpr int rounds = 50;
constexpr int clients = 4;
constexpr const char* secret = "a secret for tests, 32 bytes or more";

std::uint16_t free_port() {
    asio::io_context context;
    tcp::acceptor acceptor{context, {asio::ip::address_v4::loopback(), 0}};
    return acceptor.local_endpoint().port();
}

/// The program, serving; killed when destroyed if it has not been before.
class ServerProcess {
public:
    ServerProcess(const std::filesystem::path& database, std::uint16_t port) {
        const char* program = std::getenv("TENANTRY_PROGRAM");
        if (program == nullptr) throw std::runtime_error{"TENANTRY_PROGRAM is not set"};
        const auto url = "sqlite:" + database.string();
        const auto listen = fmt::format("127.0.0.1:{}", port);
        pid_ = ::fork();
        if (pid_ == 0) {
            ::setenv("TENANTRY_JWT_SECRET", secret, 1);
            const int null = ::open("/dev/null", O_WRONLY);
            ::dup2(null, STDOUT_FILENO);
            ::dup2(null, STDERR_FILENO);
            ::execl(program, program, "serve", "--database", url.c_str(), "--listen",
                    listen.c_str(), nullptr);
            ::_exit(127);
        }
    }
    ~ServerProcess() { kill(); }
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;

    void kill() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }
    bool running() const { return ::waitpid(pid_, nullptr, WNOHANG) == 0; }

private:
    pid_t pid_ = -1;
};

/// One keep-alive connection; any failure of the transport throws.
class Client {
public:
    Client(std::uint16_t port, std::string token) : token_{std::move(token)} {
        socket_.connect({asio::ip::address_v4::loopback(), port});
    }

    http::response<http::string_body> send(http::verb method, const std::string& target,
                                           const std::string& body) {
        http::request<http::string_body> request{method, target, 11};
        request.set(http::field::host, "localhost");
        request.set(http::field::authorization, "Bearer " + token_);
        request.set(http::field::content_type, "application/json");
        request.body() = body;
        request.prepare_payload();
        http::write(socket_, request);
        http::response<http::string_body> response;
        http::read(socket_, buffer_, response);
        return response;
    }

private:
    std::string token_;
    asio::io_context context_;
    tcp::socket socket_{context_};
    boost::beast::flat_buffer buffer_;
};

/// What clients know of one lead: the mark last acknowledged, and one that was sent but not
/// answered.
struct Known {
    std::string acknowledged;
    std::string maybe;
};

/// Every field of a write carries the same mark, so that a torn one would show.
std::string body_of(const std::string& mark, bool create) {
    boost::json::object body{
        {"first_name", mark}, {"last_name", mark}, {"city", mark}, {"metadata", {{"mark", mark}}}};
    if (create) body["email"] = mark + "@example.com";
    return boost::json::serialize(body);
}

class CrashTest : public ::testing::Test {
protected:
    CrashTest() {
        engine::sqlite::migrate(path_).value();
        const auto control = engine::sqlite::open_control_store(path_).value();
        for (const auto& tenant : tenants_) control->create_tenant(tenant, tenant.text()).value();
    }

    std::string token(const TenantId& tenant) const {
        const auth::TokenVerifier verifier{auth::Secret::parse(secret).value()};
        const auto now = system_clock().now();
        return verifier.issue({"crash-test", tenant, "operator", now + std::chrono::hours{1}}, now);
    }

    void wait_until_ready(ServerProcess& server, std::uint16_t port) const {
        while (server.running()) {
            try {
                if (Client{port, ""}.send(http::verb::get, "/readyz", "").result_int() == 200)
                    return;
            } catch (const boost::system::system_error&) {
                std::this_thread::yield();
            }
        }
        FAIL() << "the server ended before it was ready";
    }

    /// Creates and updates until the connection breaks.
    void write_until_broken(std::uint16_t port, int round, int client) {
        const auto& tenant = tenants_[static_cast<std::size_t>(client) % tenants_.size()];
        std::map<std::string, Known> mine;
        try {
            Client connection{port, token(tenant)};
            for (int n = 0;; ++n) {
                const auto mark = fmt::format("r{}c{}n{}", round, client, n);
                if (n % 3 == 2 && !mine.empty()) {
                    auto& [id, known] = *mine.rbegin();
                    known.maybe = mark;
                    if (connection.send(http::verb::patch, "/api/leads/" + id, body_of(mark, false))
                            .result_int() != 200)
                        break;
                    known = {mark, ""};
                } else {
                    const auto response =
                        connection.send(http::verb::post, "/api/leads", body_of(mark, true));
                    if (response.result_int() != 201) break;
                    const auto id = boost::json::parse(response.body()).at("id").as_string();
                    mine[std::string{id}] = {mark, ""};
                }
                ++acknowledged_;
            }
        } catch (const boost::system::system_error&) {  // NOLINT(bugprone-empty-catch): the server
                                                        // was killed
        }
        const std::lock_guard lock{mutex_};
        for (auto& [id, known] : mine) known_[tenant.text()][id] = known;
    }

    void run_round(int round, std::mt19937& random) {
        const auto port = free_port();
        ServerProcess server{path_, port};
        wait_until_ready(server, port);
        acknowledged_ = 0;
        std::vector<std::thread> threads;
        for (int client = 0; client < clients; ++client)
            threads.emplace_back([=, this] { write_until_broken(port, round, client); });
        const int enough = std::uniform_int_distribution{1, 60}(random);
        while (acknowledged_ < enough && server.running()) std::this_thread::yield();
        const auto end = std::chrono::steady_clock::now() +
                         std::chrono::microseconds{std::uniform_int_distribution{0, 3000}(random)};
        while (std::chrono::steady_clock::now() < end) {
        }
        server.kill();
        for (auto& thread : threads) thread.join();
        EXPECT_GE(acknowledged_, enough);
        total_ += acknowledged_;
    }

    void check_rows() {
        for (const auto& tenant : tenants_) {
            auto expected = known_[tenant.text()];
            for (const auto& [id, mark] : stored_marks(tenant)) {
                const auto found = expected.find(id);
                if (found == expected.end()) continue;  // stored, but the answer was lost
                EXPECT_TRUE(mark == found->second.acknowledged || mark == found->second.maybe)
                    << id << " has " << mark << ", acknowledged was " << found->second.acknowledged;
                expected.erase(found);
            }
            for (const auto& [id, known] : expected)
                ADD_FAILURE() << "lost: " << id << ' ' << known.acknowledged;
        }
    }

    /// Id and mark of every lead; a lead whose fields disagree fails the test.
    std::map<std::string, std::string> stored_marks(const TenantId& tenant) {
        const auto& leads = schema::lead_catalog().relation("leads");
        const auto engine =
            engine::sqlite::SqliteEngine::open(schema::lead_catalog(), {.path = path_}).value();
        const auth::TokenVerifier verifier{auth::Secret::parse(secret).value()};
        const auto scope = auth::ScopeIssuer{verifier, *engine}.for_job(tenant, "check").value();
        query::Read read{.relation = &leads,
                         .projection = query::all_columns(leads),
                         .order = {{&leads.id()}},
                         .limit = 1000,
                         .has_more = true};
        std::map<std::string, std::string> marks;
        while (true) {
            auto reply =
                engine::testing::wait_for(
                    engine->run(query::scope_plan(query::plan(read).value(), scope).value(),
                                engine::testing::no_deadline))
                    .value();
            for (std::size_t i = 0; i < reply.rows.row_count(); ++i) {
                const auto get = [&](std::string_view column) {
                    return schema::to_text(reply.rows.value(i, column));
                };
                const auto mark = get("first_name");
                EXPECT_EQ(get("last_name"), mark);
                EXPECT_EQ(get("city"), mark);
                EXPECT_EQ(get("metadata"), R"({"mark":")" + mark + "\"}");
                EXPECT_TRUE(marks.emplace(get("id"), mark).second);
            }
            if (!reply.has_more) return marks;
            read.after = {reply.rows.value(reply.rows.row_count() - 1, "id")};
        }
    }

    /// The file's own consistency, and the counts kept by triggers against a recount.
    void check_file() const {
        sqlite3* db = nullptr;
        ASSERT_EQ(sqlite3_open_v2(path_.c_str(), &db, SQLITE_OPEN_READONLY, nullptr), SQLITE_OK);
        const auto answer = [&](const char* query) {
            std::string out;
            sqlite3_exec(
                db, query,
                [](void* to, int, char** values, char**) {
                    *static_cast<std::string*>(to) +=
                        std::string{values[0] != nullptr ? values[0] : "null"} + "\n";
                    return 0;
                },
                &out, nullptr);
            return out;
        };
        EXPECT_EQ(answer("PRAGMA integrity_check"), "ok\n");
        EXPECT_EQ(answer("PRAGMA foreign_key_check"), "");
        EXPECT_EQ(answer("SELECT group_concat(tenant_id || status || n) FROM (SELECT * FROM "
                         "t_lead_counts WHERE n > 0 ORDER BY 1, 2)"),
                  answer("SELECT group_concat(tenant_id || status || n) FROM"
                         " (SELECT tenant_id, status, count(*) AS n FROM t_leads GROUP BY 1, 2 "
                         "ORDER BY 1, 2)"));
        sqlite3_close(db);
    }

    engine::testing::TempDirectory directory_;
    std::filesystem::path path_ = directory_.path() / "crash.db";
    std::vector<TenantId> tenants_{TenantId::parse("tenant-a").value(),
                                   TenantId::parse("tenant-b").value()};
    std::atomic<int> acknowledged_ = 0;
    int total_ = 0;
    std::mutex mutex_;
    std::map<std::string, std::map<std::string, Known>>
        known_;  // guarded by mutex_ while clients run
};

TEST_F(CrashTest, EveryAcknowledgedWriteSurvivesFiftyKillsUnderLoad) {
    const auto seed = std::random_device{}();
    std::cout << "seed " << seed << '\n';
    std::mt19937 random{seed};
    for (int round = 0; round < rounds && !HasFailure(); ++round) {
        run_round(round, random);
        check_rows();
        check_file();
    }
    std::cout << total_ << " acknowledged writes in " << rounds << " rounds\n";
    EXPECT_GE(total_, rounds);
}

}  // namespace
}  // namespace tenantry
