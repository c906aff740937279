#include "fixture.hpp"

#include "engine/database.hpp"
#include "engine/postgres_cluster.hpp"

#include <fmt/format.h>
#include <boost/json/parse.hpp>

#include <spdlog/logger.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <thread>

namespace tenantry::e2e {
namespace {

constexpr std::string_view secret_text = "a secret for tests, 32 bytes or more";

auth::Secret secret() { return auth::Secret::parse(secret_text).value(); }

std::filesystem::path make_directory() {
    auto pattern = (std::filesystem::temp_directory_path() / "tenantry-e2e-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"mkdtemp"};
    return pattern;
}

}  // namespace

std::string Ask::bytes() const {
    auto out = fmt::format("{} {} HTTP/1.1\r\nHost: test\r\n", method, target);
    if (!token.empty()) out += fmt::format("Authorization: Bearer {}\r\n", token);
    if (!body.empty())
        out += fmt::format("Content-Type: {}\r\nContent-Length: {}\r\n", type, body.size());
    return out + headers + "\r\n" + body;
}

Database::Database() : folder_{make_directory()} {
    if (on_postgres()) {
        auto& cluster = engine::testing::PostgresCluster::instance();
        name_ = cluster.create_database();
        postgres_ = cluster.url(name_, "tenantry_app");
    } else {
        engine::sqlite::migrate(folder_ / "test.db").value();
    }
    control_ = engine::open_control_store(options().location()).value();
    for (const auto* tenant : {"acme", "birch"})
        control_->create_tenant(TenantId::parse(tenant).value(), tenant).value();
}

Database::~Database() {
    control_.reset();
    if (!name_.empty()) engine::testing::PostgresCluster::instance().drop_database(name_);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

bool Database::on_postgres() {
    const char* engine = std::getenv("TENANTRY_TEST_ENGINE");
    return engine != nullptr && std::string_view{engine} == "postgres";
}

server::ServerOptions Database::options() const {
    return {.engine = {.path = folder_ / "test.db"},
            .postgres = postgres_,
            .http = {.port = 0, .threads = 2},
            .spool_folder = folder_};
}

ServerTest::ServerTest()
    : issuer_{secret()},
      lines_{std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(1000)},
      log_{server::Log::Options{}, std::make_shared<spdlog::logger>("e2e", lines_)} {
    start(options());
}

ServerTest::~ServerTest() { server_.reset(); }

Result<std::unique_ptr<server::Server>> ServerTest::start_another(
    const server::ServerOptions& options) {
    return server::Server::start(options, secret(), log_);
}

void ServerTest::start(const server::ServerOptions& options, const Clock& clock) {
    server_.reset();
    server_ = server::Server::start(options, secret(), log_, clock).value();
}

void ServerTest::stop() { server_.reset(); }

Answer ServerTest::ask(const Ask& ask) const {
    return connect().exchange(ask.bytes(), ask.method == "HEAD");
}

boost::json::value ServerTest::ask_json(const Ask& asked) const {
    return boost::json::parse(ask(asked).body);
}

std::string ServerTest::token(std::string_view tenant, std::string_view role,
                              std::string_view subject) const {
    auth::Claims claims{.subject = std::string{subject},
                        .tenant = {},
                        .role = std::string{role},
                        .expires_at = system_clock().now() + std::chrono::hours{1}};
    if (!tenant.empty()) claims.tenant = TenantId::parse(tenant).value();
    return token_of(claims);
}

std::string ServerTest::expired_token() const {
    const auto now = system_clock().now();
    return token_of({.subject = "tester",
                     .tenant = TenantId::parse("acme").value(),
                     .role = "admin",
                     .expires_at = now - std::chrono::hours{1}});
}

std::string ServerTest::token_of(const auth::Claims& claims) const {
    return issuer_.issue(claims, system_clock().now());
}

std::string ServerTest::make(std::string_view tenant, std::string target, std::string body) const {
    const auto json = ask_json({.method = "POST",
                                .target = std::move(target),
                                .token = token(tenant),
                                .body = std::move(body)});
    return std::string{json.at("id").as_string()};
}

std::string ServerTest::make_lead(std::string_view tenant, std::string_view members) const {
    return make(tenant, "/api/leads", fmt::format("{{{}}}", members));
}

std::string ServerTest::make_agent(std::string_view tenant, std::string_view email) const {
    return make(tenant, "/api/agents", fmt::format(R"({{"name":"Agent","email":"{}"}})", email));
}

void ServerTest::wait_for_log(std::string_view text) const {
    const auto contains = [&](const std::string& line) {
        return line.find(text) != std::string::npos;
    };
    while (!std::ranges::any_of(lines_->last_formatted(), contains)) std::this_thread::yield();
}

void ServerTest::wait_for_connections(std::size_t count) const {
    while (server_->connections() != count) std::this_thread::yield();
}

}  // namespace tenantry::e2e
