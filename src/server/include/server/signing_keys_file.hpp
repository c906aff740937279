#pragma once
/// The server's own key pairs for access tokens, in a file that only its owner can read:
///
///     {"keys":[{"since":"2026-11-27T12:00:00Z","until":null,"jwk":{…}},…]}
///
/// `since`: from when on it signs; `until`: from when on it verifies no longer. Without the file
/// tokens are signed with the secret (HS256).

#include "auth/signing_keys.hpp"
#include "server/config.hpp"

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

namespace tenantry::server {

struct KeptKey {
    auth::SigningKeyPair pair;
    Timestamp since;
    std::optional<Timestamp> until{};
};

/// How long it takes until every server of the database has read the file again, and more.
inline constexpr std::chrono::seconds signing_keys_notice{30};

/// The configured one, else `<database>.signing-keys`.
std::filesystem::path signing_keys_file(const Configuration& configuration);

/// The oldest first; none without the file. Errors: bad_configuration.
Result<std::vector<KeptKey>> read_signing_keys(const std::filesystem::path& path);

/// The pair that signs at `now`; nullptr without one.
const KeptKey* signing_at(const std::vector<KeptKey>& keys, Timestamp now) noexcept;

/// Adds a key pair, which takes over once all servers know it, at once if it is the first; those
/// there verify for `keep` longer. What verifies no more is dropped. Returns the new one's kid.
/// Errors: bad_configuration, storage_full, storage_unusable.
Result<std::string> rotate_signing_keys(const std::filesystem::path& path, Timestamp now,
                                        std::chrono::milliseconds keep);
/// From the next look of a server at the file on, no token of that key is taken.
/// Errors: as above; not_found.
Result<void> revoke_signing_key(const std::filesystem::path& path, std::string_view kid,
                                Timestamp now);

}  // namespace tenantry::server
