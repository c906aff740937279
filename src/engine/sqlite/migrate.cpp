#include "sqlite/migrate.hpp"

#include "schema/migrations.hpp"
#include "sqlite/errors.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace tenantry::engine::sqlite {
namespace {

constexpr int lock_timeout_ms = 5000;

int latest_version() { return schema::sqlite_migrations().back().version; }

Error unusable(const std::string& path, std::string_view why) {
    return fail(Errc::storage_unusable, fmt::format("{}: {}", path, why), "database");
}

/// SQLite would happily make a missing file, or fail with a code that says little.
Result<bool> check_place(const std::string& path) {
    namespace fs = std::filesystem;
    std::error_code error;
    const auto status = fs::status(path, error);
    if (fs::is_directory(status)) return unusable(path, "is a directory; name a file in it");
    if (fs::exists(status)) {
        if (!fs::is_regular_file(status)) return unusable(path, "is no ordinary file");
        return true;
    }
    const auto directory = fs::absolute(fs::path{path}).parent_path();
    if (!fs::is_directory(directory, error)) {
        return unusable(path, fmt::format("the directory {} does not exist; make it first",
                                          directory.string()));
    }
    if (::access(directory.c_str(), W_OK) != 0) {
        return unusable(path,
                        fmt::format("the directory {} can't be written to", directory.string()));
    }
    return false;
}

/// One at a time makes or changes databases in a folder. SQLite's own locks don't cover the making:
/// a file becomes one with a write-ahead log only while nobody else has it open, and who fails
/// takes an empty file away again. Where there is no such lock, as on some network disks, that is
/// left.
class FolderLock {
public:
    explicit FolderLock(const std::filesystem::path& file)
        : descriptor_{::open(std::filesystem::absolute(file).parent_path().c_str(),
                             O_RDONLY | O_DIRECTORY | O_CLOEXEC)} {
        if (descriptor_ < 0) return;
        while (::flock(descriptor_, LOCK_EX) != 0 && errno == EINTR) {
        }
    }
    ~FolderLock() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

private:
    int descriptor_;
};

Result<void> run_migrations(sqlite3* db, const std::string& path) {
    for (const auto& migration : schema::sqlite_migrations()) {
        execute(db, "BEGIN IMMEDIATE");
        // Another process may have been here while this one waited for the lock.
        auto version = check_version(db, path);
        if (!version) {
            execute(db, "ROLLBACK");
            return version.error();
        }
        if (migration.version > version->current) {
            execute(db, std::string{migration.sql});
            execute(db, fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {};",
                                    application_id, migration.version));
        }
        execute(db, "COMMIT");
    }
    return {};
}

Result<SchemaVersion> migrate_file(const std::string& path, bool existed) {
    auto db = open_database(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, lock_timeout_ms);
    auto before = check_version(db.get(), path);
    if (!before) return before;
    if (before->current == before->latest) return before;
    execute(db.get(), "PRAGMA synchronous = FULL;");
    if (!existed || before->current == 0) {
        // Leads are personal data: nobody but the owner reads the file. SQLite gives its WAL the
        // same mode.
        if (!existed)
            std::filesystem::permissions(
                path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
        execute(db.get(), "PRAGMA journal_mode = WAL;");
    }
    if (auto migrated = run_migrations(db.get(), path); !migrated) return migrated.error();
    return before;
}

}  // namespace

Result<SchemaVersion> check_version(sqlite3* db, const std::string& path) {
    // In this order: what makes a database of ours commits all three at once, maybe between two of
    // these reads, and objects without our id would look like another program's.
    const auto objects = query_integer(db, "SELECT count(*) FROM sqlite_schema");
    const auto id = query_integer(db, "PRAGMA application_id");
    const auto version = static_cast<int>(query_integer(db, "PRAGMA user_version"));
    if (id != application_id && (objects > 0 || id != 0)) {
        return unusable(path, "is another program's database; name another file");
    }
    if (version > latest_version()) {
        return unusable(
            path,
            fmt::format("has schema version {}, newer than this program's {}; use a newer tenantry",
                        version, latest_version()));
    }
    return SchemaVersion{version, latest_version()};
}

Result<void> require_latest(const std::string& path) {
    TENANTRY_TRY(version, schema_version(path));
    if (version.current == version.latest) return {};
    return unusable(path, fmt::format("has schema version {}, this program needs {}; run: tenantry "
                                      "migrate --database sqlite:{}",
                                      version.current, version.latest, path));
}

Result<SchemaVersion> migrate(const std::filesystem::path& path) {
    const auto name = path.string();
    const FolderLock lock{path};
    TENANTRY_TRY(existed, check_place(name));
    try {
        return migrate_file(name, existed);
    } catch (const SqliteFailure& failure) {
        std::error_code ignored;
        if (!existed && std::filesystem::file_size(name, ignored) == 0)
            std::filesystem::remove(name, ignored);
        return opening_error(failure, name);
    }
}

Result<SchemaVersion> schema_version(const std::filesystem::path& path) {
    const auto name = path.string();
    TENANTRY_TRY(exists, check_place(name));
    if (!exists) {
        return fail(
            Errc::not_found,
            fmt::format("{}: there is no such file; run: tenantry migrate --database sqlite:{}",
                        name, name),
            "database");
    }
    try {
        const auto db = open_database(name, SQLITE_OPEN_READONLY, lock_timeout_ms);
        return check_version(db.get(), name);
    } catch (const SqliteFailure& failure) {
        return opening_error(failure, name);
    }
}

}  // namespace tenantry::engine::sqlite
