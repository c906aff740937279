#include "server/atomic_file.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace tenantry::server {
namespace {

std::filesystem::path folder_of(const std::filesystem::path& path) {
    return path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."};
}

Error cannot_write(const std::filesystem::path& path, int error) {
    const auto reason = std::generic_category().message(error);
    // EFBIG: the process may write no files of that size (ulimit -f).
    if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
        return fail(Errc::storage_full, fmt::format("cannot write {}: {}; make room and try again",
                                                    path.string(), reason));
    }
    if (error == ENOENT || error == ENOTDIR) {
        return fail(Errc::storage_unusable,
                    fmt::format("cannot write {}: there is no folder {}; create it first",
                                path.string(), folder_of(path).string()));
    }
    if (error == EACCES || error == EPERM || error == EROFS) {
        return fail(Errc::storage_unusable,
                    fmt::format("cannot write {}: {}; choose another folder or change its owner",
                                path.string(), reason));
    }
    return fail(Errc::storage_unusable, fmt::format("cannot write {}: {}", path.string(), reason));
}

/// Makes the new name itself durable. Some file systems can't, and then there is nothing to do.
int sync_folder(const std::filesystem::path& folder) {
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return errno;
    const int error = ::fsync(fd) == 0 || errno == EINVAL ? 0 : errno;
    ::close(fd);
    return error;
}

/// As rename(2), but failing with EEXIST where `to` is taken.
int rename_to_free_name(const std::filesystem::path& from, const std::filesystem::path& to) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
    if (errno != EINVAL && errno != ENOSYS) return errno;
    // A file system that knows no such renaming has links, which never replace anything.
    if (::link(from.c_str(), to.c_str()) != 0) return errno;
    return ::unlink(from.c_str()) == 0 ? 0 : errno;
}

}  // namespace

Result<AtomicFile> AtomicFile::create(std::filesystem::path path, mode_t mode) {
    struct stat status{};
    if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
        return fail(Errc::storage_unusable,
                    fmt::format("cannot write {}: it is no file", path.string()));
    }
    std::string temporary = path.string() + ".XXXXXX";
    const int fd = ::mkostemp(temporary.data(), O_CLOEXEC);
    if (fd < 0) return cannot_write(path, errno);
    AtomicFile file{std::move(path), std::move(temporary), fd};
    if (::fchmod(fd, mode) != 0) return file.failed(errno);
    return file;
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_{std::move(other.path_)},
      temporary_{std::move(other.temporary_)},
      fd_{std::exchange(other.fd_, -1)} {
    other.temporary_.clear();
}

AtomicFile::~AtomicFile() {
    if (fd_ >= 0) ::close(fd_);
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Error AtomicFile::failed(int error) const { return cannot_write(path_, error); }

Result<void> AtomicFile::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(fd_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return failed(errno);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Result<void> AtomicFile::commit(Existing existing) {
    if (::fsync(fd_) != 0) return failed(errno);
    // Network file systems report a full disk no earlier than here.
    if (::close(std::exchange(fd_, -1)) != 0) return failed(errno);
    int error = 0;
    if (existing == Existing::keep) {
        error = rename_to_free_name(temporary_, path_);
    } else if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
        error = errno;
    }
    if (error == EEXIST)
        return fail(Errc::conflict, fmt::format("{} exists already", path_.string()));
    if (error != 0) return failed(error);
    temporary_.clear();
    if (const int unsynced = sync_folder(folder_of(path_)); unsynced != 0) return failed(unsynced);
    return {};
}

}  // namespace tenantry::server
