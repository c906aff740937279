#pragma once
/// Servers of the real program on one database, which get killed, and how to talk to them.

#include "client.hpp"
#include "engine/any_database.hpp"
#include "support/process.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::history {

/// What came of a request: nullopt, if the server died under it.
using Outcome = std::optional<e2e::Answer>;

class World {
public:
    World(engine::testing::EngineKind kind, std::size_t servers,
          const std::vector<std::string>& tenants);

    std::size_t servers() const noexcept { return ports_.size(); }
    /// Kills one with SIGKILL and starts it again.
    void kill(std::size_t server);
    /// Asks one, on a connection of its own.
    Outcome ask(std::size_t server, std::string_view tenant, std::string_view method,
                std::string_view target, std::string_view body = {},
                std::string_view type = "application/json") const;
    /// Asks and goes away at once, without the answer.
    void ask_and_leave(std::size_t server, std::string_view tenant, std::string_view target) const;
    /// A PostgreSQL database for other clients: as the application's role.
    pg::Url url() const;

private:
    std::string head(std::string_view tenant, std::string_view method, std::string_view target,
                     std::string_view body, std::string_view type) const;
    void start(std::size_t server);

    engine::testing::AnyDatabase database_;
    bool on_postgres_;
    std::map<std::string, std::string, std::less<>> tokens_;
    mutable std::mutex mutex_;
    std::vector<std::unique_ptr<support::Running>> running_;
    std::vector<std::atomic<std::uint16_t>> ports_;
};

}  // namespace tenantry::history
