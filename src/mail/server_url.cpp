#include "server_url.hpp"

#include "base/text.hpp"

#include <fmt/format.h>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace tenantry::mail {
namespace {

namespace urls = boost::urls;

Error refusal(std::string why) { return fail(Errc::bad_configuration, std::move(why), "url"); }

bool read_port(std::string_view text, std::uint16_t& port) {
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, port);
    return error == std::errc{} && stopped == end && port != 0;
}

bool is_host_name(std::string_view host) {
    return !host.empty() && std::ranges::all_of(host, [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_';
    });
}

/// False if it is neither a name nor an address.
bool read_host(const urls::url_view& url, ServerUrl& server) {
    switch (url.host_type()) {
    case urls::host_type::ipv4:
        server.host = url.host_ipv4_address().to_string();
        server.loopback = url.host_ipv4_address().is_loopback();
        return true;
    case urls::host_type::ipv6:
        server.host = url.host_ipv6_address().to_string();
        server.loopback = url.host_ipv6_address().is_loopback();
        return true;
    case urls::host_type::name:
        server.host = url.host_name();
        // RFC 6761 §6.3; libcurl doesn't ask the resolver for it.
        server.loopback = equals_ignoring_case(server.host, "localhost");
        return is_host_name(server.host);
    default: return false;
    }
}

}  // namespace

std::string ServerUrl::authority() const {
    const bool v6 = host.find(':') != std::string::npos;
    return fmt::format("{}{}{}:{}", v6 ? "[" : "", host, v6 ? "]" : "", port);
}

std::string ServerUrl::url() const { return (tls ? "smtps://" : "smtp://") + authority(); }

Result<ServerUrl> parse_server_url(std::string_view text) {
    constexpr auto form = "the mail server's URL must be like smtp://host:587 or smtps://host:465";
    const auto parsed = urls::parse_uri(text);
    if (!parsed) return refusal(form);
    ServerUrl server{.tls = parsed->scheme() == "smtps"};
    if (!server.tls && parsed->scheme() != "smtp") return refusal(form);
    if (parsed->has_userinfo()) {
        return refusal(
            "the mail server's URL must not hold a user or a password; they have settings of "
            "their own");
    }
    const auto path = parsed->encoded_path();
    if ((!path.empty() && path != "/") || parsed->has_query() || parsed->has_fragment())
        return refusal("the mail server's URL must end with its port");
    if (!read_host(*parsed, server)) return refusal("the mail server's URL must name a host");
    server.port = server.tls ? 465 : 587;
    if (parsed->has_port() && !read_port(parsed->port(), server.port))
        return refusal("the mail server's URL has a port that is none");
    return server;
}

}  // namespace tenantry::mail
