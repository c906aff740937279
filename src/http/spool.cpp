#include "http/spool.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace tenantry::http {
namespace {

Result<void> refuse_or_throw(const char* what) {
    const int error = errno;
    if (error == ENOSPC || error == EDQUOT)
        return fail(Errc::storage_full, "the disk that uploads are kept on is full");
    throw std::system_error{error, std::generic_category(), what};
}

/// For file systems that make no files without a name.
int open_and_unlink(const std::filesystem::path& folder) {
    auto pattern = (folder / "tenantry-upload-XXXXXX").string();
    const int descriptor = ::mkostemp(pattern.data(), O_CLOEXEC);
    if (descriptor >= 0) ::unlink(pattern.c_str());
    return descriptor;
}

}  // namespace

Result<std::unique_ptr<Spool>> Spool::open(const std::filesystem::path& folder,
                                           std::shared_ptr<void> place) {
    const auto& path = folder.empty() ? std::filesystem::path{"."} : folder;
    int descriptor = ::open(path.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (descriptor < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT))
        descriptor = open_and_unlink(path);
    if (descriptor < 0) TENANTRY_TRY_VOID(refuse_or_throw("the file for an upload"));
    return std::unique_ptr<Spool>{new Spool{descriptor, std::move(place)}};
}

Spool::~Spool() { ::close(descriptor_); }

Result<void> Spool::store() {
    std::string_view rest = waiting_;
    while (!rest.empty()) {
        const auto written =
            ::pwrite(descriptor_, rest.data(), rest.size(), static_cast<off_t>(stored_));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) TENANTRY_TRY_VOID(refuse_or_throw("writing an upload"));
        stored_ += static_cast<std::uint64_t>(written);
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    waiting_.clear();
    return {};
}

std::size_t Spool::read_at(std::uint64_t offset, std::span<char> into) const {
    while (true) {
        const auto got = ::pread(descriptor_, into.data(), into.size(), static_cast<off_t>(offset));
        if (got >= 0) return static_cast<std::size_t>(got);
        if (errno != EINTR)
            throw std::system_error{errno, std::generic_category(), "reading an upload"};
    }
}

}  // namespace tenantry::http
