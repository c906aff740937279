#include "services/idempotency.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace tenantry::services {

Result<IdempotencyKey> IdempotencyKey::parse(std::string_view key, std::string_view request) {
    const bool visible = std::ranges::all_of(key, [](char c) { return c > ' ' && c < '\x7F'; });
    if (key.empty() || key.size() > bytes_max || !visible) {
        return fail(Errc::bad_value,
                    "Idempotency-Key must be 1 to 255 visible ASCII characters, such as a UUID",
                    "idempotency-key");
    }
    std::array<unsigned char, 32> digest{};
    ::crypto_generichash(digest.data(), digest.size(),
                         reinterpret_cast<const unsigned char*>(request.data()), request.size(),
                         nullptr, 0);
    std::string fingerprint;
    for (const auto byte : digest) fmt::format_to(std::back_inserter(fingerprint), "{:02x}", byte);
    return IdempotencyKey{key, std::move(fingerprint)};
}

}  // namespace tenantry::services
