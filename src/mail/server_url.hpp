#pragma once
/// Where a mail server is.

#include "base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace tenantry::mail {

struct ServerUrl {
    bool tls = false;        // from the first byte on
    std::string host{};      // a name, or an address without brackets
    std::uint16_t port = 0;  // 587 (RFC 6409) or, by TLS, 465 (RFC 8314) unless given
    bool loopback = false;   // it can't but be this machine

    /// As a URL, and as people call it.
    std::string url() const;
    std::string authority() const;
};

/// Errors: bad_configuration with `field` url. A user or a password in it is refused, and not
/// repeated.
Result<ServerUrl> parse_server_url(std::string_view text);

}  // namespace tenantry::mail
