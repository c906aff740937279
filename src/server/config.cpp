#include "server/config.hpp"

#include "base/text.hpp"
#include "config_entry.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <thread>

namespace tenantry::server {
namespace {

using std::chrono::milliseconds;

/// How a file writes values of a setting, and what an error says they look like.
struct Shape {
    std::array<Written, 2> written;
    std::string_view words;
};
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

/// One row of the table that everything else here follows.
struct Spec {
    SettingInfo info;
    Shape shape;
    Result<void> (*take)(Configuration&, const Entry&) = nullptr;
    std::string (*print)(const Configuration&) = nullptr;
    const Origin& (*origin)(const Configuration&) = nullptr;
};

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

Result<std::vector<std::string>> read_origins(const Entry& entry) {
    return parse_origins(entry.value);
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
std::string text_of(http::MetricsAccess value) { return std::string{name_of(value)}; }
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

constexpr std::array specs{
    spec<&C::database, read_database>(
        {"database", "URL", "The database: sqlite:PATH, or postgres://user@host/database"},
        text_shape),
    spec<&C::database_direct, read_direct>(
        {"database_direct", "URL",
         "The same PostgreSQL database past its pooler, for migrations: postgres://…"},
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
    spec<&C::cors_origins, read_origins>(
        {"cors_origins", "ORIGINS",
         "Web pages that may call the API: https://app.example.com,... or *"},
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
    std::array<SettingInfo, specs.size()> all{};
    std::ranges::transform(specs, all.begin(), &Spec::info);
    return all;
}();

// --- putting it together ------------------------------------------------------------------------

/// What to call the source of `entry` in an error: the value's place in a file, else the name.
Error at_source(const Entry& entry, std::string_view message) {
    const auto& where = entry.origin.where;
    if (entry.origin.kind == Origin::Kind::file) {
        return fail(Errc::bad_configuration, fmt::format("{}: {}: {}", where, entry.name, message),
                    entry.name);
    }
    return fail(Errc::bad_configuration, fmt::format("{}: {}", where, message), entry.name);
}

bool fits(const Shape& shape, Written written) {
    return written == Written::untyped ||
           std::ranges::find(shape.written, written) != shape.written.end();
}

std::string_view words_for(const Entry& entry) {
    switch (entry.written) {
    case Written::integer: return "a whole number";
    case Written::texts: return "an array";
    case Written::boolean: return "true or false";
    case Written::other: return entry.value;
    default: return "text";
    }
}

/// Which databases there are is shown, but not as it was written: a password may be in it.
bool is_url(std::string_view name) { return name == "database" || name == "database_direct"; }

bool has_password(const Configuration& configuration, std::string_view name) {
    if (name == "database") return configuration.database.value.has_password();
    const auto& direct = configuration.database_direct.value;
    return name == "database_direct" && direct && direct->has_password();
}

Result<void> apply(Configuration& configuration, const Entry& entry) {
    const auto found =
        std::ranges::find(specs, entry.name, [](const Spec& s) { return s.info.name; });
    if (found == specs.end()) return at_source(entry, "there is no such setting");
    if (!fits(found->shape, entry.written)) {
        return at_source(
            entry, fmt::format("this must be {}, but is {}", found->shape.words, words_for(entry)));
    }
    if (!is_clean_utf8(entry.value)) return at_source(entry, "this must be UTF-8 text without NUL");
    const auto taken = found->take(configuration, entry);
    if (taken) return {};
    const bool show_value = !found->info.secret && !is_url(entry.name);
    if (!show_value) return at_source(entry, taken.error().message);
    return at_source(
        entry, fmt::format("{}; found {}", taken.error().message, quote_for_error(entry.value)));
}

Result<void> apply_file(Configuration& configuration, const ConfigFile& file) {
    TENANTRY_TRY(entries, parse_config_file(file));
    for (const auto& entry : entries) {
        TENANTRY_TRY_VOID(apply(configuration, entry));
        const auto found =
            std::ranges::find(specs, entry.name, [](const Spec& s) { return s.info.name; });
        const bool holds_secret = found->info.secret || has_password(configuration, entry.name);
        if (holds_secret && file.readable_by_others) {
            return at_source(
                entry,
                fmt::format("a file that others can read may hold no secret; run: chmod 600 {}",
                            file.name));
        }
    }
    return {};
}

Result<void> apply_environment(Configuration& configuration,
                               const std::map<std::string, std::string>& environment) {
    for (const auto& info : infos) {
        const auto name = environment_name(info.name);
        const auto variable = environment.find(name);
        if (variable == environment.end()) continue;
        TENANTRY_TRY_VOID(apply(configuration, {.name = std::string{info.name},
                                                .written = Written::untyped,
                                                .value = variable->second,
                                                .origin = {Origin::Kind::environment, name}}));
    }
    return {};
}

Result<void> apply_flags(Configuration& configuration,
                         const std::vector<std::pair<std::string, std::string>>& flags) {
    for (const auto& [name, value] : flags) {
        TENANTRY_TRY_VOID(apply(configuration, {.name = name,
                                                .written = Written::untyped,
                                                .value = value,
                                                .origin = {Origin::Kind::flag, flag_name(name)}}));
    }
    return {};
}

/// The secret and the file with the secret are two ways to say one thing.
template <class Secret, class File>
Result<void> keep_stronger(std::string_view name, Setting<Secret>& secret, Setting<File>& file) {
    if (!secret.value || !file.value) return {};
    if (secret.origin.kind == file.origin.kind) {
        return fail(Errc::bad_configuration,
                    fmt::format("{0}: {1} and {1}_file are both set; leave one out",
                                secret.origin.where, name));
    }
    if (secret.origin.kind > file.origin.kind) {
        file = {};
    } else {
        secret = {};
    }
    return {};
}

/// A direct way to another database than the one that is served would be a mistake.
Result<void> check_direct(const Configuration& configuration) {
    const auto& direct = configuration.database_direct;
    if (!direct.value || configuration.database.value.postgres()) return {};
    return fail(Errc::bad_configuration,
                fmt::format("{}: database_direct is a second way to a PostgreSQL database, and "
                            "database is {}; set both, or leave this one out",
                            direct.origin.where, configuration.database.value.text()),
                "database_direct");
}

std::size_t core_count() {
    return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 256);
}

}  // namespace

Configuration::Configuration()
    : database{*DatabaseUrl::parse("sqlite:tenantry.db")},
      listen{*ListenAddress::parse("127.0.0.1:8080")},
      threads{core_count()} {}

services::Quotas default_quotas(const Configuration& configuration) noexcept {
    return {.requests_per_second = configuration.quota_requests_per_second.value,
            .request_burst = configuration.quota_request_burst.value,
            .concurrent_requests = configuration.quota_concurrent_requests.value,
            .rows = configuration.quota_rows.value,
            .body_bytes = configuration.quota_body_bytes.value};
}

Result<Configuration> configure(const ConfigSources& sources) {
    Configuration configuration;
    if (sources.file) TENANTRY_TRY_VOID(apply_file(configuration, *sources.file));
    TENANTRY_TRY_VOID(apply_environment(configuration, sources.environment));
    TENANTRY_TRY_VOID(apply_flags(configuration, sources.flags));
    TENANTRY_TRY_VOID(check_direct(configuration));
    TENANTRY_TRY_VOID(
        keep_stronger("jwt_secret", configuration.jwt_secret, configuration.jwt_secret_file));
    TENANTRY_TRY_VOID(
        keep_stronger("master_key", configuration.master_key, configuration.master_key_file));
    return configuration;
}

std::span<const SettingInfo> settings() { return infos; }

std::string environment_name(std::string_view setting) {
    std::string name = "TENANTRY_";
    for (const char c : setting)
        name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return name;
}

std::string flag_name(std::string_view setting) {
    std::string name = "--";
    for (const char c : setting) name += c == '_' ? '-' : c;
    return name;
}

std::map<std::string, std::string> read_environment() {
    std::map<std::string, std::string> variables;
    for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
        const std::string_view text = *variable;
        const auto equals = text.find('=');
        if (!text.starts_with("TENANTRY_") || equals == std::string_view::npos) continue;
        variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return variables;
}

std::vector<ShownSetting> show(const Configuration& configuration) {
    std::vector<ShownSetting> shown;
    shown.reserve(specs.size());
    for (const auto& spec : specs) {
        shown.push_back({spec.info.name, spec.print(configuration), spec.origin(configuration)});
    }
    return shown;
}

}  // namespace tenantry::server
