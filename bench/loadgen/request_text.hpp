#pragma once

#include <string>
#include <string_view>

namespace tenantry::bench {

/// Ends the headers in `out` and appends the body, which is JSON.
inline void append_body(std::string& out, std::string_view body) {
    out.append("Content-Type: application/json\r\nContent-Length: ");
    out.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
}

/// The same for a method that takes none.
inline void append_no_body(std::string& out) { out.append("\r\n"); }

}  // namespace tenantry::bench
