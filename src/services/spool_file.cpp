#include "spool_file.hpp"

#include "services/file_bytes.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace tenantry::services {
namespace {

Error cannot_spool(int error) {
    const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
    return fail(full ? Errc::storage_full : Errc::storage_unusable,
                fmt::format("a temporary file can't be written: {}",
                            std::generic_category().message(error)));
}

}  // namespace

Result<std::unique_ptr<SpoolFile>> SpoolFile::create(const std::filesystem::path& folder) {
    const int fd = open_nameless_file(folder);
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
    return read_file_at(fd_, offset, into, "reading a temporary file");
}

}  // namespace tenantry::services
