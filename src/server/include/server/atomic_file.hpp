#pragma once
/// A file that appears whole or not at all.
///
/// It is written under a temporary name in the same folder and flushed to the disk; `commit` then
/// gives it its name in one step. Whoever opens the name sees the old file, or none, or the whole
/// new one, also after a power cut. Threads: one at a time.

#include "base/error.hpp"

#include <sys/types.h>

#include <filesystem>
#include <string_view>

namespace tenantry::server {

class AtomicFile {
public:
    enum class Existing { replace, keep };

    /// Errors: storage_unusable (no such folder, read-only, not permitted, the name belongs to
    ///         something else than a file), storage_full. Nothing is left behind.
    static Result<AtomicFile> create(std::filesystem::path path, mode_t mode);

    AtomicFile(AtomicFile&& other) noexcept;
    AtomicFile& operator=(AtomicFile&&) = delete;
    /// Removes what was not committed.
    ~AtomicFile();

    /// Errors: storage_full, storage_unusable; after one, the file can only be destroyed.
    Result<void> write(std::string_view bytes);

    /// Errors: as write; conflict if there is a file of that name and it is to be kept.
    Result<void> commit(Existing existing);

    const std::filesystem::path& temporary() const noexcept { return temporary_; }

private:
    AtomicFile(std::filesystem::path path, std::filesystem::path temporary, int fd) noexcept
        : path_{std::move(path)}, temporary_{std::move(temporary)}, fd_{fd} {}
    Error failed(int error) const;

    std::filesystem::path path_;
    std::filesystem::path temporary_;  // empty once committed
    int fd_;
};

}  // namespace tenantry::server
