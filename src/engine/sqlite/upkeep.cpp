#include "engine/sqlite/upkeep.hpp"

#include "base/percent_encoding.hpp"
#include "sqlite/errors.hpp"
#include "sqlite/handles.hpp"
#include "sqlite/migrate.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>

namespace tenantry::engine::sqlite {
namespace {

constexpr int lock_timeout_ms = 5000;
constexpr int pages_a_step = 4096;

struct FinishBackup {
    void operator()(sqlite3_backup* backup) const noexcept { sqlite3_backup_finish(backup); }
};
using BackupHandle = std::unique_ptr<sqlite3_backup, FinishBackup>;

Error unusable(const std::string& path, std::string_view why) {
    return fail(Errc::storage_unusable, fmt::format("{}: {}", path, why), "database");
}

std::uint64_t size_of(const std::filesystem::path& path) {
    std::error_code none;
    const auto size = std::filesystem::file_size(path, none);
    return none ? 0 : size;
}

/// Opens a file of which is known that nobody writes to it: no locks, no log, nothing beside it.
DatabaseHandle open_at_rest(const std::filesystem::path& path) {
    return open_database(
        fmt::format("file:{}?immutable=1",
                    percent_encoded(std::filesystem::absolute(path).string(), "/")),
        SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, lock_timeout_ms);
}

Result<void> check_content(sqlite3* db, const std::string& path) {
    const auto integrity = prepare(db, "PRAGMA integrity_check(1)");
    if (!step(integrity.get()) || column_text(integrity.get(), 0) != "ok")
        return unusable(path, "is damaged; use another copy");
    const auto references = prepare(db, "PRAGMA foreign_key_check");
    if (step(references.get()))
        return unusable(path, "has rows that refer to nothing; use another copy");
    return {};
}

}  // namespace

Result<void> copy_database(const std::filesystem::path& source, const std::filesystem::path& target,
                           const CopyProgress& progress) {
    const auto name = source.string();
    TENANTRY_TRY_VOID(schema_version(source));
    DatabaseHandle from;
    DatabaseHandle to;
    try {
        from = open_database(name, SQLITE_OPEN_READONLY, lock_timeout_ms);
        // A transaction of this connection holds the state that is copied, however long it takes.
        execute(from.get(), "BEGIN");
        query_integer(from.get(), "SELECT count(*) FROM sqlite_schema");
    } catch (const SqliteFailure& failure) {
        return opening_error(failure, name);
    }
    try {
        to = open_database(target.string(), SQLITE_OPEN_READWRITE, lock_timeout_ms);
        // Whoever asked for the copy makes it durable and gives it its name, or removes it.
        execute(to.get(), "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;");
        BackupHandle backup{sqlite3_backup_init(to.get(), "main", from.get(), "main")};
        if (!backup) throw failure_of(to.get());
        int result = SQLITE_OK;
        while (result == SQLITE_OK) {
            result = sqlite3_backup_step(backup.get(), pages_a_step);
            const auto all = static_cast<std::uint64_t>(sqlite3_backup_pagecount(backup.get()));
            const auto left = static_cast<std::uint64_t>(sqlite3_backup_remaining(backup.get()));
            if (progress) progress(all - left, all);
        }
        if (result != SQLITE_DONE) throw SqliteFailure{result, sqlite3_errmsg(to.get())};
        return {};
    } catch (const SqliteFailure& failure) {
        if (failure.primary_code() == SQLITE_FULL || failure.primary_code() == SQLITE_IOERR) {
            return fail(Errc::storage_full,
                        fmt::format("the copy can't be written to {}: is the disk full?",
                                    target.parent_path().string()));
        }
        return opening_error(failure, name);
    }
}

Result<Inspected> inspect_file(const std::filesystem::path& path, const std::string& called) {
    std::error_code none;
    const auto status = std::filesystem::status(path, none);
    if (!std::filesystem::exists(status))
        return fail(Errc::not_found, fmt::format("{}: there is no such file", called));
    if (!std::filesystem::is_regular_file(status)) return unusable(called, "is no ordinary file");
    try {
        const auto db = open_at_rest(path);
        TENANTRY_TRY(version, check_version(db.get(), called));
        if (version.current == 0)
            return unusable(called, "is no database of tenantry; use another file");
        TENANTRY_TRY_VOID(check_content(db.get(), called));
        return Inspected{version.current, size_of(path)};
    } catch (const SqliteFailure& failure) {
        return opening_error(failure, called);
    }
}

Result<void> rename_feeds(const std::filesystem::path& path) {
    const auto name = path.string();
    try {
        const auto db = open_database(name, SQLITE_OPEN_READWRITE, 0);
        const bool there = query_integer(db.get(),
                                         "SELECT count(*) FROM sqlite_schema WHERE name = "
                                         "'t_tenant_heads'") == 1;
        if (there) {
            execute(db.get(),
                    "PRAGMA synchronous = FULL;"
                    "UPDATE t_tenant_heads SET epoch = lower(hex(randomblob(8)));");
        }
        return {};
    } catch (const SqliteFailure& failure) {
        return opening_error(failure, name);
    }
}

Result<bool> is_in_use(const std::filesystem::path& path) {
    // SQLite's locks are those of fcntl(2) on a range of bytes beyond the data, and each connection
    // to a database with a write-ahead log holds a shared one as long as it is open.
    // Spec: https://sqlite.org/fileformat2.html, "The Lock-Byte Page".
    constexpr off_t lock_bytes_begin = 0x40000000;
    constexpr off_t lock_bytes_count = 512;
    const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        return unusable(path.string(),
                        fmt::format("can't be opened: {}", std::generic_category().message(errno)));
    }
    struct flock asked{};
    asked.l_type = F_WRLCK;
    asked.l_whence = SEEK_SET;
    asked.l_start = lock_bytes_begin;
    asked.l_len = lock_bytes_count;
    const int answered = ::fcntl(fd, F_GETLK, &asked);
    const int error = errno;
    ::close(fd);
    if (answered != 0) {
        return unusable(path.string(), fmt::format("can't be asked for locks: {}",
                                                   std::generic_category().message(error)));
    }
    return asked.l_type != F_UNLCK;
}

Result<Scrubbed> scrub(const std::filesystem::path& path, std::chrono::milliseconds patience) {
    const auto name = path.string();
    if (auto latest = require_latest(name); !latest) return latest.error();
    Scrubbed scrubbed{.bytes_before = size_of(path), .bytes_after = 0};
    try {
        const auto db =
            open_database(name, SQLITE_OPEN_READWRITE, static_cast<int>(patience.count()));
        execute(db.get(), "PRAGMA synchronous = FULL; VACUUM;");
        if (query_integer(db.get(), "PRAGMA wal_checkpoint(TRUNCATE)") != 0) {
            return fail(Errc::storage_busy,
                        "another process reads an old state of the database, so its log can't be "
                        "emptied; try again when that is over: tenantry scrub",
                        "database");
        }
    } catch (const SqliteFailure& failure) {
        if (failure.primary_code() == SQLITE_FULL) {
            return fail(Errc::storage_full,
                        fmt::format("{}: rewriting it needs room for it twice over, on its disk "
                                    "and for temporary files; make room and run: tenantry scrub",
                                    name),
                        "database");
        }
        return opening_error(failure, name);
    }
    scrubbed.bytes_after = size_of(path);
    return scrubbed;
}

}  // namespace tenantry::engine::sqlite
