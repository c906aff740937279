#pragma once
/// What people call a tenant, a user or a key. Threads: pure functions.

#include "base/error.hpp"

#include <string>
#include <string_view>

namespace tenantry::services {

/// 1 to 255 bytes of UTF-8 text without control characters. Errors: bad_value.
Result<std::string> parse_display_name(std::string_view text);

}  // namespace tenantry::services
