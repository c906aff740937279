#pragma once
/// Log lines of the typed events: the one place that knows their wording. Lines go to standard
/// error, one an event: `key=value` after a sentence, or as a JSON object.

#include "http/observer.hpp"
#include "server/config.hpp"

#include <memory>
#include <string_view>

namespace spdlog {
class logger;  // NOLINT(readability-identifier-naming): the library's name
}

namespace tenantry::server {

struct DatabaseOpened {
    std::string_view database;
};
struct ServerStopped {};
/// The program made itself a master key.
struct MasterKeyMade {
    std::string_view file;
};
/// Tenants' secrets can't be used; `reason` says what to do.
struct MasterKeyUnusable {
    std::string_view reason;
};
/// The process may open fewer files than the configured connections need.
struct FileLimitLow {
    std::size_t allowed;
    std::size_t wanted;
};

/// The deletion of a tenant ended early, and nobody was waiting to be told.
struct RemovalFailed {
    std::string_view tenant;
    std::string_view what;
};
/// When API keys were last used could not be written down.
struct KeyUsesLost {
    std::string_view what;
};

struct TrimmingFailed {
    std::string_view tenant;  // empty: of all
    std::string_view what;
};

/// Something in the way of webhooks that is tried again.
struct WebhooksTroubled {
    std::string_view tenant;  // empty: all
    std::string_view what;
};

/// A mail could not be sent; perhaps it is tried again.
struct MailFailed {
    std::string_view what;
};
/// The file of signing keys is out of order; what it held before goes on.
struct SigningKeysUnusable {
    std::string_view what;
};

/// The keys of somebody else who signs tokens can't be had; those that were had go on.
struct IssuerUnusable {
    std::string_view issuer;
    std::string_view what;
};

/// What the server serves beside its own relations, at the start or after a SIGHUP.
struct RelationsFound {
    std::string_view names;  // with commas between
};
/// A table of others that isn't served for what it lacks.
struct TableNotServed {
    std::string_view problem;
    std::string_view remedy;
};
/// Which functions can be called.
struct FunctionsFound {
    std::string_view names;  // with commas between
};
/// A function that the configuration names and that can't be called for what it lacks.
struct FunctionNotServed {
    std::string_view name;
    std::string_view problem;
    std::string_view remedy;
};
/// What others have made couldn't be looked at; what was served before goes on.
struct RelationsUnknown {
    std::string_view what;
};

/// Threads: any, at the same time.
class Log final : public http::Observer {
public:
    struct Options {
        LogLevel level = LogLevel::info;
        bool access_log = false;  // a line for each request at `info`; otherwise at `debug`
        LogFormat format = LogFormat::text;
    };
    /// How the library lays out a line of that format, for loggers that are given.
    static std::string_view pattern_of(LogFormat format) noexcept;
    explicit Log(const Options& options);
    /// For tests: lines go to `logger`.
    Log(const Options& options, std::shared_ptr<spdlog::logger> logger);
    ~Log() override;
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    void observe(const http::RequestFinished& event) noexcept override;
    void observe(const http::RequestFaulted& event) noexcept override;
    void observe(const http::AcceptFailed& event) noexcept override;
    void observe(const http::ConnectionsExhausted& event) noexcept override;
    void observe(const http::SessionFaulted& event) noexcept override;
    void observe(const http::ListenerStarted& event) noexcept override;
    void observe(const http::ListenerDraining& event) noexcept override;
    void observe(const http::ListenerStopped& event) noexcept override;
    void observe(const DatabaseOpened& event) noexcept;
    void observe(const ServerStopped& event) noexcept;
    void observe(const FileLimitLow& event) noexcept;
    void observe(const KeyUsesLost& event) noexcept;
    void observe(const MasterKeyMade& event) noexcept;
    void observe(const MasterKeyUnusable& event) noexcept;
    void observe(const RemovalFailed& event) noexcept;
    void observe(const TrimmingFailed& event) noexcept;
    void observe(const WebhooksTroubled& event) noexcept;
    void observe(const MailFailed& event) noexcept;
    void observe(const SigningKeysUnusable& event) noexcept;
    void observe(const IssuerUnusable& event) noexcept;
    void observe(const RelationsFound& event) noexcept;
    void observe(const TableNotServed& event) noexcept;
    void observe(const FunctionsFound& event) noexcept;
    void observe(const FunctionNotServed& event) noexcept;
    void observe(const RelationsUnknown& event) noexcept;

private:
    class Line;

    std::shared_ptr<spdlog::logger> logger_;
    bool access_log_;
    LogFormat format_;
};

}  // namespace tenantry::server
