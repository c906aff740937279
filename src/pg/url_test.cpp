#include "pg/url.hpp"

#include <gtest/gtest.h>

namespace tenantry::pg {
namespace {

TEST(Url, IsShownWithoutItsPassword) {
    const auto url =
        Url::parse("postgresql://ann:p%40ss@db.example.com:5433/crm?sslmode=verify-full").value();
    EXPECT_EQ(url.shown(), "postgres://ann@db.example.com:5433/crm?sslmode=verify-full");
    EXPECT_EQ(url.secret_text(),
              "postgres://ann:p%40ss@db.example.com:5433/crm?sslmode=verify-full");
    EXPECT_EQ(url.option("host"), "db.example.com");
    EXPECT_EQ(url.option("port"), "5433");
    EXPECT_EQ(url.option("sslrootcert"), "");
    EXPECT_EQ(Url::parse(url.secret_text()).value(), url);
}

TEST(Url, PasswordsInTheQueryAreHiddenToo) {
    const auto url =
        Url::parse("postgres://h/d?user=ann&password=secret&sslpassword=other").value();
    EXPECT_EQ(url.shown(), "postgres://ann@h/d");
}

TEST(Url, SocketsAndSeveralHostsKeepTheirForm) {
    for (const auto* text :
         {"postgres:///d?host=%2Frun%2Fpg&port=5433", "postgres:///d?host=a%2Cb&port=1%2C2",
          "postgres://[::1]:5432/d", "postgres://h/", "postgres://"}) {
        const auto url = Url::parse(text);
        ASSERT_TRUE(url) << text;
        EXPECT_EQ(Url::parse(url->secret_text()).value(), *url) << text;
    }
    EXPECT_EQ(Url::parse("postgres://u@/d?host=/run/pg")->shown(),
              "postgres://u@/d?host=%2Frun%2Fpg");
}

TEST(Url, AnotherLoginReplacesBothNameAndPassword) {
    const auto url = Url::parse("postgres://owner:own@h/d?application_name=x").value();
    EXPECT_EQ(url.with_login("app", "a/b").secret_text(),
              "postgres://app:a%2Fb@h/d?application_name=x");
    EXPECT_EQ(url.with_login("app", "").secret_text(), "postgres://app@h/d?application_name=x");
}

TEST(Url, RefusalsDoNotRepeatIt) {
    for (const auto* text :
         {"", "postgres:", "mysql://ann:secret@h/d", "postgres://ann:secret@h/d?nosuch=1",
          "postgres://ann:secret%ZZ@h/d", "postgres://ann:secret@[::1/d", "host=secret"}) {
        const auto url = Url::parse(text);
        ASSERT_FALSE(url) << text;
        EXPECT_EQ(url.error().code, Errc::bad_value);
        EXPECT_EQ(url.error().message.find("secret"), std::string::npos);
    }
}

TEST(Url, OptionsOfOtherClientsAreCalledByTheirNames) {
    const auto url = Url::parse("postgres://u:secret@h/d?sslmode=require&pgbouncer=true");
    EXPECT_NE(url.error().message.find("the option pgbouncer, which"), std::string::npos);
    // No option, but a piece of a password that should have been encoded.
    const auto slip = Url::parse("postgres://u:a?schema=b@h/d?nosuch=1");
    EXPECT_EQ(slip.error().message.find("schema"), std::string::npos);
}

TEST(Url, TheSystemsAuthoritiesAreForFullVerification) {
    EXPECT_TRUE(Url::parse("postgres://h/d?sslrootcert=system"));
    EXPECT_TRUE(Url::parse("postgres://h/d?sslrootcert=system&sslmode=verify-full"));
    EXPECT_NE(Url::parse("postgres://h/d?sslrootcert=system&sslmode=require")
                  .error()
                  .message.find("sslmode=verify-full"),
              std::string::npos);
}

TEST(Url, WhatIsShownLeadsToTheSamePlace) {
    for (const auto* text :
         {"postgres://user@db.example.com:5432/crm", "postgres://[::1]:5432/crm",
          "postgres://[fe80::1%25eth0]/crm", "postgres://a%20b/crm", "postgres://x%3Ay@%2Ftmp/crm",
          "postgres:///crm?host=a,b&port=1,2", "postgres:///%C3%A9?application_name=%25"}) {
        const auto url = Url::parse(text).value();
        EXPECT_EQ(Url::parse(url.shown()).value(), url) << text;
    }
}

TEST(Url, ValuesAreTextAndPortsAreNumbers) {
    for (const auto* text :
         {"postgres://host:80x/crm", "postgres://host:%99/crm", "postgres://h%99/crm",
          "postgres:///%FF", "postgres://u%C0%80@h/crm"}) {
        const auto url = Url::parse(text);
        ASSERT_FALSE(url) << text;
        EXPECT_EQ(url.error().code, Errc::bad_value);
    }
}

}  // namespace
}  // namespace tenantry::pg
