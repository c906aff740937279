#include "connect_failure.hpp"

#include "pg/backoff.hpp"
#include "pg/link.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <vector>

namespace tenantry::pg {
namespace {

using namespace std::chrono_literals;

TEST(ConnectFailure, TellsTheCodeAndLeavesOutWhereInTheServer) {
    const auto failed = unreachable(
        "connection to server at \"db.example.com\" (192.0.2.7), port 5432 failed: FATAL:  28P01: "
        "password authentication failed for user \"ann\"\nLOCATION:  auth_failed, auth.c:335\n");
    EXPECT_EQ(failed.failure().sqlstate, "28P01");
    EXPECT_STREQ(failed.what(),
                 "connection to server at \"db.example.com\" (192.0.2.7), port 5432 failed: FATAL: "
                 "password authentication failed for user \"ann\"");
    EXPECT_TRUE(failed.lasting());
}

TEST(ConnectFailure, OfSeveralAttemptsTheLastCounts) {
    const auto failed = unreachable(
        "connection to server at \"a\", port 1 failed: FATAL:  28P01: no\n"
        "connection to server at \"b\", port 1 failed: FATAL:  57P03: the database system is "
        "starting up\n");
    EXPECT_EQ(failed.failure().sqlstate, "57P03");
    EXPECT_FALSE(failed.lasting());
}

TEST(ConnectFailure, WhatPassesIsToldFromWhatStays) {
    for (const auto* said :
         {"FATAL:  57P03: the database system is starting up", "FATAL:  53300: too many clients",
          "FATAL:  57P01: terminating connection due to administrator command",
          "connection to server at \"h\" (192.0.2.1), port 5432 failed: Connection refused\n"
          "\tIs the server running on that host and accepting TCP/IP connections?",
          "server closed the connection unexpectedly", "SSL SYSCALL error: EOF detected",
          "SSL connection has been closed unexpectedly", "Connection timed out",
          "ERROR:  XX000: Couldn't connect to compute node",
          "ERROR:  XX000: Control plane request failed: endpoint is idle, retry request",
          "could not translate host name \"h\" to address: Temporary failure in name resolution",
          ""}) {
        EXPECT_FALSE(unreachable(said).lasting()) << said;
        EXPECT_STRNE(unreachable(said).what(), "");
    }
    for (const auto* said :
         {"FATAL:  28000: no pg_hba.conf entry for host",
          "FATAL:  3D000: database \"x\" does not "
          "exist",
          "SSL error: certificate verify failed",
          "server certificate for \"a\" does not match host name \"b\"",
          "root certificate file \"/root/.postgresql/root.crt\" does not exist\nEither provide the "
          "file or change sslmode to disable server certificate verification.",
          "server does not support SSL, but SSL was required",
          "channel binding is required, but server did not offer an authentication method that "
          "supports channel binding",
          "fe_sendauth: no password supplied", "invalid sslmode value: \"full\"",
          "could not translate host name \"h\" to address: Name or service not known",
          "ERROR:  XX000: Endpoint ID is not specified. Either please upgrade the postgres client "
          "library (libpq) for SNI support"}) {
        EXPECT_TRUE(unreachable(said).lasting()) << said;
    }
}

TEST(ConnectFailure, SaysWhatToDo) {
    EXPECT_STREQ(unreachable("SSL error: certificate verify failed\n").what(),
                 "SSL error: certificate verify failed; its certificate was not made by an "
                 "authority in sslrootcert: name the right file there, or sslrootcert=system for "
                 "those that this machine trusts");
}

TEST(ConnectFailure, IsToldOnOneLine) {
    EXPECT_STREQ(
        unreachable("root certificate file \"/root/.postgresql/root.crt\" does not exist\n"
                    "Either provide the file or change sslmode to disable server certificate "
                    "verification.\n")
            .what(),
        "root certificate file \"/root/.postgresql/root.crt\" does not exist. Either provide the "
        "file or change sslmode to disable server certificate verification; name the file by "
        "sslrootcert=FILE, or use sslrootcert=system");
}

TEST(AttemptTimeout, IsTheUrlsIfItHasOne) {
    const auto of = [](const char* url) {
        return attempt_timeout({.url = Url::parse(url).value(), .attempt_timeout = 7s});
    };
    EXPECT_EQ(of("postgres://h/d"), 7s);
    EXPECT_EQ(of("postgres://h/d?connect_timeout=15"), 15s);
    EXPECT_EQ(of("postgres://h/d?connect_timeout=1"), 2s);
    EXPECT_EQ(of("postgres://h/d?connect_timeout=0"), 7s);
    EXPECT_EQ(of("postgres://h/d?connect_timeout=x"), 7s);
}

TEST(Backoff, DoublesUpToASecondAndStartsAnew) {
    Backoff backoff{[] { return 0.0; }};
    std::vector<std::chrono::milliseconds> pauses;
    std::generate_n(std::back_inserter(pauses), 7, [&] { return backoff.next(); });
    EXPECT_EQ(pauses, (std::vector{25ms, 50ms, 100ms, 200ms, 400ms, 500ms, 500ms}));
    backoff.reset();
    EXPECT_EQ(backoff.next(), 25ms);
}

TEST(Backoff, JitterTakesUpToHalfAwayAndIsNoTwosSame) {
    double jitter = 0.5;
    Backoff backoff{[&] { return jitter; }};
    EXPECT_EQ(backoff.next(), 37ms);
    jitter = 0.9999;
    EXPECT_EQ(backoff.next(), 99ms);
    const auto random = Backoff::random_jitter();
    std::set<double> seen;
    for (int i = 0; i < 100; ++i) {
        const auto value = random();
        EXPECT_GE(value, 0.0);
        EXPECT_LT(value, 1.0);
        seen.insert(value);
    }
    EXPECT_GT(seen.size(), 90U);
}

}  // namespace
}  // namespace tenantry::pg
