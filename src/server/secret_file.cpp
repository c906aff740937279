#include "server/secret_file.hpp"

#include "base/random.hpp"
#include "base/text.hpp"
#include "descriptor.hpp"
#include "server/atomic_file.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace tenantry::server {
namespace {

constexpr std::size_t secret_bytes = 48;
constexpr std::size_t file_bytes_max = 4096;

Error refuse(const std::filesystem::path& path, std::string_view why) {
    return fail(Errc::bad_configuration, fmt::format("the secret file {} {}", path.string(), why));
}

/// Bytes of a file, wiped when no longer needed.
struct FileBytes {
    std::array<char, file_bytes_max + 1> bytes{};
    std::size_t size = 0;

    FileBytes() = default;
    FileBytes(const FileBytes&) = delete;
    FileBytes& operator=(const FileBytes&) = delete;
    ~FileBytes() { ::explicit_bzero(bytes.data(), bytes.size()); }
};

/// At most file_bytes_max + 1 bytes, so that a longer file shows.
int read_all(int fd, FileBytes& into) {
    while (into.size < into.bytes.size()) {
        const auto got = ::read(fd, into.bytes.data() + into.size, into.bytes.size() - into.size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return errno;
        if (got == 0) break;
        into.size += static_cast<std::size_t>(got);
    }
    return 0;
}

/// Writes a new one, unless another process was quicker.
Result<void> make_secret_file(const std::filesystem::path& path) {
    TENANTRY_TRY(file, AtomicFile::create(path, S_IRUSR | S_IWUSR));
    TENANTRY_TRY_VOID(file.write(encode_base64url(random_bytes(secret_bytes)) + "\n"));
    const auto committed = file.commit(AtomicFile::Existing::keep);
    if (!committed && committed.error().code != Errc::conflict) return committed.error();
    return {};
}

}  // namespace

std::filesystem::path own_secret_file(const DatabaseUrl& database) {
    auto path = database.path();
    path += ".jwt-secret";
    return path;
}

Result<auth::Secret> read_secret_file(const std::filesystem::path& path) {
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (file.fd < 0 && errno == ENOENT) {
        return fail(Errc::not_found, fmt::format("there is no secret file {}", path.string()));
    }
    struct stat status{};
    if (file.fd < 0 || ::fstat(file.fd, &status) != 0) {
        return refuse(path,
                      fmt::format("cannot be read: {}", std::generic_category().message(errno)));
    }
    if (!S_ISREG(status.st_mode)) return refuse(path, "is no file");
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return refuse(path, fmt::format("can be read by others; run: chmod 600 {}", path.string()));
    }
    FileBytes read;
    if (const int error = read_all(file.fd, read); error != 0) {
        return refuse(path,
                      fmt::format("cannot be read: {}", std::generic_category().message(error)));
    }
    if (read.size > file_bytes_max) {
        return refuse(
            path, fmt::format("is longer than {} bytes; it should hold one line", file_bytes_max));
    }
    auto secret = auth::Secret::parse(trim({read.bytes.data(), read.size}));
    if (!secret) return refuse(path, fmt::format("can't be used: {}", secret.error().message));
    return secret;
}

Result<SigningSecret> signing_secret(const Configuration& configuration) {
    if (const auto& secret = configuration.jwt_secret.value) {
        TENANTRY_TRY(copy, auth::Secret::parse(secret->bytes()));
        return SigningSecret{std::move(copy)};
    }
    if (const auto& path = configuration.jwt_secret_file.value) {
        auto secret = read_secret_file(*path);
        if (!secret) {
            return fail(Errc::bad_configuration,
                        fmt::format("{} (jwt_secret_file from {})", secret.error().message,
                                    configuration.jwt_secret_file.origin.where));
        }
        return SigningSecret{std::move(*secret), *path};
    }
    const auto path = own_secret_file(configuration.database.value);
    auto secret = read_secret_file(path);
    const bool missing = !secret && secret.error().code == Errc::not_found;
    if (missing) {
        TENANTRY_TRY_VOID(make_secret_file(path));
        secret = read_secret_file(path);
    }
    if (!secret) return secret.error();
    return SigningSecret{std::move(*secret), path, missing};
}

}  // namespace tenantry::server
