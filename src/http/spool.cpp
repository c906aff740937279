#include "http/spool.hpp"

#include "services/file_bytes.hpp"

#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace tenantry::http {
namespace {

Result<void> refuse_or_throw(const char* what) {
    const int error = errno;
    if (error == ENOSPC || error == EDQUOT)
        return fail(Errc::storage_full, "the disk that uploads are kept on is full");
    throw std::system_error{error, std::generic_category(), what};
}

}  // namespace

Result<std::unique_ptr<Spool>> Spool::open(const std::filesystem::path& folder,
                                           std::shared_ptr<void> place) {
    const int descriptor =
        services::open_nameless_file(folder.empty() ? std::filesystem::path{"."} : folder);
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
    return services::read_file_at(descriptor_, offset, into, "reading an upload");
}

}  // namespace tenantry::http
