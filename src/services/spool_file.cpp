#include "spool_file.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace tenantry::services {
namespace {

Error cannot_spool(int error) {
    const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
    return fail(full ? Errc::storage_full : Errc::storage_unusable,
                fmt::format("a temporary file can't be written: {}",
                            std::generic_category().message(error)));
}

/// For file systems that make no nameless files.
int open_and_unlink(const std::filesystem::path& folder) {
    auto name = (folder / "tenantry-XXXXXX").string();
    const int fd = ::mkostemp(name.data(), O_CLOEXEC);
    if (fd >= 0) ::unlink(name.c_str());
    return fd;
}

}  // namespace

Result<std::unique_ptr<SpoolFile>> SpoolFile::create(const std::filesystem::path& folder) {
    int fd = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) fd = open_and_unlink(folder);
    if (fd < 0) return cannot_spool(errno);
    return std::unique_ptr<SpoolFile>{new SpoolFile{fd}};
}

SpoolFile::~SpoolFile() { ::close(fd_); }

Result<void> SpoolFile::append(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(fd_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return cannot_spool(errno);
        bytes.remove_prefix(static_cast<std::size_t>(written));
        size_ += static_cast<std::uint64_t>(written);
    }
    return {};
}

std::size_t SpoolFile::read_at(std::uint64_t offset, std::span<char> into) const {
    while (true) {
        const auto got = ::pread(fd_, into.data(), into.size(), static_cast<off_t>(offset));
        if (got >= 0) return static_cast<std::size_t>(got);
        if (errno != EINTR) throw std::system_error{errno, std::generic_category(), "pread"};
    }
}

}  // namespace tenantry::services
