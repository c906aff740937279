#pragma once
/// The signing secret: from the configuration, or one that this program made for itself.
///
/// There is no default secret. Where none is configured, the first to need one makes it at random,
/// in a file beside the database that only its owner can read. The file holds one line: the
/// secret's text, which is the HMAC key byte for byte.

#include "server/config.hpp"

#include <filesystem>
#include <optional>

namespace tenantry::server {

struct SigningSecret {
    auth::Secret secret;
    std::filesystem::path file{};  // that it is kept in; empty if it is kept nowhere
    bool created = false;          // just now: say so
};

/// `<database>.jwt-secret`.
std::filesystem::path own_secret_file(const DatabaseUrl& database);

/// The configured secret, else that of the configured file, else the database's own.
/// Errors: bad_configuration (a file that is missing, unreadable, readable by others, too short or
///         too long: the text says what to run), storage_full, storage_unusable.
/// Threads: any; processes that make one at the same time end up with the same.
Result<SigningSecret> signing_secret(const Configuration& configuration);

/// Errors: bad_configuration; not_found if there is no such file.
Result<auth::Secret> read_secret_file(const std::filesystem::path& path);

}  // namespace tenantry::server
