#include "cli/secret_files.hpp"

#include "server/master_key.hpp"
#include "server/secret_file.hpp"

#include <system_error>

namespace tenantry::cli {

std::filesystem::path signing_secret_file(const server::Configuration& configuration) {
    if (configuration.jwt_secret.value) return {};
    if (const auto& path = configuration.jwt_secret_file.value) return *path;
    return server::own_secret_file(configuration.database.value);
}

std::filesystem::path master_key_file(const server::Configuration& configuration) {
    return server::master_key_place(configuration).file;
}

std::vector<std::filesystem::path> secret_files(const server::Configuration& configuration) {
    std::vector<std::filesystem::path> found;
    for (auto& path : {signing_secret_file(configuration), master_key_file(configuration)}) {
        std::error_code none;
        if (!path.empty() && std::filesystem::exists(path, none)) found.push_back(path);
    }
    return found;
}

}  // namespace tenantry::cli
