#pragma once
/// A whole server in this process on a port of its own, with two tenants: `acme` and `birch`.

#include "auth/token.hpp"
#include "client.hpp"
#include "engine/control_store.hpp"
#include "server/server.hpp"

#include <gtest/gtest.h>
#include <spdlog/sinks/ringbuffer_sink.h>
#include <boost/json/value.hpp>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tenantry::e2e {

inline constexpr std::string_view id_of_nobody = "00000000-0000-7000-8000-000000000000";

/// What one request says; `bytes` puts it on the wire.
struct Ask {
    std::string method = "GET";
    std::string target = "/";
    std::string token{};    // none: no Authorization
    std::string body{};     // none: no Content-Type and no Content-Length
    std::string headers{};  // further complete lines
    std::string type = "application/json";

    std::string bytes() const;
};

/// A database of the newest version, in a folder of its own, with the tenants acme and birch; both
/// are gone when this is.
class Database {
public:
    Database();
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// The suite runs on each engine, as the variable TENANTRY_TEST_ENGINE says.
    static bool on_postgres();

    /// Of a server on it, at a free port.
    server::ServerOptions options() const;
    engine::ControlStore& control() { return *control_; }

private:
    std::filesystem::path folder_;
    std::string name_;  // of a PostgreSQL database
    std::optional<pg::Url> postgres_;
    std::unique_ptr<engine::ControlStore> control_;
};

class ServerTest : public testing::Test {
protected:
    ServerTest();
    ~ServerTest() override;

    static bool on_postgres() { return Database::on_postgres(); }

    /// (Re)starts the server on the same database with other options.
    void start(const server::ServerOptions& options, const Clock& clock = system_clock());
    /// Ends it, with all that it has still to write.
    void stop();
    server::ServerOptions options() const { return database_.options(); }
    Result<std::unique_ptr<server::Server>> start_another(const server::ServerOptions& options);
    server::Server& server() const { return *server_; }
    engine::ControlStore& control() { return database_.control(); }

    Client connect() const { return Client{server_->port()}; }
    /// On a connection of its own.
    Answer ask(const Ask& ask) const;
    boost::json::value ask_json(const Ask& ask) const;

    /// A token whose tenant is `tenant`, none if that is empty.
    std::string token(std::string_view tenant, std::string_view role = "admin",
                      std::string_view subject = "tester") const;
    std::string expired_token() const;
    std::string token_of(const auth::Claims& claims) const;

    /// Makes a lead of the tenant and returns its id.
    std::string make_lead(std::string_view tenant,
                          std::string_view members = R"("first_name":"Ada")") const;
    /// Makes a row and returns its id.
    std::string make(std::string_view tenant, std::string target, std::string body) const;
    std::string make_agent(std::string_view tenant, std::string_view email) const;

    /// Returns when a line of the server's log contains `text`.
    void wait_for_log(std::string_view text) const;
    /// Returns when the server has that many connections open.
    void wait_for_connections(std::size_t count) const;

private:
    Database database_;
    auth::TokenVerifier issuer_;
    std::shared_ptr<spdlog::sinks::ringbuffer_sink_mt> lines_;
    server::Log log_;
    std::unique_ptr<server::Server> server_;
};

}  // namespace tenantry::e2e
