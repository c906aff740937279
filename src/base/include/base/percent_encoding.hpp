#pragma once
/// Text as a part of a URL (RFC 3986 §2.1). Threads: any.

#include <string>
#include <string_view>

namespace tenantry {

/// `text` so that it may stand anywhere in a URL: all but the unreserved characters is encoded,
/// byte by byte, and but those in `kept`.
std::string percent_encoded(std::string_view text, std::string_view kept = {});

}  // namespace tenantry
