#pragma once
/// Tells without a lock or a system call whether anybody has committed since a moment before.

#include "sqlite/handles.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace tenantry::engine::sqlite {

/// Looks at the header of the index of the write-ahead log ("WAL-mode File Format", 2.1), which all
/// connections of all processes share: it counts transactions and carries the running checksum of
/// the log. Threads: one at a time.
class CommitWatch {
public:
    /// One of two equal copies, of 48 bytes each, that lie behind each other.
    using Mark = std::array<std::uint64_t, 6>;

    /// `db` outlives the watch; it has read in WAL mode before, so that the index is there.
    /// Throws SqliteFailure.
    explicit CommitWatch(sqlite3* db);

    /// What was read after a mark was taken holds while the mark stays the same. nullopt while a
    /// commit is being published.
    std::optional<Mark> mark() const noexcept;

private:
    const volatile std::uint64_t* headers_ = nullptr;  // mapped as long as `db` is open
};

}  // namespace tenantry::engine::sqlite
