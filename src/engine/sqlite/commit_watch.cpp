#include "sqlite/commit_watch.hpp"

#include <algorithm>
#include <atomic>
#include <iterator>

namespace tenantry::engine::sqlite {
namespace {

/// Of the parts in which the index is mapped, as SQLite itself asks for them.
constexpr int index_part_bytes = 32 * 1024;

}  // namespace

CommitWatch::CommitWatch(sqlite3* db) {
    // Through SQLite's own file: to open and close the index beside it would drop the locks that
    // this process holds on it.
    sqlite3_file* file = nullptr;
    if (sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK)
        throw failure_of(db);
    if (file->pMethods == nullptr || file->pMethods->iVersion < 2)
        throw SqliteFailure{SQLITE_CANTOPEN, "the file has no shared memory"};
    void volatile* part = nullptr;
    constexpr int extend = 0;
    const int result = file->pMethods->xShmMap(file, 0, index_part_bytes, extend, &part);
    if (result != SQLITE_OK || part == nullptr)
        throw SqliteFailure{result, "the index of the write-ahead log can't be mapped"};
    headers_ = static_cast<const volatile std::uint64_t*>(part);
}

std::optional<CommitWatch::Mark> CommitWatch::mark() const noexcept {
    // A writer publishes the second copy first.
    Mark first;
    Mark second;
    std::copy_n(headers_, first.size(), first.begin());
    std::atomic_thread_fence(std::memory_order_seq_cst);
    std::copy_n(std::next(headers_, first.size()), second.size(), second.begin());
    if (first != second) return std::nullopt;
    return first;
}

}  // namespace tenantry::engine::sqlite
