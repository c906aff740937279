// Whole files of leads in and out, over sockets: streamed both ways.

#include "fixture.hpp"

#include "base/limits.hpp"
#include "services/export.hpp"

#include <fmt/format.h>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <thread>
#include <vector>

namespace tenantry::e2e {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

class TransferTest : public ServerTest {
protected:
    Ask import_of(std::string csv, std::string query = {}) const {
        return {.method = "POST",
                .target = "/api/leads/import" + query,
                .token = token("acme", "operator"),
                .body = std::move(csv),
                .type = "text/csv"};
    }
    Ask export_of(std::string_view tenant, std::string query = {}) const {
        return {.target = "/api/leads/export" + query, .token = token(tenant, "viewer")};
    }
    /// `count` rows, each with that many bytes of metadata.
    static std::string csv(int count, std::size_t metadata_bytes = 0) {
        std::string text = "first_name,email,notes\n";
        for (int i = 0; i < count; ++i) {
            text += fmt::format("L{},l{}@example.com,", i, i);
            text.append(metadata_bytes, 'x');
            text += '\n';
        }
        return text;
    }
    std::int64_t leads_of(std::string_view tenant) const {
        return ask_json({.target = "/api/leads?limit=1", .token = token(tenant)})
            .at("total")
            .as_int64();
    }
    std::size_t files_in_folder() const {
        const auto folder = options().spool_folder;
        return static_cast<std::size_t>(
            std::distance(std::filesystem::directory_iterator{folder}, {}));
    }
    static std::ptrdiff_t lines(const std::string& text) { return std::ranges::count(text, '\n'); }
};

TEST_F(TransferTest, ImportReportsWhatBecameOfEachRow) {
    make_lead("acme", R"("first_name":"Ada","email":"ada@example.com")");
    const auto answer =
        ask(import_of("first_name,email\nAda,ada@example.com\nBob,bob@example.com\n,x@example."
                      "com\nEve,nothing\n"));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body,
              R"({"dry_run":false,"rows":4,"imported":1,"unchanged":1,"refused_rows":2,"refused":[)"
              R"({"line":4,"column":"first_name","reason":"first_name is required"},)"
              R"({"line":5,"column":"email","reason":"email is not an address"}]})");
    EXPECT_EQ(leads_of("acme"), 2);
    EXPECT_EQ(leads_of("birch"), 0);
}

TEST_F(TransferTest, LargeFilesGoThroughTheDiskAndLeaveNothingThere) {
    const auto before = files_in_folder();
    const auto text = csv(3000, 300);
    ASSERT_GT(text.size(), 900'000U);
    const auto report = json::parse(ask(import_of(text)).body);
    EXPECT_EQ(report.at("imported").as_int64(), 3000);
    EXPECT_EQ(json::parse(ask(import_of(text)).body).at("unchanged").as_int64(), 3000);
    EXPECT_EQ(leads_of("acme"), 3000);
    EXPECT_EQ(files_in_folder(), before);
}

TEST_F(TransferTest, FilesMayComeInChunksAndRequestsBehindThem) {
    const auto text = csv(500);
    auto bytes = fmt::format(
        "POST /api/leads/import HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {}\r\n"
        "Content-Type: text/csv; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n",
        token("acme"));
    for (std::size_t at = 0; at < text.size(); at += 1000) {
        const auto chunk = text.substr(at, 1000);
        bytes += fmt::format("{:x}\r\n{}\r\n", chunk.size(), chunk);
    }
    bytes += "0\r\n\r\n" + Ask{.target = "/healthz"}.bytes();
    auto client = connect();
    const auto answer = client.exchange(bytes);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(json::parse(answer.body).at("imported").as_int64(), 500);
    EXPECT_EQ(client.receive()->status, 200);
}

TEST_F(TransferTest, ImportHeedsItsParameters) {
    const std::string text = "Name,Mail,Phone,Memo\nAda,ada@example.com,30 123456,hi\n";
    const std::string query =
        "?map=Name%3Dfirst_name&map=Mail%3Demail&map=Memo%3Dmetadata.notes&country_code=49";
    const auto tried = json::parse(ask(import_of(text, query + "&dry_run=true")).body);
    EXPECT_TRUE(tried.at("dry_run").as_bool());
    EXPECT_EQ(tried.at("imported").as_int64(), 1);
    EXPECT_EQ(leads_of("acme"), 0);
    EXPECT_EQ(ask(import_of(text, query + "&dry_run=false")).status, 200);
    const auto page = ask_json({.target = "/api/leads", .token = token("acme")});
    const auto& lead = page.at("leads").as_array().at(0);
    EXPECT_EQ(lead.at("first_name").as_string(), "Ada");
    EXPECT_EQ(lead.at("phone").as_string(), "+4930123456");
    EXPECT_EQ(json::serialize(lead.at("metadata")), R"({"notes":"hi"})");
}

TEST_F(TransferTest, WhatCantBeImportedIsRefused) {
    struct Case {
        std::string body, query;
        int status;
        std::string code, field;
    };
    const std::vector<Case> cases{
        {"first_name\n\"Ada\n", "", 400, "bad_file", ""},
        {"PK\x03\x04", "", 400, "bad_file", ""},
        {"first_name\nA\n", "?dry_run=yes", 400, "bad_value", "dry_run"},
        {"first_name\nA\n", "?country_code=x", 400, "bad_value", "country_code"},
        {"first_name\nA\n", "?map=none", 400, "bad_value", "map"},
        {"first_name\nA\n", "?map=x%3Demail", 400, "bad_value", ""},
        {"first_name\nA\n", "?dry_run=true&dry_run=true", 400, "bad_query", "dry_run"},
        {"first_name\nA\n", "?what=1", 400, "bad_query", "what"},
    };
    for (const auto& refused : cases) {
        const auto answer = ask(import_of(refused.body, refused.query));
        EXPECT_EQ(answer.status, refused.status) << refused.body << refused.query;
        EXPECT_EQ(answer.code(), refused.code) << answer.body;
        if (refused.field.empty()) continue;
        EXPECT_EQ(answer.field(), refused.field) << answer.body;
    }
    auto as_json = import_of("first_name\nA\n");
    as_json.type = "application/json";
    EXPECT_EQ(ask(as_json).status, 415);
    auto as_viewer = import_of("first_name\nA\n");
    as_viewer.token = token("acme", "viewer");
    EXPECT_EQ(ask(as_viewer).status, 403);
    EXPECT_EQ(leads_of("acme"), 0);
}

TEST_F(TransferTest, RefusedRowsAreListedUpToALimit) {
    std::string text = "first_name,email\n";
    for (int i = 0; i < 1500; ++i) text += "A,nothing\n";
    const auto report = json::parse(ask(import_of(text)).body);
    EXPECT_EQ(report.at("refused_rows").as_int64(), 1500);
    EXPECT_EQ(report.at("refused").as_array().size(), 1000U);
}

TEST_F(TransferTest, FileIsAsLargeAsTheSettingSays) {
    auto small = options();
    small.http.limits.body_bytes_max = 1000;
    small.http.limits.import_bytes_max = 200'000;
    start(small);
    EXPECT_EQ(ask(import_of(csv(1000, 100))).status, 200);
    const auto answer = ask(import_of(csv(2000, 100)));
    EXPECT_EQ(answer.status, 413);
    EXPECT_EQ(answer.code(), "body_too_large");
    // A path that has to be decoded leads to the same place, but with an ordinary body.
    auto other = import_of(csv(100));
    other.target = "/api/leads/impor%74";
    EXPECT_EQ(ask(other).status, 413);
    other.body = csv(10);
    EXPECT_EQ(ask(other).status, 200);
}

TEST_F(TransferTest, EachTenantHasRoomForTwoFilesAtATime) {
    const auto body = csv(3000, 100);
    const auto head_of = [&](std::string_view tenant) {
        auto asked = import_of(body);
        asked.token = token(tenant);
        asked.headers = "Expect: 100-continue\r\n";
        const auto whole = asked.bytes();
        return whole.substr(0, whole.find("\r\n\r\n") + 4);
    };
    const auto head = head_of("acme");
    // Who is told to go on has a place.
    const auto begin = [&] {
        auto client = connect();
        EXPECT_EQ(client.exchange(head).status, 100);
        client.send(std::string_view{body}.substr(0, body.size() - 10));
        return client;
    };
    auto first = begin();
    auto second = begin();
    const auto refused = connect().exchange(head);
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.code(), "overloaded");
    EXPECT_EQ(refused.header("retry-after"), "1");
    EXPECT_EQ(connect().exchange(head_of("birch")).status, 100);
    const auto rest = body.substr(body.size() - 10);
    EXPECT_EQ(first.exchange(rest).status, 200);
    EXPECT_EQ(second.exchange(rest).status, 200);
    EXPECT_EQ(ask(import_of(body)).status, 200);
}

TEST_F(TransferTest, FileThatStopsComingIn) {
    auto hasty = options();
    hasty.http.limits.request_deadline = 1s;  // enough to find out who asks
    hasty.http.limits.tick = 5ms;
    start(hasty);
    const auto bytes = import_of(csv(3000, 100)).bytes();
    auto client = connect();
    client.send(std::string_view{bytes}.substr(0, bytes.size() - 10));
    EXPECT_EQ(client.receive()->status, 408);
    EXPECT_TRUE(client.at_end());
}

TEST_F(TransferTest, SuspensionWhileAFileComesInIsHeeded) {
    const auto bytes = import_of(csv(3000, 100)).bytes();
    auto client = connect();
    client.send(std::string_view{bytes}.substr(0, bytes.size() - 10));
    const auto acme = TenantId::parse("acme").value();
    control().set_tenant_status(acme, auth::TenantStatus::suspended).value();
    client.send(std::string_view{bytes}.substr(bytes.size() - 10));
    EXPECT_EQ(client.receive()->code(), "tenant_unavailable");
    control().set_tenant_status(acme, auth::TenantStatus::active).value();
    EXPECT_EQ(leads_of("acme"), 0);
}

TEST_F(TransferTest, ExportHoldsEveryLeadPageByPage) {
    constexpr int count = 3 * static_cast<int>(services::LeadExport::page_rows) + 1;
    ask(import_of(csv(count)));
    make_lead("birch");
    const auto as_csv = ask(export_of("acme"));
    EXPECT_EQ(as_csv.status, 200);
    EXPECT_EQ(as_csv.header("content-type"), "text/csv; charset=utf-8");
    EXPECT_EQ(as_csv.header("content-disposition"), "attachment; filename=\"leads.csv\"");
    EXPECT_EQ(as_csv.headers.count("content-length"), 0U);
    EXPECT_EQ(as_csv.chunks, 5U);
    EXPECT_EQ(lines(as_csv.body), count + 1);
    const auto as_lines = ask(export_of("acme", "?format=ndjson"));
    EXPECT_EQ(as_lines.header("content-type"), "application/x-ndjson");
    EXPECT_EQ(lines(as_lines.body), count);
    EXPECT_EQ(lines(ask(export_of("birch")).body), 2);
    EXPECT_EQ(ask(export_of("acme", "?format=xlsx")).code(), "bad_value");

    // What goes out comes in again, elsewhere.
    auto again = import_of(as_csv.body);
    again.token = token("birch");
    EXPECT_EQ(json::parse(ask(again).body).at("imported").as_int64(), count);
}

TEST_F(TransferTest, ExportOfNothingIsAHeader) {
    const auto answer = ask(export_of("acme"));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(lines(answer.body), 1);
    EXPECT_EQ(ask(export_of("acme", "?format=ndjson")).body, "");
}

TEST_F(TransferTest, HeadOfAnExportIsItsHeaders) {
    make_lead("acme");
    auto client = connect();
    auto request = export_of("acme");
    request.method = "HEAD";
    const auto head = client.exchange(request.bytes(), true);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("transfer-encoding"), "chunked");
    EXPECT_EQ(client.exchange(Ask{.target = "/healthz"}.bytes()).status, 200);
}

TEST_F(TransferTest, RequestsAroundAnExportAreAnsweredInOrder) {
    ask(import_of(csv(300)));
    auto client = connect();
    const auto alive = Ask{.target = "/healthz"}.bytes();
    client.send(alive + export_of("acme").bytes() + alive + export_of("acme").bytes() + alive);
    for (const std::ptrdiff_t expected : {0, 301, 0, 301, 0}) {
        const auto answer = client.receive();
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->status, 200);
        EXPECT_EQ(lines(answer->body), expected);
    }
}

TEST_F(TransferTest, Http10GetsAnExportUntilTheEndOfTheConnection) {
    ask(import_of(csv(300)));
    auto client = connect();
    client.send(
        fmt::format("GET /api/leads/export HTTP/1.0\r\nConnection: keep-alive\r\n"
                    "Authorization: Bearer {}\r\n\r\n",
                    token("acme")));
    const auto bytes = client.receive_rest();
    EXPECT_EQ(bytes.find("transfer-encoding"), std::string::npos);
    EXPECT_NE(bytes.find("\r\nconnection: close\r\n"), std::string::npos);
    EXPECT_EQ(lines(bytes.substr(bytes.find("\r\n\r\n") + 4)), 301);
}

/// Exports that are far larger than what sockets hold, so that the server has to wait for the
/// client with most of them still to be read.
class LargeExportTest : public TransferTest {
protected:
    LargeExportTest() {
        for (int part = 0; part < 4; ++part) {
            std::string text = "first_name,notes\n";
            for (int i = 0; i < 100; ++i) {
                text += fmt::format("L{}-{},", part, i);
                text.append(60'000, 'x');
                text += '\n';
            }
            EXPECT_EQ(ask(import_of(text)).status, 200);
        }
    }
    /// A client that has read the head of its export, and no more.
    Client begin() {
        auto client = connect();
        client.send(export_of("acme").bytes());
        EXPECT_TRUE(client.readable_within(1min));
        return client;
    }
};

TEST_F(LargeExportTest, EndsWhenTheTenantIsSuspended) {
    auto client = begin();
    const auto acme = TenantId::parse("acme").value();
    control().set_tenant_status(acme, auth::TenantStatus::suspended).value();
    const auto answer = client.receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_TRUE(answer->cut_off);
    EXPECT_LT(lines(answer->body), 400);
    EXPECT_TRUE(client.at_end());
}

TEST_F(LargeExportTest, EndsWhenTheClientGoes) {
    {
        auto client = begin();
    }
    wait_for_connections(0);
}

TEST_F(LargeExportTest, ClientThatTakesNothingIsCutOff) {
    auto hasty = options();
    hasty.http.limits.write_timeout = 50ms;
    hasty.http.limits.least_bytes_per_second = 1UL << 30;
    hasty.http.limits.tick = 5ms;
    start(hasty);
    auto client = begin();
    wait_for_connections(0);
    EXPECT_TRUE(client.receive()->cut_off);
}

TEST_F(LargeExportTest, DoesNotHoldUpAShutdown) {
    auto hasty = options();
    hasty.http.limits.shutdown_timeout = 50ms;
    hasty.http.limits.tick = 5ms;
    start(hasty);
    auto client = begin();
    server().stop();
    EXPECT_TRUE(client.receive()->cut_off);
}

TEST_F(LargeExportTest, ArrivesWholeAtWhoTakesItSlowly) {
    auto client = begin();
    const auto answer = client.receive();
    ASSERT_TRUE(answer);
    EXPECT_FALSE(answer->cut_off);
    EXPECT_EQ(lines(answer->body), 401);
}

}  // namespace
}  // namespace tenantry::e2e
