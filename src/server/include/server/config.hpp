#pragma once
/// What the program is told: defaults, a TOML file, the environment, flags; the later the stronger.
///
/// Every setting has one name. `log_level` is `log_level` in the file, `TENANTRY_LOG_LEVEL` in the
/// environment and `--log-level` as a flag. All three go through the same parser, so a value that
/// is held has been checked, and it remembers where it came from.
///
/// Errors of everything here are bad_configuration unless stated otherwise: a sentence that begins
/// with the place (`tenantry.toml:3:11`, `TENANTRY_LISTEN`, `--listen`). They never hold a secret.
/// Threads: values and pure functions, but for `read_config_file` and `read_environment`.

#include "auth/keys.hpp"
#include "auth/token.hpp"
#include "base/error.hpp"
#include "base/limits.hpp"
#include "engine/database.hpp"
#include "feed/retention.hpp"
#include "http/metrics_page.hpp"
#include "http/realtime.hpp"
#include "mail/smtp.hpp"
#include "pg/url.hpp"
#include "services/quotas.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenantry::server {

/// An IP address and a TCP port to listen on: `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`
/// (which is 127.0.0.1). Port 0 lets the system choose.
class ListenAddress {
public:
    /// Errors: bad_value.
    static Result<ListenAddress> parse(std::string_view text);

    /// A numeric address without brackets.
    const std::string& host() const noexcept { return host_; }
    std::uint16_t port() const noexcept { return port_; }
    bool is_v6() const noexcept { return host_.find(':') != std::string::npos; }
    /// Whether only this machine can reach it.
    bool is_loopback() const noexcept { return host_ == "::1" || host_.starts_with("127."); }
    /// As `parse` reads it.
    std::string text() const;

    friend bool operator==(const ListenAddress&, const ListenAddress&) = default;

private:
    ListenAddress(std::string host, std::uint16_t port) : host_{std::move(host)}, port_{port} {}
    std::string host_;
    std::uint16_t port_;
};

/// Where the rows live: `sqlite:PATH`, or `postgres://user@host/database`.
class DatabaseUrl {
public:
    /// A relative path is taken from `base`; as it is if that is empty.
    /// Errors: bad_value; the text never repeats the URL, which may hold a password.
    static Result<DatabaseUrl> parse(std::string_view text, const std::filesystem::path& base = {});

    /// The database file; of PostgreSQL `tenantry`, a name for files of the server's own to begin
    /// with.
    const std::filesystem::path& path() const noexcept { return path_; }
    const std::optional<pg::Url>& postgres() const noexcept { return postgres_; }
    engine::Location location() const {
        return postgres_ ? engine::Location{*postgres_} : engine::Location{path_};
    }
    /// As `parse` reads it, but for passwords, which are left out.
    std::string text() const { return postgres_ ? postgres_->shown() : "sqlite:" + path_.string(); }
    bool has_password() const;

    friend bool operator==(const DatabaseUrl&, const DatabaseUrl&) = default;

private:
    explicit DatabaseUrl(std::filesystem::path path, std::optional<pg::Url> postgres = {})
        : path_{std::move(path)}, postgres_{std::move(postgres)} {}
    std::filesystem::path path_;
    std::optional<pg::Url> postgres_;
};

enum class LogLevel { debug, info, warning, error };
std::string_view name_of(LogLevel level) noexcept;

enum class LogFormat { text, json };
std::string_view name_of(LogFormat format) noexcept;

/// `off`, `operators`, `loopback`, `on`.
std::string_view name_of(http::MetricsAccess access) noexcept;

/// `500ms`, `90s`, `15m`, `12h`, `7d`: a whole number and one unit, at most 3650 days.
/// Errors: bad_value.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);
/// In the largest unit that needs no fraction; `parse_duration` reads it back.
std::string duration_text(std::chrono::milliseconds duration);

/// `65536`, `64KiB`, `8MiB`, `1GiB`. Errors: bad_value.
Result<std::size_t> parse_bytes(std::string_view text);
std::string bytes_text(std::size_t bytes);

/// The origins of web pages (Fetch standard, "Origin header"), separated by commas: `*`, or a
/// scheme, host and port such as `https://app.example.com`. Errors: bad_value.
Result<std::vector<std::string>> parse_origins(std::string_view text);
/// Names of functions, with commas between.
Result<std::vector<std::string>> parse_functions(std::string_view text);

/// Errors: bad_value unless it is an http or https URL without spaces, quotes and fragments.
Result<void> check_web_url(std::string_view text);

/// Where a setting came from.
struct Origin {
    enum class Kind { standard, file, environment, flag };
    Kind kind = Kind::standard;
    std::string
        where{};  // `tenantry.toml:3:11`, `TENANTRY_LISTEN`, `--listen`; empty for a default

    friend bool operator==(const Origin&, const Origin&) = default;
};
/// `default`, `file`, `environment`, `flag`.
std::string_view name_of(Origin::Kind kind) noexcept;

template <class T>
struct Setting {
    T value;
    Origin origin{};
};

/// Everything that can be set. Move-only, since it may hold secrets.
struct Configuration {
    Configuration();

    Setting<DatabaseUrl> database;
    /// The same PostgreSQL database past its pooler, for what wants a session of its own.
    Setting<std::optional<DatabaseUrl>> database_direct{};
    Setting<ListenAddress> listen;
    /// At most one of the two is set: the stronger source's.
    Setting<std::optional<auth::Secret>> jwt_secret{};
    Setting<std::optional<std::filesystem::path>> jwt_secret_file{};
    /// The same goes for these.
    Setting<std::optional<auth::MasterKey>> master_key{};
    Setting<std::optional<std::filesystem::path>> master_key_file{};
    /// Key pairs for access tokens; by default a file beside the database, if it is there.
    Setting<std::optional<std::filesystem::path>> signing_keys_file{};
    /// Who else signs tokens for this server.
    Setting<std::optional<std::filesystem::path>> issuers_file{};
    Setting<std::string> public_url{};  // where clients reach the server; no slash at the end
    Setting<std::string> site_url{};    // the page that links in mails lead to
    Setting<std::chrono::milliseconds> access_token_lifetime{std::chrono::hours{1}};
    Setting<std::chrono::milliseconds> session_idle_max{std::chrono::days{30}};
    Setting<std::size_t> password_bytes_min{8};
    Setting<std::size_t> sign_in_attempts{60};  // a minute, of one address of the network
    Setting<std::string> smtp_url{};            // empty: no mail is sent
    Setting<std::string> smtp_user{};
    Setting<std::optional<mail::Password>> smtp_password{};
    Setting<std::string> smtp_from{};
    Setting<std::optional<std::filesystem::path>> smtp_ca_file{};
    /// Web pages of these origins may call the API from a browser; `*` stands for all.
    Setting<std::vector<std::string>> cors_origins{};
    /// What operators' keys are good for in tenants that their requests name; none: nothing.
    Setting<std::optional<Role>> operators_act_as{};
    /// Of the database, which clients may call.
    Setting<std::vector<std::string>> functions{};
    Setting<LogLevel> log_level{LogLevel::info};
    Setting<bool> access_log{false};  // a line for each request
    Setting<LogFormat> log_format{LogFormat::text};
    Setting<http::MetricsAccess> metrics{http::MetricsAccess::operators};
    Setting<std::size_t> threads;                   // that serve; default: one a core
    Setting<std::size_t> readers{limits::readers};  // database connections for reads
    Setting<std::size_t> writers{limits::writers};  // PostgreSQL connections for writes
    Setting<std::size_t> connections_max{10'000};
    Setting<std::size_t> write_queue_max{limits::write_queue_max};
    Setting<std::size_t> body_bytes_max{limits::body_bytes_max};
    Setting<std::size_t> import_bytes_max{limits::import_bytes_max};
    Setting<std::size_t> header_bytes_max{limits::header_bytes_max};
    Setting<std::chrono::milliseconds> request_deadline{limits::request_deadline};
    Setting<std::chrono::milliseconds> import_deadline{limits::import_deadline};
    Setting<std::chrono::milliseconds> idle_timeout{limits::idle_timeout};
    Setting<std::chrono::milliseconds> shutdown_timeout{std::chrono::seconds{10}};
    Setting<std::chrono::milliseconds> lock_timeout{
        std::chrono::seconds{5}};                                  // another process's lock
    Setting<std::size_t> changes_kept{feed::Retention{}.changes};  // of each tenant
    Setting<std::chrono::milliseconds> changes_kept_for{feed::Retention{}.age};
    Setting<std::size_t> realtime_channels_max{http::RealtimeLimits{}.channels_max};
    Setting<std::size_t> realtime_events_per_second{http::RealtimeLimits{}.events_per_second};
    Setting<std::size_t> realtime_payload_bytes_max{http::RealtimeLimits{}.payload_bytes_max};
    Setting<std::size_t> realtime_outbox_bytes_max{http::RealtimeLimits{}.outbox_bytes_max};
    Setting<std::size_t> realtime_tenant_outbox_bytes_max{
        http::RealtimeLimits{}.tenant_outbox_bytes_max};
    Setting<std::size_t> webhook_attempts{16};
    Setting<bool> webhooks_private{false};  // may go to private addresses, and without TLS
    // Of each tenant, unless its own settings say otherwise; 0 is none.
    Setting<std::uint64_t> quota_requests_per_second{services::Quotas{}.requests_per_second};
    Setting<std::uint64_t> quota_request_burst{services::Quotas{}.request_burst};
    Setting<std::uint64_t> quota_concurrent_requests{services::Quotas{}.concurrent_requests};
    Setting<std::uint64_t> quota_rows{services::Quotas{}.rows};
    Setting<std::uint64_t> quota_body_bytes{services::Quotas{}.body_bytes};
};

/// The quotas that hold for tenants without their own.
services::Quotas default_quotas(const Configuration& configuration) noexcept;

/// A configuration file as read. `name` is how it is called in errors.
struct ConfigFile {
    std::string name;
    std::filesystem::path folder;  // that relative paths in it start from
    std::string text;
    bool readable_by_others = false;  // then it may hold no secret
};

/// The three layers, unparsed.
struct ConfigSources {
    std::optional<ConfigFile> file{};
    std::map<std::string, std::string> environment{};          // may hold any variables
    std::vector<std::pair<std::string, std::string>> flags{};  // setting name, value
};

Result<Configuration> configure(const ConfigSources& sources);

/// The file at `path`, which must exist. At most 1 MiB.
Result<ConfigFile> read_config_file(const std::filesystem::path& path);
/// Which file applies: `flag` (from --config), else TENANTRY_CONFIG, else ./tenantry.toml if there
/// is one, else none. Errors: as read_config_file for the first two.
Result<std::optional<ConfigFile>> find_config_file(
    const std::optional<std::string>& flag, const std::map<std::string, std::string>& environment);
/// This process's variables whose names begin with `TENANTRY_`.
std::map<std::string, std::string> read_environment();

/// What there is to know of a setting apart from its value.
struct SettingInfo {
    std::string_view name;
    std::string_view form;  // of its value: `ADDRESS:PORT`
    std::string_view help;  // one sentence
    bool secret = false;    // never shown, and no flag, since other users can read those
};
/// All settings, in the order in which they are shown.
std::span<const SettingInfo> settings();
/// Errors: never; `name` must be one of `settings()`.
std::string environment_name(std::string_view setting);
std::string flag_name(std::string_view setting);

/// A setting for people: its value in the form that would set it, `(set)` for a secret, empty where
/// there is none.
struct ShownSetting {
    std::string_view name;
    std::string value;
    Origin origin;
};
std::vector<ShownSetting> show(const Configuration& configuration);

}  // namespace tenantry::server
