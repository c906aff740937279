#include "private_file.hpp"

#include "base/text.hpp"
#include "descriptor.hpp"
#include "server/atomic_file.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace tenantry::server {
namespace {

Error unreadable(const std::filesystem::path& path, int error) {
    return bad_private_file(
        path, fmt::format("cannot be read: {}", std::generic_category().message(error)));
}

Result<void> write_private_file(const std::filesystem::path& path, std::string_view text,
                                AtomicFile::Existing existing) {
    TENANTRY_TRY(file, AtomicFile::create(path, S_IRUSR | S_IWUSR));
    TENANTRY_TRY_VOID(file.write(text));
    TENANTRY_TRY_VOID(file.write("\n"));
    return file.commit(existing);
}

}  // namespace

PrivateText::~PrivateText() { ::explicit_bzero(bytes_.data(), bytes_.size()); }

std::string_view PrivateText::text() const noexcept { return trim({bytes_.data(), size_}); }

Error bad_private_file(const std::filesystem::path& path, std::string_view why) {
    return fail(Errc::bad_configuration, fmt::format("the secret file {} {}", path.string(), why));
}

Result<void> read_private_file(const std::filesystem::path& path, PrivateText& into) {
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (file.fd < 0 && errno == ENOENT) {
        return fail(Errc::not_found, fmt::format("there is no secret file {}", path.string()));
    }
    struct stat status{};
    if (file.fd < 0 || ::fstat(file.fd, &status) != 0) return unreadable(path, errno);
    if (!S_ISREG(status.st_mode)) return bad_private_file(path, "is no file");
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return bad_private_file(
            path, fmt::format("can be read by others; run: chmod 600 {}", path.string()));
    }
    into.size_ = 0;
    while (into.size_ < into.bytes_.size()) {
        const auto got =
            ::read(file.fd, into.bytes_.data() + into.size_, into.bytes_.size() - into.size_);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return unreadable(path, errno);
        if (got == 0) break;
        into.size_ += static_cast<std::size_t>(got);
    }
    if (into.size_ > PrivateText::bytes_max) {
        return bad_private_file(path,
                                fmt::format("is longer than {} bytes; it should hold one line",
                                            PrivateText::bytes_max));
    }
    return {};
}

Result<void> make_private_file(const std::filesystem::path& path, std::string_view text) {
    const auto written = write_private_file(path, text, AtomicFile::Existing::keep);
    if (!written && written.error().code != Errc::conflict) return written.error();
    return {};
}

Result<void> replace_private_file(const std::filesystem::path& path, std::string_view text) {
    return write_private_file(path, text, AtomicFile::Existing::replace);
}

}  // namespace tenantry::server
