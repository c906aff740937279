#include "workload.hpp"

#include <gtest/gtest.h>

#include "workload_testing.hpp"

namespace tenantry::bench {
namespace {

std::string row(std::string_view status, std::string_view score) {
    std::string text = R"({"id":")";
    text.append(lead_id_text).append(R"(","email":"a@mail.example","status":")").append(status);
    text.append(R"(","score":)").append(score.empty() ? "null" : score);
    return text.append(R"(,"metadata":{"marker":"tenant=t1"},"created_at":"2025"})");
}

std::string page_of(int total, Status status) {
    std::string text = R"({"leads":[)";
    if (total > 0) {
        text.append(row(text_of(status), ""));
    }
    return text.append(R"(],"total":)").append(std::to_string(total)).append(R"(,"next":null})");
}

std::string dashboard_of(int all, Status status) {
    std::string text = R"({"totalLeads":)" + std::to_string(all) + R"(,"leadsByStatus":{)";
    int active = 0;
    for (std::size_t i = 0; i < status_count; ++i) {
        const int count = static_cast<Status>(i) == status ? all : 0;
        active += i < 3 ? count : 0;
        text.append(i == 0 ? "\"" : ",\"").append(text_of(static_cast<Status>(i)));
        text.append("\":").append(std::to_string(count));
    }
    return text.append(R"(},"activeLeads":)")
        .append(std::to_string(active))
        .append(R"(,"pendingApprovals":0})");
}

// An update that changes the status; the model moves on by itself to the one it draws.
Request status_change(Workload& workload) {
    auto update = started(workload, Kind::update);
    while (update.status == Status::fresh) {
        EXPECT_TRUE(right(workload, update, 200, row("new", update.score)));
        update = started(workload, Kind::update);
    }
    return update;
}

Request page_of_status(Workload& workload, Status status) {
    auto page = started(workload, Kind::page);
    while (page.status != status) {
        page = started(workload, Kind::page);
    }
    return page;
}

TEST(Workload, WritesAWholeRequest) {
    auto workload = one_lead();
    Request request;
    std::string out = "what was there before";
    workload.start(Kind::get, request, out);
    EXPECT_EQ(out, "GET /api/leads/" + std::string{lead_id_text} +
                       " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer token\r\n\r\n");
}

TEST(Workload, RefusesAWrongStatusCode) {
    auto workload = one_lead();
    auto get = started(workload, Kind::get);
    EXPECT_FALSE(right(workload, get, 404, row("new", "")));
}

TEST(Workload, AcknowledgedUpdatesMustBeSeen) {
    auto workload = one_lead();
    auto update = status_change(workload);
    const std::string written{text_of(update.status)};
    EXPECT_TRUE(right(workload, update, 200, row(written, update.score)));

    auto get = started(workload, Kind::get);
    EXPECT_FALSE(right(workload, get, 200, row("new", "")));
    get = started(workload, Kind::get);
    EXPECT_TRUE(right(workload, get, 200, row(written, "")));
}

TEST(Workload, UpdatesUnderWayMayBeSeenOrNot) {
    auto workload = one_lead();
    auto before = started(workload, Kind::get);
    auto update = status_change(workload);
    auto during = started(workload, Kind::get);
    EXPECT_TRUE(right(workload, before, 200, row(text_of(update.status), "")));
    EXPECT_TRUE(right(workload, during, 200, row("new", "")));
}

TEST(Workload, TotalsAreExactWithoutWrites) {
    auto workload = one_lead();
    auto page = page_of_status(workload, Status::fresh);
    EXPECT_FALSE(right(workload, page, 200, page_of(0, Status::fresh)));
    page = page_of_status(workload, Status::fresh);
    EXPECT_TRUE(right(workload, page, 200, page_of(1, Status::fresh)));
    page = page_of_status(workload, Status::closed);
    EXPECT_FALSE(right(workload, page, 200, page_of(1, Status::closed)));
}

TEST(Workload, TotalsMayFollowAWriteThatOverlapsThePage) {
    auto workload = one_lead();
    auto early = page_of_status(workload, Status::fresh);
    workload.track({&early});
    auto update = status_change(workload);
    auto late = page_of_status(workload, Status::fresh);
    auto gained = page_of_status(workload, update.status);
    EXPECT_TRUE(right(workload, early, 200, page_of(0, Status::fresh)));
    EXPECT_TRUE(right(workload, late, 200, page_of(0, Status::fresh)));
    EXPECT_TRUE(right(workload, gained, 200, page_of(1, update.status)));
    workload.track({});

    EXPECT_TRUE(right(workload, update, 200, row(text_of(update.status), update.score)));
    auto after = page_of_status(workload, Status::fresh);
    EXPECT_FALSE(right(workload, after, 200, page_of(1, Status::fresh)));
}

TEST(Workload, AsksForTheDashboard) {
    auto workload = one_lead();
    Request request;
    std::string out;
    workload.start(Kind::dashboard, request, out);
    EXPECT_EQ(out.substr(0, out.find(" HTTP")), "GET /api/dashboard?timeframe=week");
    EXPECT_TRUE(right(workload, request, 200, dashboard_of(1, Status::fresh)));
    auto wrong = started(workload, Kind::dashboard);
    EXPECT_FALSE(right(workload, wrong, 200, dashboard_of(2, Status::fresh)));
}

TEST(Workload, DashboardsMayFollowWritesThatOverlapThem) {
    auto workload = one_lead();
    auto early = started(workload, Kind::dashboard);
    workload.track({&early});
    const auto create = started(workload, Kind::create);
    auto late = started(workload, Kind::dashboard);
    auto too_many = started(workload, Kind::dashboard);
    workload.track({});
    EXPECT_TRUE(right(workload, early, 200, dashboard_of(2, create.status)));
    EXPECT_TRUE(right(workload, late, 200, dashboard_of(1, create.status)));
    EXPECT_FALSE(right(workload, too_many, 200, dashboard_of(3, create.status)));
}

TEST(Workload, AnEventIsOfTheLeadMadeBeforeIt) {
    auto workload = one_lead();
    Request request;
    std::string out;
    workload.start(Kind::create_with_event, request, out);
    EXPECT_TRUE(out.starts_with("POST /api/leads HTTP/1.1\r\n")) << out;
    constexpr std::string_view new_id = "00000000-0000-4000-8000-00000000000e";
    std::string created = R"({"id":")";
    created.append(new_id).append(R"(","email":")").append(request.email);
    created.append(R"(","status":"new","metadata":{"marker":"tenant=t1"}})");
    EXPECT_TRUE(right(workload, request, 201, created));

    workload.start(Kind::create_with_event, request, out);
    EXPECT_TRUE(out.starts_with("POST /api/events HTTP/1.1\r\n")) << out;
    EXPECT_NE(out.find(new_id), std::string::npos) << out;
    std::string recorded = R"({"id":"00000000-0000-4000-8000-0000000000e1","lead_id":")";
    recorded.append(new_id).append(R"(","type":"call","data":{"marker":"tenant=t1"}})");
    EXPECT_TRUE(right(workload, request, 201, recorded));

    workload.start(Kind::create_with_event, request, out);
    EXPECT_TRUE(out.starts_with("POST /api/leads HTTP/1.1\r\n")) << out;
}

TEST(Workload, RefusesAnEventOfAnotherLead) {
    auto workload = one_lead();
    auto request = started(workload, Kind::create_with_event);
    std::string created = row("new", "");
    created.replace(created.find("a@mail.example"), std::string_view{"a@mail.example"}.size(),
                    request.email);
    ASSERT_TRUE(right(workload, request, 201, created));
    std::string out;
    workload.start(Kind::create_with_event, request, out);
    EXPECT_FALSE(right(workload, request, 201,
                       R"({"id":"00000000-0000-4000-8000-0000000000e1","lead_id":null,)"
                       R"("type":"call","data":{"marker":"tenant=t1"}})"));
}

TEST(Workload, PagesAndCreatesTakeTurns) {
    auto workload = one_lead();
    Request request;
    std::string out;
    for (const auto expected : {Action::page, Action::create, Action::page}) {
        workload.start(Kind::pages_and_creates, request, out);
        EXPECT_EQ(request.action, expected);
    }
}

TEST(Workload, UpdatesGoElsewhereWhileAllLeadsOfATenantAreBeingWritten) {
    Tenant busy{.name = "t1", .token = "one", .leads = {{.id = "a", .email = "a@mail.example"}}};
    Tenant idle{.name = "t2", .token = "two", .leads = {{.id = "b", .email = "a@mail.example"}}};
    Workload workload{{busy, idle}, 1};
    const auto first = started(workload, Kind::update);
    const auto second = started(workload, Kind::update);
    EXPECT_NE(first.tenant, second.tenant);
}

TEST(Workload, CreatedLeadsCountAndMustEchoTheirEmail) {
    auto workload = one_lead();
    auto create = started(workload, Kind::create);
    EXPECT_FALSE(right(workload, create, 201, row("new", "")));

    create = started(workload, Kind::create);
    std::string created = row("new", "");
    created.replace(created.find("a@mail.example"), std::string_view{"a@mail.example"}.size(),
                    create.email);
    EXPECT_TRUE(right(workload, create, 201, created));
    auto page = page_of_status(workload, Status::fresh);
    EXPECT_EQ(page.by_status[0].min, 2);
    EXPECT_EQ(page.all.min, 2);
}

}  // namespace
}  // namespace tenantry::bench
