#pragma once
/// The files with secrets that a database is worth little without.

#include "server/config.hpp"

#include <filesystem>
#include <vector>

namespace tenantry::cli {

/// Where the signing secret is kept: the configured file, or the database's own. Empty if the
/// secret comes from the environment or the configuration file.
std::filesystem::path signing_secret_file(const server::Configuration& configuration);
/// Where the master key is kept, which wraps the tenants' data keys. Empty as above.
std::filesystem::path master_key_file(const server::Configuration& configuration);

/// Those that are there.
std::vector<std::filesystem::path> secret_files(const server::Configuration& configuration);

}  // namespace tenantry::cli
