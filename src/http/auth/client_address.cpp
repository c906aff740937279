#include "auth/client_address.hpp"

#include "base/text.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>

namespace tenantry::http {
namespace {

using boost::asio::ip::address;

/// A network prefix of IPv6; another address as it is.
std::string subscriber_of(const address& whole) {
    if (!whole.is_v6()) return whole.to_string();
    auto bytes = whole.to_v6().to_bytes();
    if (whole.to_v6().is_v4_mapped())
        return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, whole.to_v6())
            .to_string();
    std::ranges::fill(bytes.begin() + bytes.size() / 2, bytes.end(), static_cast<unsigned char>(0));
    return boost::asio::ip::address_v6{bytes}.to_string();
}

}  // namespace

std::string client_address(const Request& request) {
    std::string_view text = request.remote;
    if (request.from_loopback && !request.forwarded_for.empty()) {
        text = request.forwarded_for;
        const auto comma = text.rfind(',');
        if (comma != std::string_view::npos) text.remove_prefix(comma + 1);
        text = trim(text);
    }
    boost::system::error_code error;
    const auto whole = boost::asio::ip::make_address(text, error);
    return error ? std::string{request.remote} : subscriber_of(whole);
}

}  // namespace tenantry::http
