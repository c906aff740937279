#include "world.hpp"

#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>

namespace tenantry::history {
namespace {

constexpr const char* secret = "a secret for tests, 32 bytes or more";

}  // namespace

World::World(engine::testing::EngineKind kind, std::size_t servers,
             const std::vector<std::string>& tenants)
    : database_{kind},
      on_postgres_{kind != engine::testing::EngineKind::sqlite},
      running_(servers),
      ports_(servers) {
    const auth::TokenVerifier issuer{auth::Secret::parse(secret).value()};
    const auto now = system_clock().now();
    for (const auto& tenant : tenants) {
        const auto id = TenantId::parse(tenant).value();
        database_.control().create_tenant(id, tenant).value();
        tokens_[tenant] = issuer.issue({"history", id, "admin", now + std::chrono::hours{2}}, now);
    }
    for (std::size_t i = 0; i < servers; ++i) start(i);
}

pg::Url World::url() const {
    return engine::testing::PostgresCluster::instance().url(database_.name(), "tenantry_app");
}

void World::start(std::size_t server) {
    const auto where = on_postgres_ ? url().secret_text() : "sqlite:" + database_.path().string();
    auto running = std::make_unique<support::Running>(support::Launch{
        .arguments = {"serve", "--listen", "127.0.0.1:0", "--threads", "2"},
        .environment = {{"TENANTRY_JWT_SECRET", secret}, {"TENANTRY_DATABASE", where}}});
    std::string line = running->read_line();
    const auto colon = line.rfind(':');
    if (!line.starts_with("Listening on ") || colon == std::string::npos)
        throw std::runtime_error{"the server doesn't start: " + line + running->wait().err};
    ports_[server] = static_cast<std::uint16_t>(std::atoi(line.c_str() + colon + 1));
    const std::lock_guard lock{mutex_};
    running_[server] = std::move(running);
}

void World::kill(std::size_t server) {
    {
        const std::lock_guard lock{mutex_};
        running_[server]->signal(SIGKILL);
        running_[server]->wait();
    }
    start(server);
}

std::string World::head(std::string_view tenant, std::string_view method, std::string_view target,
                        std::string_view body, std::string_view type) const {
    return fmt::format(
        "{} {} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nConnection: close\r\n"
        "Content-Type: {}\r\nContent-Length: {}\r\n\r\n{}",
        method, target, tokens_.find(tenant)->second, type, body.size(), body);
}

Outcome World::ask(std::size_t server, std::string_view tenant, std::string_view method,
                   std::string_view target, std::string_view body, std::string_view type) const {
    try {
        e2e::Client client{ports_[server]};
        client.send(head(tenant, method, target, body, type));
        auto answer = client.receive();
        if (!answer || answer->cut_off) return std::nullopt;
        return answer;
    } catch (const std::runtime_error&) {
        return std::nullopt;
    }
}

void World::ask_and_leave(std::size_t server, std::string_view tenant,
                          std::string_view target) const {
    try {
        e2e::Client client{ports_[server]};
        client.send(head(tenant, "GET", target, {}, "application/json"));
    } catch (const std::runtime_error&) {  // NOLINT(bugprone-empty-catch): it leaves anyway
    }
}

}  // namespace tenantry::history
