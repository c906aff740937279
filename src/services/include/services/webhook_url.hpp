#pragma once
/// Where a webhook is sent to.

#include "base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace tenantry::services {

/// Whether webhooks may go to addresses that aren't the public internet's, and without TLS.
enum class PrivateAddresses { refused, allowed };

/// An http or https URL (RFC 3986) in its parts, without user, password or fragment.
struct WebhookUrl {
    bool tls = true;
    std::string host{};  // a name, or an address without brackets
    std::uint16_t port = 0;
    std::string target{};  // path and query, at least "/"

    /// `host:port` as the header Host has it.
    std::string authority() const;
};

/// Errors: bad_value with `field` url, also for an address that the policy refuses; a name is
/// looked up when something is sent.
Result<WebhookUrl> parse_webhook_url(std::string_view text, PrivateAddresses policy);

/// Whether `address` (as text, IPv4 or IPv6) is one that the internet routes to: neither private
/// nor shared, loopback, link-local, multicast, documentation, nor one that holds another in it
/// (IANA's special-purpose registries, RFC 6890). False for what is no address.
bool is_public_address(std::string_view address);

}  // namespace tenantry::services
