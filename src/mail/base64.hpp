#pragma once

#include <string>
#include <string_view>

namespace tenantry::mail {

/// With padding (RFC 4648 §4), as mail has it.
std::string base64(std::string_view bytes);

}  // namespace tenantry::mail
