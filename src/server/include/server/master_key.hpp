#pragma once
/// The master key, by which tenants' data keys are wrapped: from the configuration, or one that
/// this program made for itself.
///
/// Where none is configured, the first to need one makes it at random, in a file beside the
/// database that only its owner can read: one line, base64. A rotation leaves keys beside that
/// file, as
/// `<file>.<id>`: the new one until the file itself holds it, the old one for good, since backups
/// made before need it. Whoever wants a key by its id looks at the file and at that name.

#include "auth/key_ring.hpp"
#include "server/config.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tenantry::server {

class Log;

/// Where the configuration says that the master key is. Move-only if it holds the key itself.
struct MasterKeyPlace {
    std::optional<auth::MasterKey> key{};  // given as a value; then there is no file
    std::filesystem::path file{};
    bool own = false;       // the file is the program's own: it may be made, and replaced
    std::string setting{};  // what to change for another one: `TENANTRY_MASTER_KEY`
};

/// `<database>.master-key`.
std::filesystem::path own_master_key_file(const std::filesystem::path& database);

MasterKeyPlace master_key_place(const Configuration& configuration);
/// The database's own, without any configuration.
MasterKeyPlace own_master_key(const std::filesystem::path& database);

/// Errors: bad_configuration (unreadable, not private, no key); not_found.
Result<auth::MasterKey> read_master_key_file(const std::filesystem::path& path);

/// The key at `place`. `wanted`: its id, where the database says so; only without it, and where
/// there is no file of the program's own, is a key made, and `made` told of its file.
/// Errors: bad_configuration, storage_full, storage_unusable: the text says what to do.
/// Processes that make one at the same time end up with the same.
Result<auth::MasterKey> load_master_key(
    const MasterKeyPlace& place, std::optional<auth::KeyId> wanted,
    const std::function<void(const std::filesystem::path&)>& made);

/// What a server's key ring asks. What goes wrong is logged here, each time.
class LoggedMasterKey final : public auth::MasterKeySource {
public:
    /// Both must outlive it.
    LoggedMasterKey(const MasterKeyPlace& place, Log& log) : place_{place}, log_{log} {}
    Result<auth::MasterKey> load(std::optional<auth::KeyId> wanted) override;

private:
    const MasterKeyPlace& place_;
    Log& log_;
};

/// What a rotation did.
struct Rotated {
    auth::KeyId from;
    auth::KeyId to;
    std::size_t rewrapped = 0;     // tenants' keys
    std::filesystem::path file{};  // that holds the new key; empty if it is kept nowhere
    std::filesystem::path kept{};  // where the old key is for old backups; empty if nowhere
};

/// Wraps all keys by `to`, or by a new random key in the program's own file. Servers may be running
/// on the database; those that read the key from the file go on with the new one.
///
/// Safe to interrupt anywhere: `to` is on the disk beside the file before the one transaction that
/// wraps the keys, and takes the place of the old after it. Until then both files are found by the
/// ids of their keys. Running it again completes it.
/// The transaction that wraps the keys has the act `master_key.rotate` of `actor`.
/// Errors: bad_configuration (no key to be found for what is in the database; a place that can't be
///         changed without `to`), not_found if there is no master key yet, conflict if `to` is the
///         key in use; those of files and of TenantKeys.
Result<Rotated> rotate_master_key(const MasterKeyPlace& place, auth::TenantKeys& keys,
                                  std::optional<auth::MasterKey> to, std::string_view actor);

/// Where the master key is lost: destroys the tenants' keys that nothing can unwrap any more, so
/// that new secrets can be stored; the act is `master_key.give_up`. Returns how many.
/// Errors: conflict if the master key is at hand; bad_configuration if its file may be there, but
///         can't be read; not_found if there is nothing to give up.
Result<std::size_t> give_up_secrets(const MasterKeyPlace& place, auth::TenantKeys& keys,
                                    std::string_view actor);

}  // namespace tenantry::server
