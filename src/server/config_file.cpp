#include "base/text.hpp"
#include "config_entry.hpp"
#include "descriptor.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace tenantry::server {
namespace {

constexpr std::size_t config_bytes_max = 1UL << 20;

Error refuse(std::string message) { return fail(Errc::bad_configuration, std::move(message)); }

std::string place(const ConfigFile& file, const toml::source_region& source) {
    return fmt::format("{}:{}:{}", file.name, source.begin.line, source.begin.column);
}

/// Whether `word` stands in `text` other than in the name of a file that holds the secret.
bool mentions(std::string_view text, std::string_view word) {
    constexpr std::string_view file = "_file";
    for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
        if (!text.substr(at + word.size()).starts_with(file)) return true;
    }
    return false;
}

bool mentions_secret(std::string_view text) {
    const auto lower = to_lower_ascii(text);
    return mentions(lower, "secret") || mentions(lower, "master_key");
}

/// The parser's own words repeat what it stumbled over, which may be a piece of the secret.
Error not_toml(const ConfigFile& file, const toml::parse_error& error) {
    const auto where = place(file, error.source());
    if (mentions_secret(file.text)) {
        return refuse(
            fmt::format("{}: here the file is no TOML; text stands in \"quotes\"", where));
    }
    return refuse(
        fmt::format("{}: here the file is no TOML: {}", where, printable(error.description())));
}

std::string_view words_for(const toml::node& node) {
    switch (node.type()) {
    case toml::node_type::table: return "a table";
    case toml::node_type::array: return "an array";
    case toml::node_type::string: return "text";
    case toml::node_type::integer: return "a whole number";
    case toml::node_type::floating_point: return "a decimal number";
    case toml::node_type::boolean: return "true or false";
    default: return "a date or time";
    }
}

Error unknown_key(const ConfigFile& file, const toml::key& key) {
    std::vector<std::string_view> names;
    for (const auto& setting : settings()) names.push_back(setting.name);
    return refuse(fmt::format("{}: there is no setting {}; there are {}", place(file, key.source()),
                              quote_for_error(key.str()), fmt::join(names, ", ")));
}

/// The elements of an array that holds nothing but text, with commas between them.
std::optional<std::string> join_texts(const toml::node& node) {
    const auto* array = node.as_array();
    if (array == nullptr || array->empty() || !array->is_homogeneous<std::string>())
        return std::nullopt;
    std::vector<std::string_view> texts;
    for (const auto& element : *array) texts.push_back(element.as_string()->get());
    return fmt::format("{}", fmt::join(texts, ","));
}

Entry entry_of(const ConfigFile& file, const toml::key& key, const toml::node& node) {
    Entry entry{.name = std::string{key.str()},
                .written = Written::other,
                .value = std::string{words_for(node)},
                .base = file.folder,
                .origin = {Origin::Kind::file, place(file, node.source())}};
    if (const auto* text = node.as_string()) {
        entry.written = Written::text;
        entry.value = text->get();
    } else if (const auto* integer = node.as_integer()) {
        entry.written = Written::integer;
        entry.value = std::to_string(integer->get());
    } else if (const auto list = join_texts(node)) {
        entry.written = Written::texts;
        entry.value = *list;
    } else if (const auto* boolean = node.as_boolean()) {
        entry.written = Written::boolean;
        entry.value = boolean->get() ? "true" : "false";
    }
    return entry;
}

Error unreadable(const std::filesystem::path& path, std::string_view why) {
    return refuse(fmt::format("cannot read the configuration file {}: {}", path.string(), why));
}

}  // namespace

std::string quote_for_error(std::string_view text) {
    constexpr std::size_t bytes_max = 64;
    if (text.size() <= bytes_max) return fmt::format("\"{}\"", printable(text));
    auto cut = text.substr(0, bytes_max);
    // Never cut a character in two.
    while (!cut.empty() && (static_cast<unsigned char>(cut.back()) & 0x80U) != 0)
        cut.remove_suffix(1);
    return fmt::format("\"{}…\"", printable(cut));
}

Result<std::vector<Entry>> parse_config_file(const ConfigFile& file) {
    if (!is_clean_utf8(file.text)) {
        return refuse(fmt::format("{}:1:1: the file is no UTF-8 text", file.name));
    }
    toml::table table;
    try {
        table = toml::parse(file.text);
    } catch (const toml::parse_error& error) {
        return not_toml(file, error);
    }
    std::vector<Entry> entries;
    for (const auto& [key, node] : table) {
        if (std::ranges::find(settings(), key.str(), &SettingInfo::name) == settings().end()) {
            return unknown_key(file, key);
        }
        entries.push_back(entry_of(file, key, node));
    }
    return entries;
}

Result<ConfigFile> read_config_file(const std::filesystem::path& path) {
    // Without O_NONBLOCK a named pipe would wait for a writer before it could be refused.
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    struct stat status{};
    if (file.fd < 0 || ::fstat(file.fd, &status) != 0) {
        return unreadable(path, std::generic_category().message(errno));
    }
    if (!S_ISREG(status.st_mode)) return unreadable(path, "it is no file");
    ConfigFile read{.name = path.string(),
                    .folder = path.parent_path(),
                    .text = {},
                    .readable_by_others = (status.st_mode & (S_IRWXG | S_IRWXO)) != 0};
    std::array<char, 16UL * 1024> buffer{};
    while (true) {
        const auto got = ::read(file.fd, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return unreadable(path, std::generic_category().message(errno));
        if (got == 0) return read;
        read.text.append(buffer.data(), static_cast<std::size_t>(got));
        if (read.text.size() > config_bytes_max) return unreadable(path, "it is larger than 1 MiB");
    }
}

Result<std::optional<ConfigFile>> find_config_file(
    const std::optional<std::string>& flag, const std::map<std::string, std::string>& environment) {
    std::filesystem::path path = "tenantry.toml";
    if (flag) {
        path = *flag;
    } else if (const auto variable = environment.find("TENANTRY_CONFIG");
               variable != environment.end()) {
        path = variable->second;
    } else if (std::error_code ignored; !std::filesystem::exists(path, ignored)) {
        return std::optional<ConfigFile>{};
    }
    TENANTRY_TRY(file, read_config_file(path));
    return std::optional{std::move(file)};
}

}  // namespace tenantry::server
