#include "server_url.hpp"

#include <gtest/gtest.h>

namespace tenantry::mail {
namespace {

TEST(ServerUrl, HasAHostAndAPort) {
    const auto url = parse_server_url("smtp://mail.example.com:2525").value();
    EXPECT_FALSE(url.tls);
    EXPECT_EQ(url.host, "mail.example.com");
    EXPECT_EQ(url.port, 2525);
    EXPECT_EQ(url.url(), "smtp://mail.example.com:2525");
    EXPECT_EQ(url.authority(), "mail.example.com:2525");
    EXPECT_TRUE(parse_server_url("smtps://mail.example.com:465/").value().tls);
}

TEST(ServerUrl, SubmissionHasPortsOfItsOwn) {
    EXPECT_EQ(parse_server_url("smtp://mail.example.com").value().port, 587);
    EXPECT_EQ(parse_server_url("smtps://mail.example.com").value().port, 465);
}

TEST(ServerUrl, KnowsThisMachine) {
    for (const auto* text : {"smtp://localhost:25", "smtp://LocalHost", "smtp://127.0.0.1:25",
                             "smtp://127.9.9.9", "smtp://[::1]:25"})
        EXPECT_TRUE(parse_server_url(text).value().loopback) << text;
    for (const auto* text : {"smtp://localhost.example.com", "smtp://a127.0.0.1.example.com",
                             "smtp://10.0.0.1", "smtp://[fe80::1]", "smtp://128.0.0.1"})
        EXPECT_FALSE(parse_server_url(text).value().loopback) << text;
}

TEST(ServerUrl, AddressesOfVersion6StandInBrackets) {
    const auto url = parse_server_url("smtp://[2001:db8::1]:25").value();
    EXPECT_EQ(url.host, "2001:db8::1");
    EXPECT_EQ(url.url(), "smtp://[2001:db8::1]:25");
}

TEST(ServerUrl, AnythingElseIsRefused) {
    for (const auto* text :
         {"", "mail.example.com:25", "http://mail.example.com", "smtp://", "smtp://:25",
          "smtp:mail.example.com", "smtp://mail.example.com:0", "smtp://mail.example.com:65536",
          "smtp://mail.example.com/path", "smtp://mail.example.com?a=b",
          "smtp://mail.example.com#a", "smtp://mail example.com", "smtp://mail%0d%0a.example.com",
          "smtp://mail.example.com\r\n", "smtp://ada:hunter2@mail.example.com:25",
          "smtp://ada@mail.example.com"}) {
        const auto refused = parse_server_url(text);
        ASSERT_FALSE(refused) << text;
        EXPECT_EQ(refused.error().code, Errc::bad_configuration) << text;
        EXPECT_EQ(refused.error().field, "url") << text;
        EXPECT_EQ(refused.error().message.find("hunter2"), std::string::npos);
    }
}

}  // namespace
}  // namespace tenantry::mail
