#include "server/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include <sstream>
#include <string>

namespace tenantry::server {
namespace {

class LogTest : public testing::Test {
protected:
    std::unique_ptr<Log> make(Log::Options options) {
        auto logger = std::make_shared<spdlog::logger>(
            "test", std::make_shared<spdlog::sinks::ostream_sink_st>(lines_));
        logger->set_pattern(options.format == LogFormat::json ? "{\"level\":\"%l\",%v}" : "%l %v");
        return std::make_unique<Log>(options, std::move(logger));
    }
    std::string lines() const { return lines_.str(); }

private:
    std::ostringstream lines_;
};

const http::RequestFinished finished{.id = "7",
                                     .method = "GET",
                                     .route = "/api/leads/{id}",
                                     .status = 200,
                                     .tenant = "acme",
                                     .principal = "ann",
                                     .elapsed = std::chrono::microseconds{42}};

TEST_F(LogTest, RequestsAreNotLoggedUnlessAskedFor) {
    make({})->observe(finished);
    EXPECT_EQ(lines(), "");
}

TEST_F(LogTest, AccessLogHasALineForEachRequest) {
    make({.access_log = true})->observe(finished);
    EXPECT_EQ(lines(),
              "info request finished id=7 method=GET route=/api/leads/{id} status=200 tenant=acme "
              "principal=ann us=42\n");
}

TEST_F(LogTest, WhatAnOperatorDoesForATenantIsAlwaysLogged) {
    auto event = finished;
    event.by_operator = true;
    make({})->observe(event);
    EXPECT_EQ(lines(),
              "info an operator has acted for a tenant id=7 method=GET route=/api/leads/{id} "
              "status=200 tenant=acme principal=ann us=42\n");
}

TEST_F(LogTest, DebugLevelShowsRequests) {
    make({.level = LogLevel::debug})->observe(finished);
    EXPECT_EQ(lines(),
              "debug request finished id=7 method=GET route=/api/leads/{id} status=200 tenant=acme "
              "principal=ann us=42\n");
}

TEST_F(LogTest, RequestsThatGotNowhereHaveDashes) {
    make({.access_log = true})
        ->observe(http::RequestFinished{
            .id = "1", .method = "OTHER", .route = "", .status = 400, .tenant = "", .elapsed = {}});
    EXPECT_EQ(lines(),
              "info request finished id=1 method=OTHER route=- status=400 tenant=- principal=- "
              "us=0\n");
}

TEST_F(LogTest, TheQuotaThatWasMetIsNamed) {
    auto event = finished;
    event.status = 429;
    event.quota = "rows";
    make({.access_log = true})->observe(event);
    EXPECT_EQ(lines(),
              "info request finished id=7 method=GET route=/api/leads/{id} status=429 tenant=acme "
              "principal=ann us=42 quota=rows\n");
}

TEST_F(LogTest, APrincipalIsOneWordWhateverItsName) {
    auto event = finished;
    event.principal = "a b=\"c\"\n\xC3\xA9 {}";
    make({.access_log = true})->observe(event);
    EXPECT_EQ(lines(),
              "info request finished id=7 method=GET route=/api/leads/{id} status=200 tenant=acme "
              "principal=a?b??c?????{} us=42\n");
}

TEST_F(LogTest, JsonHasOneObjectALine) {
    const auto log = make({.access_log = true, .format = LogFormat::json});
    auto event = finished;
    event.principal = "a \"b\"\n";
    log->observe(event);
    log->observe(http::RequestFaulted{.id = "3", .what = "disk\n\xFF"});
    log->observe(http::ListenerStarted{"127.0.0.1", 8080, 2});
    EXPECT_EQ(
        lines(),
        R"({"level":"info","message":"request finished","id":"7","method":"GET",)"
        R"("route":"/api/leads/{id}","status":200,"tenant":"acme","principal":"a \"b\"\n","us":42})"
        "\n"
        R"({"level":"error","message":"request failed","id":"3","method":"","route":"",)"
        R"("tenant":"","cause":"disk??"})"
        "\n"
        R"({"level":"info","message":"listening","address":"127.0.0.1","port":8080,"threads":2})"
        "\n");
}

TEST_F(LogTest, JsonIsWhatEveryEventGives) {
    const auto log = make({.access_log = true, .format = LogFormat::json});
    log->observe(finished);
    log->observe(http::RequestFaulted{.id = "3", .what = "x"});
    log->observe(http::AcceptFailed{"x"});
    log->observe(http::ConnectionsExhausted{10});
    log->observe(http::SessionFaulted{"x"});
    log->observe(http::ListenerStarted{"127.0.0.1", 8080, 2});
    log->observe(http::ListenerDraining{4});
    log->observe(http::ListenerStopped{0});
    log->observe(http::ListenerStopped{2});
    log->observe(DatabaseOpened{"x"});
    log->observe(ServerStopped{});
    log->observe(FileLimitLow{1024, 10128});
    log->observe(KeyUsesLost{"x"});
    log->observe(MasterKeyMade{"x"});
    log->observe(MasterKeyUnusable{"x"});
    log->observe(RemovalFailed{"acme", "x"});
    std::istringstream all{lines()};
    int count = 0;
    for (std::string line; std::getline(all, line); ++count) {
        boost::system::error_code error;
        const auto value = boost::json::parse(line, error);
        EXPECT_FALSE(error) << line;
        EXPECT_TRUE(value.is_object() && value.as_object().contains("message")) << line;
    }
    EXPECT_EQ(count, 16);
}

TEST_F(LogTest, FaultsAreErrorsOnOneLine) {
    make({.level = LogLevel::error})
        ->observe(http::RequestFaulted{.id = "3",
                                       .method = "PUT",
                                       .route = "/x",
                                       .tenant = "acme",
                                       .what = "disk\nI/O\terror"});
    EXPECT_EQ(
        lines(),
        "error request failed id=3 method=PUT route=/x tenant=acme cause=\"disk I/O error\"\n");
}

TEST_F(LogTest, LifecycleIsTold) {
    const auto log = make({});
    log->observe(DatabaseOpened{"/var/lib/tenantry.db"});
    log->observe(http::ListenerStarted{"127.0.0.1", 8080, 2});
    log->observe(http::ListenerDraining{4});
    log->observe(http::ListenerStopped{0});
    log->observe(http::ListenerStopped{2});
    log->observe(ServerStopped{});
    EXPECT_EQ(lines(),
              "info database open database=/var/lib/tenantry.db\n"
              "info listening address=127.0.0.1 port=8080 threads=2\n"
              "info shutting down; finishing what has begun connections=4\n"
              "info all requests finished\n"
              "warning connections that did not finish in time were cut off count=2\n"
              "info stopped; every acknowledged write is on disk\n");
}

TEST_F(LogTest, ShortagesSayWhatToDo) {
    const auto log = make({});
    log->observe(http::AcceptFailed{"Too many open files"});
    log->observe(http::ConnectionsExhausted{10});
    log->observe(http::SessionFaulted{"bad"});
    log->observe(FileLimitLow{1024, 10128});
    EXPECT_EQ(lines(),
              "error no connection can be accepted for now; raise the limit of open files (ulimit "
              "-n) if that is it "
              "cause=\"Too many open files\"\n"
              "warning as many connections as configured are open; more are turned away with 503 "
              "connections_max=10\n"
              "error a connection broke off cause=\"bad\"\n"
              "warning the limit of open files is lower than connections_max needs; raise it "
              "(ulimit -n) or lower "
              "connections_max allowed=1024 wanted=10128\n");
}

TEST_F(LogTest, KeysAndDeletionsSayWhatToDo) {
    const auto log = make({});
    log->observe(KeyUsesLost{"disk\nfull"});
    log->observe(RemovalFailed{"acme", "x\ny"});
    log->observe(MasterKeyMade{"/a b/key"});
    log->observe(MasterKeyUnusable{"not found"});
    EXPECT_EQ(lines(),
              "warning when API keys were last used could not be written cause=\"disk full\"\n"
              "warning a tenant's deletion ended early; begin it again to go on tenant=acme "
              "cause=\"x y\"\n"
              "warning made a master key for the tenants' secrets; keep a copy of its file "
              "elsewhere, for without it the secrets in a backup are lost file=/a b/key\n"
              "error secrets can't be used reason=\"not found\"\n");
}

}  // namespace
}  // namespace tenantry::server
