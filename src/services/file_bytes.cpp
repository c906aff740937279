#include "services/file_bytes.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace tenantry::services {
namespace {

/// For file systems that make no nameless files.
int open_and_unlink(const std::filesystem::path& folder) {
    auto name = (folder / "tenantry-XXXXXX").string();
    const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
    if (descriptor >= 0) ::unlink(name.c_str());
    return descriptor;
}

}  // namespace

int open_nameless_file(const std::filesystem::path& folder) {
    const int descriptor =
        ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
    const bool unknown = errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT;
    return descriptor < 0 && unknown ? open_and_unlink(folder) : descriptor;
}

std::size_t read_file_at(int descriptor, std::uint64_t offset, std::span<char> into,
                         const char* doing) {
    while (true) {
        const auto got = ::pread(descriptor, into.data(), into.size(), static_cast<off_t>(offset));
        if (got >= 0) return static_cast<std::size_t>(got);
        if (errno != EINTR) throw std::system_error{errno, std::generic_category(), doing};
    }
}

}  // namespace tenantry::services
