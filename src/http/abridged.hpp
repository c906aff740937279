#pragma once
/// Names that a client made up, cut to what fits into an error.

#include <string>
#include <string_view>

namespace tenantry::http {

/// The first 64 bytes of `text`, which is UTF-8, or fewer so that no character is cut.
std::string abridged(std::string_view text);

}  // namespace tenantry::http
