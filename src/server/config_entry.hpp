#pragma once
/// A value on its way from one source to its setting. Private to the configuration's sources.

#include "server/config.hpp"

namespace tenantry::server {

/// How a value was written. Flags and variables are always `untyped`; a file says what it means.
enum class Written { untyped, text, texts, integer, boolean, other };

struct Entry {
    std::string name;  // of the setting
    Written written;
    std::string value;             // of `texts`: with commas; of `other`: what it is, in words
    std::filesystem::path base{};  // that a relative path starts from
    Origin origin;
};

/// The settings in a file, in its order. Errors: bad_configuration (no TOML, unknown key).
Result<std::vector<Entry>> parse_config_file(const ConfigFile& file);

/// `text` within quotes for an error message: cut, and without control characters.
std::string quote_for_error(std::string_view text);

}  // namespace tenantry::server
