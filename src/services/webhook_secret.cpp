#include "webhook_secret.hpp"

#include "services/webhooks.hpp"

#include <sodium.h>

namespace tenantry::services {
namespace {

constexpr std::string_view prefix = "whsec_";

}  // namespace

std::string secret_text(std::string_view bytes) {
    constexpr int variant = sodium_base64_VARIANT_ORIGINAL;
    std::string out(sodium_base64_encoded_len(bytes.size(), variant), '\0');
    sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                      bytes.size(), variant);
    out.pop_back();  // the NUL
    return std::string{prefix} + out;
}

Result<std::string> secret_bytes(std::string_view text) {
    const auto refuse = [] { return fail(Errc::bad_value, "this is no secret of a webhook"); };
    if (!text.starts_with(prefix)) return refuse();
    text.remove_prefix(prefix.size());
    std::string out(text.size(), '\0');
    std::size_t length = 0;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(),
                          text.size(), nullptr, &length, nullptr,
                          sodium_base64_VARIANT_ORIGINAL) != 0)
        return refuse();
    out.resize(length);
    return out;
}

}  // namespace tenantry::services
