#include "services/webhook_url.hpp"

#include <gtest/gtest.h>

namespace tenantry::services {
namespace {

constexpr auto allowed = PrivateAddresses::allowed;
constexpr auto refused = PrivateAddresses::refused;

TEST(WebhookUrl, IsTakenApart) {
    const auto url = parse_webhook_url("https://Hooks.example.com/in/1?a=b%20c", refused);
    ASSERT_TRUE(url) << url.error().message;
    EXPECT_TRUE(url->tls);
    EXPECT_EQ(url->host, "Hooks.example.com");
    EXPECT_EQ(url->port, 443);
    EXPECT_EQ(url->target, "/in/1?a=b%20c");
    EXPECT_EQ(url->authority(), "Hooks.example.com");
}

TEST(WebhookUrl, HasAPathAndAPort) {
    EXPECT_EQ(parse_webhook_url("https://example.com", refused)->target, "/");
    EXPECT_EQ(parse_webhook_url("https://example.com?x=1", refused)->target, "/?x=1");
    EXPECT_EQ(parse_webhook_url("https://example.com:8443/", refused)->authority(),
              "example.com:8443");
    EXPECT_EQ(parse_webhook_url("http://[::1]:8080/", allowed)->authority(), "[::1]:8080");
    EXPECT_EQ(parse_webhook_url("http://127.0.0.1/", allowed)->authority(), "127.0.0.1");
}

TEST(WebhookUrl, RefusesWhatLeadsElsewhere) {
    for (const auto* text : {"",
                             "example.com",
                             "/hooks",
                             "ftp://example.com/",
                             "file:///etc/passwd",
                             "http://example.com/",
                             "https://",
                             "https:///x",
                             "https://user@example.com/",
                             "https://a:b@example.com/",
                             "https://example.com/#x",
                             "https://example.com:0/",
                             "https://example.com:99999/",
                             "https://exa mple.com/",
                             "https://example.com/\r\nX: 1",
                             "https://ex%00ample.com/",
                             "https://ex%2fample.com/",
                             "https://127.0.0.1/",
                             "https://10.1.2.3/",
                             "https://169.254.169.254/latest/meta-data",
                             "https://[::1]/",
                             "https://[::ffff:127.0.0.1]/",
                             "https://[fd00::1]/",
                             "https://0.0.0.0/",
                             "https://[2002:7f00:1::]/"}) {
        const auto url = parse_webhook_url(text, refused);
        ASSERT_FALSE(url) << text;
        EXPECT_EQ(url.error().code, Errc::bad_value) << text;
        EXPECT_EQ(url.error().field, "url") << text;
    }
}

TEST(PublicAddress, IsOneThatTheInternetRoutesTo) {
    for (const auto* text : {"1.1.1.1", "8.8.8.8", "172.15.255.255", "172.32.0.1", "100.63.0.1",
                             "100.128.0.1", "2606:4700::1111", "2a00::1", "::ffff:8.8.8.8"})
        EXPECT_TRUE(is_public_address(text)) << text;
    for (const auto* text : {"0.0.0.0",
                             "10.0.0.1",
                             "100.64.0.1",
                             "100.127.255.255",
                             "127.0.0.1",
                             "127.255.255.255",
                             "169.254.169.254",
                             "172.16.0.1",
                             "172.31.255.255",
                             "192.168.1.1",
                             "192.0.2.1",
                             "198.18.0.1",
                             "198.19.255.255",
                             "224.0.0.1",
                             "255.255.255.255",
                             "::",
                             "::1",
                             "::ffff:10.0.0.1",
                             "::127.0.0.1",
                             "64:ff9b::7f00:1",
                             "fe80::1",
                             "fc00::1",
                             "fdff::1",
                             "ff02::1",
                             "2001::1",
                             "2001:db8::1",
                             "2002:0a00:1::",
                             "3fff::1",
                             "example.com",
                             ""})
        EXPECT_FALSE(is_public_address(text)) << text;
}

}  // namespace
}  // namespace tenantry::services
