#include <gtest/gtest.h>

#include "workload.hpp"
#include "workload_testing.hpp"

namespace tenantry::bench {
namespace {

const std::string lead_row =
    R"({"id":")" + std::string{lead_id_text} +
    R"(","email":"a@mail.example","status":"new",)"
    R"("metadata":{"marker": "tenant=t1"},"created_at":"2025-01-01T00:00:00+00:00"})";

Workload rest(std::string root = "/rest/v1/") {
    Tenant tenant{.name = "t1", .token = "token", .leads = {}};
    tenant.leads.push_back({.id = std::string{lead_id_text}, .email = "a@mail.example"});
    tenant.total(Status::fresh).known = 1;
    tenant.all.known = 1;
    return Workload{{tenant}, 1, Api::rest, std::move(root)};
}

std::string sent(Kind kind, std::string root = "/rest/v1/") {
    auto workload = rest(std::move(root));
    Request request;
    std::string out;
    workload.start(kind, request, out);
    return out;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\r')); }

bool right(Kind kind, int status, std::string_view body) {
    auto workload = rest();
    auto request = started(workload, kind);
    return workload.finish(request, {.status = status, .body = body}).has_value();
}

// A lead with as many events and approvals as the data have.
std::string with_related(std::string_view tenant) {
    std::string text = lead_row.substr(0, lead_row.size() - 1) + R"(,"related":[)";
    for (int i = 0; i < 3; ++i) {
        text.append(i > 0 ? "," : "").append(R"({"lead_id":"x","data":{"marker":"tenant=)");
        text.append(tenant).append(R"("}})");
    }
    return text + "]}";
}

std::string leads(int count, const std::string& lead) {
    std::string text = "[" + lead;
    for (int i = 1; i < count; ++i) text += "," + lead;
    return text + "]";
}

TEST(WorkloadRest, AsksForRowsAsPostgrestsClientsDo) {
    EXPECT_EQ(sent(Kind::get), "GET /rest/v1/leads?id=eq." + std::string{lead_id_text} +
                                   " HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                                   "Authorization: Bearer token\r\n\r\n");
    EXPECT_EQ(first_line(sent(Kind::embed)),
              "GET /rest/v1/leads?select=*,approvals(*),events(*)&order=id&limit=10 HTTP/1.1");
    EXPECT_EQ(first_line(sent(Kind::embed, "/")),
              "GET /leads?select=*,approvals(*),events(*)&order=id&limit=10 HTTP/1.1");
    const auto page = first_line(sent(Kind::page));
    EXPECT_TRUE(page.starts_with("GET /rest/v1/leads?select=id,first_name,")) << page;
    EXPECT_TRUE(page.ends_with("&order=created_at.desc&limit=25 HTTP/1.1")) << page;
}

TEST(WorkloadRest, WritesAskForNothingBack) {
    const auto insert = sent(Kind::insert);
    EXPECT_EQ(first_line(insert), "POST /rest/v1/leads HTTP/1.1");
    EXPECT_NE(insert.find("\r\nPrefer: return=minimal\r\n"), std::string::npos);
    EXPECT_EQ(insert.find("\"id\""), std::string::npos);
    const auto upsert = sent(Kind::upsert);
    EXPECT_EQ(first_line(upsert), "POST /rest/v1/leads HTTP/1.1");
    EXPECT_NE(upsert.find("\r\nPrefer: resolution=merge-duplicates,return=minimal\r\n"),
              std::string::npos);
    EXPECT_NE(upsert.find(R"({"id":")" + std::string{lead_id_text}), std::string::npos);
}

TEST(WorkloadRest, ChecksTheOneRow) {
    EXPECT_TRUE(right(Kind::get, 200, "[" + lead_row + "]"));
    EXPECT_FALSE(right(Kind::get, 200, lead_row));
    EXPECT_FALSE(right(Kind::get, 200, "[]"));
    EXPECT_FALSE(right(Kind::get, 206, "[" + lead_row + "]"));
    EXPECT_FALSE(right(Kind::get, 200, "[" + lead_row + "," + lead_row + "]"));
}

TEST(WorkloadRest, ChecksWhatIsEmbedded) {
    EXPECT_TRUE(right(Kind::embed, 200, leads(10, with_related("t1"))));
    EXPECT_FALSE(right(Kind::embed, 200, leads(9, with_related("t1"))));
    EXPECT_FALSE(right(Kind::embed, 200, leads(10, lead_row)));
    EXPECT_FALSE(right(Kind::embed, 200, leads(10, with_related("t2"))));
}

TEST(WorkloadRest, ChecksWrites) {
    EXPECT_TRUE(right(Kind::insert, 201, ""));
    EXPECT_FALSE(right(Kind::insert, 200, ""));
    EXPECT_FALSE(right(Kind::insert, 201, "[" + lead_row + "]"));
    EXPECT_TRUE(right(Kind::upsert, 200, ""));
    EXPECT_TRUE(right(Kind::upsert, 201, ""));
    EXPECT_FALSE(right(Kind::upsert, 409, ""));
}

TEST(WorkloadRest, APageHasWhatWasWrittenBefore) {
    auto workload = rest();
    Request request;
    std::string out;
    workload.start(Kind::insert, request, out);
    ASSERT_TRUE(workload.finish(request, {.status = 201, .body = ""}).has_value());
    do {
        workload.start(Kind::page, request, out);
    } while (request.status != Status::fresh);
    auto again = request;
    EXPECT_FALSE(workload.finish(request, {.status = 200, .body = leads(1, lead_row)}));
    EXPECT_TRUE(workload.finish(again, {.status = 200, .body = leads(2, lead_row)}));
}

TEST(WorkloadRest, AGetSeesWhatWasUpserted) {
    auto workload = rest();
    Request request;
    std::string out;
    do {
        workload.start(Kind::upsert, request, out);
        ASSERT_TRUE(workload.finish(request, {.status = 200, .body = ""}).has_value());
    } while (request.status == Status::fresh);
    workload.start(Kind::get, request, out);
    EXPECT_FALSE(workload.finish(request, {.status = 200, .body = "[" + lead_row + "]"}));
}

TEST(WorkloadRest, OtherServersAreNotAskedSo) {
    auto workload = one_lead();
    Request request;
    std::string out;
    EXPECT_THROW(workload.start(Kind::embed, request, out), std::runtime_error);
    auto as_postgrest = rest();
    EXPECT_THROW(as_postgrest.start(Kind::update, request, out), std::runtime_error);
}

}  // namespace
}  // namespace tenantry::bench
