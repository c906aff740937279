#include "sqlite/errors.hpp"

#include <fmt/format.h>

namespace tenantry::engine::sqlite {
namespace {

/// The last column in "UNIQUE constraint failed: t_leads.tenant_id, t_leads.email".
std::string last_column(const std::string& message) {
    const auto dot = message.rfind('.');
    return dot == std::string::npos ? std::string{} : message.substr(dot + 1);
}

Error unique_violation(const SqliteFailure& failure, const schema::Relation& relation) {
    const auto column = last_column(failure.message());
    if (relation.find(column) == nullptr)
        return fail(Errc::unique_violation, "a row of this key is there already");
    return fail(Errc::unique_violation,
                fmt::format("another of your {} has this {}", relation.name(), column), column);
}

/// SQLite doesn't say which key failed; where the relation has one, it is that.
Error foreign_key_violation(const schema::Relation& relation) {
    const auto keys = relation.foreign_keys();
    if (keys.size() == 1) {
        const auto& key = keys.front();
        return fail(Errc::foreign_key_violation,
                    fmt::format("{} names none of your {}", key.column->name(), key.target->name()),
                    key.column->name());
    }
    std::string columns;
    for (const auto& key : keys) columns += (columns.empty() ? "" : " or ") + key.column->name();
    return fail(Errc::foreign_key_violation,
                fmt::format("{} names a row that does not exist", columns));
}

}  // namespace

Error outcome_of(const SqliteFailure& failure, const schema::Relation& relation) {
    switch (failure.code()) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID: return unique_violation(failure, relation);
    case SQLITE_CONSTRAINT_FOREIGNKEY: return foreign_key_violation(relation);
    case SQLITE_CONSTRAINT_NOTNULL: {
        const auto column = last_column(failure.message());
        return fail(Errc::missing_field, fmt::format("{} is required", column), column);
    }
    case SQLITE_CONSTRAINT_CHECK:
        return fail(Errc::check_violation,
                    fmt::format("a value breaks a rule of {}", relation.name()));
    case SQLITE_TOOBIG: return fail(Errc::out_of_range, "the row is too large");
    default: return outcome_of(failure);
    }
}

Error outcome_of(const SqliteFailure& failure) {
    switch (failure.primary_code()) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return fail(Errc::storage_busy,
                    "another process holds the database's lock; try again shortly");
    case SQLITE_FULL: return fail(Errc::storage_full, "the disk is full; nothing was written");
    case SQLITE_READONLY:
        return fail(Errc::storage_unusable,
                    "the database can't be written to; check its permissions and its directory's");
    case SQLITE_INTERRUPT:
        return fail(Errc::deadline_exceeded, "the request took longer than its deadline allows");
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
