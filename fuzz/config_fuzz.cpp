/// Any bytes as a configuration: the first part is a file, the rest variables and flags in the
/// order of the settings, separated by 0x1E. Whatever comes, the outcome is a configuration that
/// its own text sets again, or a sentence that begins with the place and holds no secret.

#include "base/text.hpp"
#include "server/config.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace tenantry;
using namespace tenantry::server;

void require(bool truth) {
    if (!truth) std::abort();
}

/// Cuts off what stands before the next separator.
std::string_view take_part(std::string_view& rest) {
    const auto end = rest.find('\x1E');
    const auto part = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return part;
}

ConfigSources sources_of(std::string_view input) {
    ConfigSources sources;
    sources.file =
        ConfigFile{.name = "fuzz.toml", .folder = "/etc", .text = std::string{take_part(input)}};
    for (const auto& setting : settings()) {
        const auto variable = take_part(input);
        if (!variable.empty()) sources.environment[environment_name(setting.name)] = variable;
        const auto flag = take_part(input);
        if (!flag.empty() && !setting.secret) sources.flags.emplace_back(setting.name, flag);
    }
    return sources;
}

bool is_secret(std::string_view name) {
    for (const auto& setting : settings()) {
        if (setting.name == name) return setting.secret;
    }
    return false;
}

/// What is shown sets the same values again.
void check_held(const Configuration& configuration) {
    ConfigSources again;
    const auto shown = show(configuration);
    for (const auto& setting : shown) {
        if (!setting.value.empty() && !is_secret(setting.name)) {
            again.flags.emplace_back(setting.name, setting.value);
        }
    }
    const auto same = configure(again);
    require(same.has_value());
    const auto shown_again = show(*same);
    for (std::size_t i = 0; i < shown.size(); ++i) {
        require(is_secret(shown[i].name) || shown[i].value == shown_again[i].value);
    }
}

void check_refused(const Error& error, const ConfigSources& sources) {
    require(error.code == Errc::bad_configuration);
    require(is_clean_utf8(error.message));
    require(error.message.starts_with("fuzz.toml:") || error.message.starts_with("TENANTRY_") ||
            error.message.starts_with("--"));
    // Another setting's value is quoted, even if it happens to be the same text.
    if (!is_secret(error.field)) return;
    auto others = sources;
    const auto secret = others.environment.find(environment_name(error.field));
    if (secret == others.environment.end() || secret->second.size() < auth::Secret::bytes_min)
        return;
    if (error.message.find(secret->second) == std::string::npos) return;
    // A secret may happen to be a part of our own words: they stay the same with another.
    secret->second.assign(secret->second.size(), '?');
    const auto other = configure(others);
    require(!other && other.error().message == error.message);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto sources = sources_of({reinterpret_cast<const char*>(data), size});
    const auto configuration = configure(sources);
    if (configuration) {
        check_held(*configuration);
    } else {
        check_refused(configuration.error(), sources);
    }
    return 0;
}
