#include "server/config.hpp"

#include "base/text.hpp"
#include "config_specs.hpp"

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

/// What is shown of these is not what was written: a password may be in it.
bool is_url(std::string_view name) {
    return name == "database" || name == "database_direct" || name == "smtp_url";
}

bool has_password(const Configuration& configuration, std::string_view name) {
    if (name == "database") return configuration.database.value.has_password();
    const auto& direct = configuration.database_direct.value;
    return name == "database_direct" && direct && direct->has_password();
}

Result<void> apply(Configuration& configuration, const Entry& entry) {
    const auto found =
        std::ranges::find(specs(), entry.name, [](const Spec& s) { return s.info.name; });
    if (found == specs().end()) return at_source(entry, "there is no such setting");
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
            std::ranges::find(specs(), entry.name, [](const Spec& s) { return s.info.name; });
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
    for (const auto& info : settings()) {
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
    shown.reserve(specs().size());
    for (const auto& spec : specs()) {
        shown.push_back({spec.info.name, spec.print(configuration), spec.origin(configuration)});
    }
    return shown;
}

}  // namespace tenantry::server
