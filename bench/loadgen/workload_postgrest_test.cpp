#include <gtest/gtest.h>

#include "workload.hpp"
#include "workload_testing.hpp"

namespace tenantry::bench {
namespace {

constexpr std::string_view lead_row =
    R"({"id":"00000000-0000-4000-8000-00000000000a","email":"a@mail.example","status":"new",)"
    R"("metadata":{"marker": "tenant=t1"},"created_at":"2025-01-01T00:00:00+00:00"})";

Workload postgrest() { return one_lead(Api::postgrest); }

// Of the one status that there is a lead of.
Request page_of_new(Workload& workload, std::string& out) {
    Request request;
    do {
        workload.start(Kind::page, request, out);
    } while (request.status != Status::fresh);
    return request;
}

bool right_page(int status, std::string_view body, std::optional<std::int64_t> total) {
    auto workload = postgrest();
    std::string out;
    auto page = page_of_new(workload, out);
    return workload.finish(page, {.status = status, .body = body, .total = total}).has_value();
}

TEST(WorkloadPostgrest, AsksForOneRow) {
    auto workload = postgrest();
    Request request;
    std::string out;
    workload.start(Kind::get, request, out);
    EXPECT_EQ(out, "GET /leads?id=eq." + std::string{lead_id_text} +
                       " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer token\r\n"
                       "Accept: application/vnd.pgrst.object+json\r\n\r\n");
    EXPECT_TRUE(right(workload, request, 200, lead_row));
}

TEST(WorkloadPostgrest, AsksForAPageWithItsTotal) {
    auto workload = postgrest();
    std::string out;
    page_of_new(workload, out);
    EXPECT_EQ(out,
              "GET /leads?order=created_at.desc,id.desc&status=eq.new&limit=20 HTTP/1.1\r\n"
              "Host: 127.0.0.1\r\nAuthorization: Bearer token\r\nPrefer: count=exact\r\n\r\n");
}

TEST(WorkloadPostgrest, ChecksThePageAndTheTotalBesideIt) {
    const auto rows = "[" + std::string{lead_row} + "]";
    EXPECT_TRUE(right_page(200, rows, 1));
    EXPECT_TRUE(right_page(206, rows, 1));
    EXPECT_FALSE(right_page(200, rows, std::nullopt));
    EXPECT_FALSE(right_page(200, rows, 2));
    EXPECT_FALSE(right_page(200, "[]", 1));
    EXPECT_FALSE(right_page(500, rows, 1));
}

}  // namespace
}  // namespace tenantry::bench
