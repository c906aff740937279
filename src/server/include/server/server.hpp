#pragma once
/// The whole server as one object: engine, tokens, services, HTTP.

#include "auth/token.hpp"
#include "base/limits.hpp"
#include "base/timestamp.hpp"
#include "engine/database.hpp"
#include "engine/sqlite/sqlite_engine.hpp"
#include "feed/retention.hpp"
#include "http/listener.hpp"
#include "http/metrics_page.hpp"
#include "http/realtime.hpp"
#include "server/config.hpp"
#include "server/issuers_file.hpp"
#include "server/log.hpp"
#include "server/master_key.hpp"
#include "services/accounts.hpp"
#include "services/quotas.hpp"
#include "webhooks/dispatcher.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tenantry::server {

struct ServerOptions {
    engine::sqlite::Options engine{};
    /// A PostgreSQL database instead of the file; of `engine` its limits count, and its path as
    /// what the server's own files are called after.
    std::optional<pg::Url> postgres{};
    std::optional<pg::Url> postgres_direct{};  // past a pooler
    std::size_t writers = limits::writers;     // connections for writes to PostgreSQL

    engine::Location location() const {
        return postgres ? engine::Location{*postgres} : engine::Location{engine.path};
    }

    http::ListenerOptions http{};
    std::vector<std::string> cors_origins{};
    std::vector<std::string> functions{};    // of the database, that clients may call
    std::optional<Role> operators_act_as{};  // in tenants that their requests name; none: in none
    /// Where files are kept that come in over HTTP, until they are read.
    std::filesystem::path spool_folder{};
    std::shared_ptr<const MasterKeyPlace> master_key{};  // nullptr: the database's own
    feed::Retention retention{};                         // of each tenant's changes
    std::chrono::milliseconds trim_interval{std::chrono::minutes{1}};
    services::Quotas quotas{};  // of each tenant, unless its settings say otherwise
    http::RealtimeLimits realtime{};
    webhooks::Options webhooks{};
    http::MetricsAccess metrics = http::MetricsAccess::operators;
    services::AccountsOptions accounts{};
    std::filesystem::path signing_keys_file{};  // empty: tokens are signed with the secret
    std::vector<ConfiguredIssuer> issuers{};    // who else signs tokens
    std::string site_url{};                     // where links in mails lead
    std::shared_ptr<mail::Smtp> smtp{};         // nullptr: no mail is sent
};

/// What `configuration` says about serving; the secret is passed on its own.
/// Errors: bad_configuration for settings that don't go together.
Result<ServerOptions> server_options(const Configuration& configuration);

/// Runs from `start` to `stop`. Threads: any.
class Server {
public:
    /// Opens the database, which must be of the newest schema version (see
    /// tenantry migrate), listens and serves. `log` and `clock` must outlive it.
    /// Errors: those of engine::open_engine; bad_configuration for the address.
    static Result<std::unique_ptr<Server>> start(const ServerOptions& options, auth::Secret secret,
                                                 Log& log, const Clock& clock = system_clock());
    /// Stops, if that has not been done.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// The port that it listens on, also where port 0 was asked for.
    std::uint16_t port() const noexcept;
    /// Connections open now.
    std::size_t connections() const noexcept;

    /// Looks again for what others have made in the database, and serves that from now on. If it
    /// can't, all stays as it is, and the log says why.
    void reload() noexcept;

    /// Accepts no more, answers what it has accepted, makes every acknowledged write durable,
    /// closes the database.
    void stop();

private:
    class Impl;
    explicit Server(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// Ends a `serve`: SIGINT or SIGTERM. Construct it before other threads start, so that no signal
/// gets past it. A second signal ends the process at once, for whoever doesn't want to wait.
class StopSignal {
public:
    StopSignal();
    ~StopSignal();
    StopSignal(const StopSignal&) = delete;
    StopSignal& operator=(const StopSignal&) = delete;

    /// Blocks until such a signal has come; returns its number. Each SIGHUP before it calls
    /// `on_hangup`, on this thread.
    int wait(const std::function<void()>& on_hangup);

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tenantry::server
