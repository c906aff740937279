// Each setting: its name, what it is for, how it is read and shown.

#include "config_specs.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace tenantry::server {
namespace {

using std::chrono::milliseconds;

constexpr Shape text_shape{{Written::text}, "text in quotes"};
constexpr Shape list_shape{{Written::text, Written::texts},
                           "text in quotes, or an array of such texts"};
constexpr Shape count_shape{{Written::integer}, "a whole number without quotes"};
constexpr Shape bytes_shape{{Written::text, Written::integer},
                            "a number of bytes, or text such as \"8MiB\""};
constexpr Shape quota_shape{{Written::integer, Written::text},
                            "a whole number without quotes, or \"unlimited\""};
constexpr Shape duration_shape{{Written::text}, "text such as \"15s\""};
constexpr Shape boolean_shape{{Written::boolean}, "true or false without quotes"};

// --- parsers, one a type: Result<T>(const Entry&) ----------------------------------------------

Result<DatabaseUrl> read_database(const Entry& entry) {
    return DatabaseUrl::parse(entry.value, entry.base);
}

Result<std::optional<DatabaseUrl>> read_direct(const Entry& entry) {
    TENANTRY_TRY(url, DatabaseUrl::parse(entry.value));
    if (url.postgres()) return std::optional{std::move(url)};
    return fail(Errc::bad_value, "this is a PostgreSQL database: postgres://user@host/database");
}

Result<ListenAddress> read_listen(const Entry& entry) { return ListenAddress::parse(entry.value); }

Result<std::optional<auth::Secret>> read_secret(const Entry& entry) {
    TENANTRY_TRY(secret, auth::Secret::parse(entry.value));
    return std::optional{std::move(secret)};
}

Result<std::optional<auth::MasterKey>> read_master_key(const Entry& entry) {
    TENANTRY_TRY(key, auth::MasterKey::parse(entry.value));
    return std::optional{std::move(key)};
}

Result<std::optional<std::filesystem::path>> read_path(const Entry& entry) {
    if (entry.value.empty()) return fail(Errc::bad_value, "this is the path of a file");
    return std::optional{entry.base / entry.value};
}

Result<std::string> read_text(const Entry& entry) {
    if (entry.value.empty()) return fail(Errc::bad_value, "this is a text that is not empty");
    return entry.value;
}

Result<std::optional<mail::Password>> read_password(const Entry& entry) {
    TENANTRY_TRY(text, read_text(entry));
    return std::optional{mail::Password{text}};
}

/// What is shown must hold no secret.
Result<std::string> read_smtp_url(const Entry& entry) {
    if (entry.value.find('@') == std::string::npos) return read_text(entry);
    return fail(Errc::bad_value, "leave name and password to smtp_user and smtp_password");
}

/// A base for paths, so without one of its own slashes at the end.
Result<std::string> read_base_url(const Entry& entry) {
    TENANTRY_TRY_VOID(check_web_url(entry.value));
    auto url = entry.value;
    while (url.ends_with('/')) url.pop_back();
    return url;
}

Result<std::string> read_page_url(const Entry& entry) {
    TENANTRY_TRY_VOID(check_web_url(entry.value));
    return entry.value;
}

Result<std::vector<std::string>> read_origins(const Entry& entry) {
    return parse_origins(entry.value);
}

Result<std::optional<Role>> read_operators_role(const Entry& entry) {
    if (entry.value == "none") return std::optional<Role>{};
    for (const auto role : {Role::viewer, Role::operator_, Role::admin}) {
        if (entry.value == name_of(role)) return std::optional{role};
    }
    return fail(Errc::bad_value, "this is one of none, viewer, operator and admin");
}

Result<std::vector<std::string>> read_functions(const Entry& entry) {
    return parse_functions(entry.value);
}

Result<LogLevel> read_log_level(const Entry& entry) {
    for (const auto level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error}) {
        if (entry.value == name_of(level)) return level;
    }
    return fail(Errc::bad_value, "a log level is one of debug, info, warning and error");
}

Result<LogFormat> read_log_format(const Entry& entry) {
    for (const auto format : {LogFormat::text, LogFormat::json}) {
        if (entry.value == name_of(format)) return format;
    }
    return fail(Errc::bad_value, "a log format is either text or json");
}

Result<http::MetricsAccess> read_metrics(const Entry& entry) {
    using enum http::MetricsAccess;
    for (const auto access : {off, operators, loopback, on}) {
        if (entry.value == name_of(access)) return access;
    }
    return fail(Errc::bad_value, "this is one of off, operators, loopback and on");
}

template <std::size_t Index>
Result<std::uint64_t> read_quota(const Entry& entry) {
    return services::parse_quota(services::quota_infos[Index], entry.value);
}

Result<bool> read_boolean(const Entry& entry) {
    if (entry.value == "true") return true;
    if (entry.value == "false") return false;
    return fail(Errc::bad_value, "this is either true or false");
}

template <std::size_t Min, std::size_t Max>
Result<std::size_t> read_count(const Entry& entry) {
    std::size_t count = 0;
    const auto* end = entry.value.data() + entry.value.size();
    const auto [stop, error] = std::from_chars(entry.value.data(), end, count);
    const bool whole = error == std::errc{} && stop == end;
    if (whole && count >= Min && count <= Max) return count;
    return fail(Errc::out_of_range, fmt::format("this is a whole number from {} to {}", Min, Max));
}

template <std::size_t Min, std::size_t Max>
Result<std::size_t> read_bytes(const Entry& entry) {
    TENANTRY_TRY(bytes, parse_bytes(entry.value));
    if (bytes >= Min && bytes <= Max) return bytes;
    return fail(Errc::out_of_range,
                fmt::format("this is a size from {} to {}", bytes_text(Min), bytes_text(Max)));
}

template <std::int64_t Min, std::int64_t Max>
Result<milliseconds> read_duration(const Entry& entry) {
    TENANTRY_TRY(duration, parse_duration(entry.value));
    if (duration.count() >= Min && duration.count() <= Max) return duration;
    return fail(Errc::out_of_range,
                fmt::format("this is a duration from {} to {}", duration_text(milliseconds{Min}),
                            duration_text(milliseconds{Max})));
}

// --- printers: the form that the parser reads ---------------------------------------------------

std::string text_of(const DatabaseUrl& value) { return value.text(); }
std::string text_of(const std::optional<DatabaseUrl>& value) { return value ? value->text() : ""; }
std::string text_of(const ListenAddress& value) { return value.text(); }
std::string text_of(const std::vector<std::string>& value) {
    return fmt::format("{}", fmt::join(value, ","));
}
std::string text_of(LogLevel value) { return std::string{name_of(value)}; }
std::string text_of(LogFormat value) { return std::string{name_of(value)}; }
std::string text_of(const std::optional<Role>& value) {
    return value ? std::string{name_of(*value)} : "none";
}
std::string text_of(http::MetricsAccess value) { return std::string{name_of(value)}; }
std::string text_of(const std::string& value) { return value; }
std::string text_of(const std::optional<mail::Password>& value) { return value ? "(set)" : ""; }
std::string text_of(bool value) { return value ? "true" : "false"; }
std::string text_of(std::size_t value) { return std::to_string(value); }
std::string text_of(milliseconds value) { return duration_text(value); }
std::string text_of(const std::optional<auth::Secret>& value) { return value ? "(set)" : ""; }
std::string text_of(const std::optional<auth::MasterKey>& value) { return value ? "(set)" : ""; }
std::string text_of(const std::optional<std::filesystem::path>& value) {
    return value ? value->string() : "";
}

// --- the table ----------------------------------------------------------------------------------

template <auto Member, auto Read>
Result<void> take(Configuration& configuration, const Entry& entry) {
    auto value = Read(entry);
    if (!value) return value.error();
    auto& setting = configuration.*Member;
    setting.value = std::move(*value);
    setting.origin = entry.origin;
    return {};
}

template <auto Member>
std::string print(const Configuration& configuration) {
    return text_of((configuration.*Member).value);
}

template <auto Member>
std::string print_bytes(const Configuration& configuration) {
    return bytes_text((configuration.*Member).value);
}

template <auto Member>
std::string print_quota(const Configuration& configuration) {
    return services::quota_text((configuration.*Member).value);
}

template <auto Member>
const Origin& origin(const Configuration& configuration) {
    return (configuration.*Member).origin;
}

template <auto Member, auto Read>
constexpr Spec spec(SettingInfo info, Shape shape) {
    return {info, shape, take<Member, Read>, print<Member>, origin<Member>};
}

template <auto Member, std::size_t Min, std::size_t Max>
constexpr Spec count_spec(std::string_view name, std::string_view help) {
    return spec<Member, read_count<Min, Max>>({name, "NUMBER", help}, count_shape);
}

template <auto Member, std::size_t Min, std::size_t Max>
constexpr Spec bytes_spec(std::string_view name, std::string_view help) {
    return {{name, "SIZE", help},
            bytes_shape,
            take<Member, read_bytes<Min, Max>>,
            print_bytes<Member>,
            origin<Member>};
}

template <auto Member, std::int64_t Min, std::int64_t Max>
constexpr Spec duration_spec(std::string_view name, std::string_view help) {
    return spec<Member, read_duration<Min, Max>>({name, "DURATION", help}, duration_shape);
}

template <auto Member, std::size_t Index>
constexpr Spec quota_spec(std::string_view name, std::string_view help) {
    return {{name, "NUMBER", help},
            quota_shape,
            take<Member, read_quota<Index>>,
            print_quota<Member>,
            origin<Member>};
}

using C = Configuration;
constexpr std::size_t kib = 1UL << 10;
constexpr std::size_t gib = 1UL << 30;
constexpr std::int64_t minute = 60'000;
constexpr std::int64_t hour = 60 * minute;

constexpr std::array table{
    spec<&C::database, read_database>(
        {"database", "URL", "The database: sqlite:PATH, or postgres://user@host/database"},
        text_shape),
    spec<&C::database_direct, read_direct>(
        {"database_direct", "URL",
         "The same PostgreSQL database past its pooler, for migrations and notifications: "
         "postgres://…"},
        text_shape),
    spec<&C::listen, read_listen>(
        {"listen", "ADDRESS:PORT", "Where to listen for HTTP; port 0 takes a free one"},
        text_shape),
    spec<&C::jwt_secret, read_secret>(
        {"jwt_secret", "TEXT", "The secret that signs tokens, at least 32 bytes", true},
        text_shape),
    spec<&C::jwt_secret_file, read_path>(
        {"jwt_secret_file", "FILE", "A file, private to its owner, that holds the signing secret"},
        text_shape),
    spec<&C::master_key, read_master_key>(
        {"master_key", "KEY",
         "The key that wraps the tenants' keys: 32 bytes as base64 or hexadecimal digits", true},
        text_shape),
    spec<&C::master_key_file, read_path>(
        {"master_key_file", "FILE", "A file, private to its owner, that holds the master key"},
        text_shape),
    spec<&C::signing_keys_file, read_path>(
        {"signing_keys_file", "FILE",
         "A file, private to its owner, with the key pairs of access tokens; see tenantry "
         "signing-key"},
        text_shape),
    spec<&C::issuers_file, read_path>(
        {"issuers_file", "FILE",
         "A file that names who else signs tokens for this server, and where their keys are"},
        text_shape),
    spec<&C::public_url, read_base_url>(
        {"public_url", "URL", "Where clients reach this server: it is the issuer of its tokens"},
        text_shape),
    spec<&C::site_url, read_page_url>(
        {"site_url", "URL", "The page of the application that links in mails lead to"}, text_shape),
    duration_spec<&C::access_token_lifetime, 1000, 24 * hour>(
        "access_token_lifetime", "How long the access token of a user who signs in holds"),
    duration_spec<&C::session_idle_max, minute, std::int64_t{3650} * 24 * hour>(
        "session_idle_max", "How long a session may go without being refreshed before it ends"),
    count_spec<&C::password_bytes_min, 6, 72>("password_bytes_min",
                                              "Bytes that a user's password has at the least"),
    count_spec<&C::sign_in_attempts, 1, 1'000'000>(
        "sign_in_attempts", "Attempts to sign in or up, a minute, of one address of the network"),
    spec<&C::smtp_url, read_smtp_url>(
        {"smtp_url", "URL", "The server that sends mails: smtp://host:587 or smtps://host"},
        text_shape),
    spec<&C::smtp_user, read_text>({"smtp_user", "NAME", "Who signs in to it"}, text_shape),
    spec<&C::smtp_password, read_password>({"smtp_password", "TEXT", "With which password", true},
                                           text_shape),
    spec<&C::smtp_from, read_text>({"smtp_from", "ADDRESS", "The address that mails come from"},
                                   text_shape),
    spec<&C::smtp_ca_file, read_path>(
        {"smtp_ca_file", "FILE", "The authorities that the mail server's certificate may be of"},
        text_shape),
    spec<&C::cors_origins, read_origins>(
        {"cors_origins", "ORIGINS",
         "Web pages that may call the API: https://app.example.com,... or *"},
        list_shape),
    spec<&C::operators_act_as, read_operators_role>(
        {"operators_act_as", "ROLE",
         "What operators' keys may do in a tenant that x-tenant-id names: none, viewer, operator, "
         "admin"},
        text_shape),
    spec<&C::functions, read_functions>(
        {"functions", "NAMES", "Functions of the database that clients may call: one,another"},
        list_shape),
    spec<&C::log_level, read_log_level>(
        {"log_level", "LEVEL", "Least severity to log: debug, info, warning or error"}, text_shape),
    spec<&C::access_log, read_boolean>({"access_log", "BOOLEAN", "Log a line for each request"},
                                       boolean_shape),
    spec<&C::log_format, read_log_format>(
        {"log_format", "FORMAT", "How log lines are written: text or json"}, text_shape),
    spec<&C::metrics, read_metrics>(
        {"metrics", "ACCESS",
         "Who may read /metrics: off (nobody), operators, loopback (and operators) or on"},
        text_shape),
    count_spec<&C::threads, 1, 256>("threads",
                                    "Threads that serve requests; by default one a core"),
    count_spec<&C::readers, 1, 64>("readers", "Database connections for reading"),
    count_spec<&C::writers, 1, 64>("writers", "PostgreSQL connections for writing"),
    count_spec<&C::connections_max, 1, 1'000'000>("connections_max", "HTTP connections at a time"),
    count_spec<&C::write_queue_max, 1, 1'000'000>(
        "write_queue_max", "Writes that may wait before more are refused as overloaded"),
    bytes_spec<&C::body_bytes_max, kib, gib>("body_bytes_max", "Largest body of a request"),
    bytes_spec<&C::import_bytes_max, kib, 1024 * gib>("import_bytes_max",
                                                      "Largest file of an import over HTTP"),
    bytes_spec<&C::header_bytes_max, kib, kib * kib>("header_bytes_max",
                                                     "Largest header of a request"),
    duration_spec<&C::request_deadline, 1, hour>(
        "request_deadline", "How long a request may take, from its first byte to its answer"),
    duration_spec<&C::import_deadline, 1, 24 * hour>(
        "import_deadline", "How long a file may take to come in, and then to be imported"),
    duration_spec<&C::idle_timeout, 1, 24 * hour>(
        "idle_timeout", "How long a connection may wait for its next request"),
    duration_spec<&C::shutdown_timeout, 0, hour>(
        "shutdown_timeout", "How long requests may still take once the server was told to stop"),
    duration_spec<&C::lock_timeout, 0, 10 * minute>(
        "lock_timeout", "How long to wait for another process that holds the database"),
    count_spec<&C::changes_kept, 1, 1'000'000'000>(
        "changes_kept", "Changes of one tenant that are kept for who was away; older ones go"),
    duration_spec<&C::changes_kept_for, minute, std::int64_t{3650} * 24 * hour>(
        "changes_kept_for", "How long changes are kept; older ones go"),
    count_spec<&C::realtime_channels_max, 1, 10'000>("realtime_channels_max",
                                                     "Channels of one realtime socket"),
    count_spec<&C::realtime_events_per_second, 1, 100'000>(
        "realtime_events_per_second", "Events a second that one realtime client may send"),
    bytes_spec<&C::realtime_payload_bytes_max, kib, 64 * kib * kib>(
        "realtime_payload_bytes_max", "Largest payload of a broadcast"),
    bytes_spec<&C::realtime_outbox_bytes_max, 64 * kib, gib>(
        "realtime_outbox_bytes_max", "What may wait for one realtime client to take it"),
    bytes_spec<&C::realtime_tenant_outbox_bytes_max, 64 * kib, 64 * gib>(
        "realtime_tenant_outbox_bytes_max",
        "What may wait for all realtime clients of a tenant together"),
    count_spec<&C::webhook_attempts, 1, 100>(
        "webhook_attempts", "How often a webhook's message is tried before it is given up"),
    spec<&C::webhooks_private, read_boolean>(
        {"webhooks_private", "BOOLEAN",
         "Whether webhooks may go to private addresses, and by http without TLS"},
        boolean_shape),
    quota_spec<&C::quota_requests_per_second, 0>(
        "quota_requests_per_second", "Requests a second of one tenant; 0 or unlimited for any"),
    quota_spec<&C::quota_request_burst, 1>(
        "quota_request_burst",
        "Requests of one tenant at once after a pause; if unlimited, two seconds' worth"),
    quota_spec<&C::quota_concurrent_requests, 2>("quota_concurrent_requests",
                                                 "Requests of one tenant at the same time"),
    quota_spec<&C::quota_rows, 3>("quota_rows", "Rows of one tenant, of all relations together"),
    quota_spec<&C::quota_body_bytes, 4>("quota_body_bytes",
                                        "Bytes of a body of one tenant, below body_bytes_max"),
};

constexpr auto infos = [] {
    std::array<SettingInfo, table.size()> all{};
    std::ranges::transform(table, all.begin(), &Spec::info);
    return all;
}();

}  // namespace

std::span<const Spec> specs() noexcept { return table; }
std::span<const SettingInfo> settings() { return infos; }

}  // namespace tenantry::server
