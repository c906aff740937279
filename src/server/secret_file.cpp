#include "server/secret_file.hpp"

#include "base/random.hpp"
#include "base/text.hpp"
#include "private_file.hpp"

#include <fmt/format.h>

namespace tenantry::server {
namespace {

constexpr std::size_t secret_bytes = 48;

}  // namespace

std::filesystem::path own_secret_file(const DatabaseUrl& database) {
    auto path = database.path();
    path += ".jwt-secret";
    return path;
}

Result<auth::Secret> read_secret_file(const std::filesystem::path& path) {
    PrivateText held;
    TENANTRY_TRY_VOID(read_private_file(path, held));
    auto secret = auth::Secret::parse(held.text());
    if (!secret)
        return bad_private_file(path, fmt::format("can't be used: {}", secret.error().message));
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
        TENANTRY_TRY_VOID(make_private_file(path, encode_base64url(random_bytes(secret_bytes))));
        secret = read_secret_file(path);
    }
    if (!secret) return secret.error();
    return SigningSecret{std::move(*secret), path, missing};
}

}  // namespace tenantry::server
