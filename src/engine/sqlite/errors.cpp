#include "sqlite/errors.hpp"

#include "violations.hpp"

#include <fmt/format.h>

namespace tenantry::engine::sqlite {
namespace {

/// The last column in "UNIQUE constraint failed: t_leads.tenant_id, t_leads.email".
std::string last_column(const std::string& message) {
    const auto dot = message.rfind('.');
    return dot == std::string::npos ? std::string{} : message.substr(dot + 1);
}

}  // namespace

Error outcome_of(const SqliteFailure& failure, const schema::Relation& relation) {
    switch (failure.code()) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID: return unique_violation(relation, last_column(failure.message()));
    case SQLITE_CONSTRAINT_FOREIGNKEY: return foreign_key_violation(relation);
    case SQLITE_CONSTRAINT_NOTNULL: return required(last_column(failure.message()));
    case SQLITE_CONSTRAINT_CHECK: return check_violation(relation);
    case SQLITE_TOOBIG: return row_too_large();
    default: return outcome_of(failure);
    }
}

Error outcome_of(const SqliteFailure& failure) {
    switch (failure.primary_code()) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return fail(Errc::storage_busy,
                    "another process holds the database's lock; try again shortly");
    case SQLITE_FULL: return disk_full();
    case SQLITE_READONLY:
        return fail(Errc::storage_unusable,
                    "the database can't be written to; check its permissions and its directory's");
    case SQLITE_INTERRUPT: return too_late();
    default: throw Fault{fmt::format("SQLite {}: {}", failure.code(), failure.message())};
    }
}

Error opening_error(const SqliteFailure& failure, const std::string& path) {
    const auto unusable = [&](std::string_view why) {
        return fail(Errc::storage_unusable, fmt::format("{}: {}", path, why), "database");
    };
    switch (failure.primary_code()) {
    case SQLITE_NOTADB:
        return unusable("is not an SQLite database; name another file, or move this one away");
    case SQLITE_CORRUPT:
        return unusable("is damaged; restore it from a backup (nothing was changed)");
    case SQLITE_CANTOPEN:
        return unusable(
            "can't be opened; check that its directory exists and that you may use both");
    case SQLITE_PERM:
    case SQLITE_AUTH: return unusable("may not be opened by this user; check its permissions");
    case SQLITE_READONLY:
        return unusable("can't be written to; check its permissions and its directory's");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return fail(
            Errc::storage_busy,
            fmt::format("{}: another process holds its lock; stop that one, or try again", path),
            "database");
    case SQLITE_FULL:
        return fail(Errc::storage_full,
                    fmt::format("{}: the disk is full; nothing was written", path), "database");
    default: return unusable(fmt::format("can't be used: {}", failure.message()));
    }
}

}  // namespace tenantry::engine::sqlite
