#pragma once
/// Signatures of messages: Standard Webhooks 1.0, the symmetric scheme `v1`.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tenantry::webhooks {

/// What `webhook-signature` says: for each secret, `v1,` and the base64 of the HMAC-SHA256 of
/// `<id>.<seconds since 1970>.<body>`, spaces between.
std::string signatures(std::span<const std::string> secrets, std::string_view message_id,
                       std::int64_t seconds, std::string_view body);

}  // namespace tenantry::webhooks
