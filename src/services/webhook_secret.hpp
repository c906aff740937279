#pragma once
/// Secrets of webhooks as text: `whsec_` and base64 (Standard Webhooks, "Signature scheme").

#include "base/error.hpp"

#include <string>
#include <string_view>

namespace tenantry::services {

inline constexpr std::size_t secret_bytes_count = 32;

/// Errors: bad_value.
Result<std::string> secret_bytes(std::string_view text);

}  // namespace tenantry::services
