#include "services/webhook_url.hpp"

#include <fmt/format.h>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace tenantry::services {
namespace {

namespace ip = boost::asio::ip;
namespace urls = boost::urls;

Error refusal(std::string why) { return fail(Errc::bad_value, std::move(why), "url"); }

bool is_public(const ip::address_v4& address) {
    static const std::array special{
        ip::make_network_v4("0.0.0.0/8"),      ip::make_network_v4("10.0.0.0/8"),
        ip::make_network_v4("100.64.0.0/10"),  ip::make_network_v4("127.0.0.0/8"),
        ip::make_network_v4("169.254.0.0/16"), ip::make_network_v4("172.16.0.0/12"),
        ip::make_network_v4("192.0.0.0/24"),   ip::make_network_v4("192.0.2.0/24"),
        ip::make_network_v4("192.88.99.0/24"), ip::make_network_v4("192.168.0.0/16"),
        ip::make_network_v4("198.18.0.0/15"),  ip::make_network_v4("198.51.100.0/24"),
        ip::make_network_v4("203.0.113.0/24"), ip::make_network_v4("224.0.0.0/4"),
        ip::make_network_v4("240.0.0.0/4"),
    };
    return std::ranges::none_of(special, [&](const ip::network_v4& network) {
        return ip::network_v4{address, network.prefix_length()}.canonical() == network;
    });
}

/// Only 2000::/3 is given out; within it are blocks that are not, or lead elsewhere (6to4, Teredo).
bool is_public(const ip::address_v6& address) {
    static const std::array special{
        ip::make_network_v6("2001::/23"),
        ip::make_network_v6("2001:db8::/32"),
        ip::make_network_v6("2002::/16"),
        ip::make_network_v6("3fff::/20"),
    };
    if (address.is_v4_mapped()) return is_public(ip::make_address_v4(ip::v4_mapped, address));
    if ((address.to_bytes()[0] & 0xe0) != 0x20) return false;
    return std::ranges::none_of(special, [&](const ip::network_v6& network) {
        return ip::network_v6{address, network.prefix_length()}.canonical() == network;
    });
}

bool read_port(std::string_view text, std::uint16_t& port) {
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, port);
    return error == std::errc{} && stopped == end && port != 0;
}

}  // namespace

bool is_public_address(std::string_view text) {
    boost::system::error_code error;
    const auto address = ip::make_address(text, error);
    if (error) return false;
    return address.is_v4() ? is_public(address.to_v4()) : is_public(address.to_v6());
}

std::string WebhookUrl::authority() const {
    const bool v6 = host.find(':') != std::string::npos;
    const std::uint16_t usual = tls ? 443 : 80;
    return fmt::format("{}{}{}{}", v6 ? "[" : "", host, v6 ? "]" : "",
                       port == usual ? "" : fmt::format(":{}", port));
}

Result<WebhookUrl> parse_webhook_url(std::string_view text, PrivateAddresses policy) {
    const auto parsed = urls::parse_uri(text);
    if (!parsed) return refusal("url must be a URL such as https://example.com/hooks");
    const bool tls = parsed->scheme_id() == urls::scheme::https;
    if (!tls && parsed->scheme_id() != urls::scheme::http)
        return refusal("url must begin with https://");
    if (!tls && policy == PrivateAddresses::refused)
        return refusal("url must begin with https://: what is sent are your customers' data");
    if (parsed->has_userinfo()) return refusal("url must not hold a user or a password");
    if (parsed->has_fragment()) return refusal("url must not have a part after #");
    WebhookUrl url{.tls = tls};
    switch (parsed->host_type()) {
    case urls::host_type::ipv4: url.host = parsed->host_ipv4_address().to_string(); break;
    case urls::host_type::ipv6: url.host = parsed->host_ipv6_address().to_string(); break;
    case urls::host_type::name: url.host = parsed->host_name(); break;
    default: return refusal("url must name a host");
    }
    const auto is_of_a_name = [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_';
    };
    const bool name = parsed->host_type() == urls::host_type::name;
    if (url.host.empty() || (name && !std::ranges::all_of(url.host, is_of_a_name)))
        return refusal("url must name a host; write one with other letters in its ASCII form");
    url.port = tls ? 443 : 80;
    if (parsed->has_port() && !read_port(parsed->port(), url.port))
        return refusal("url has a port that is none");
    url.target = std::string{parsed->encoded_resource()};
    if (url.target.empty() || url.target.front() != '/') url.target.insert(0, "/");
    if (!name && policy == PrivateAddresses::refused && !is_public_address(url.host))
        return refusal("url must lead to a public address");
    return url;
}

}  // namespace tenantry::services
