#include "check.hpp"

#include <gtest/gtest.h>

namespace tenantry::bench {
namespace {

constexpr std::string_view id_a = "00000000-0000-4000-8000-00000000000a";
constexpr std::string_view id_b = "00000000-0000-4000-8000-00000000000b";

std::string lead(std::string_view id, std::string_view tenant, std::string_view status,
                 std::string_view time) {
    std::string text = R"({"id":")";
    text.append(id).append(R"(","email":"a@mail.example","status":")").append(status);
    text.append(R"(","score":7.25,"metadata":{"marker":"tenant=)").append(tenant);
    return text.append(R"("},"created_at":")").append(time).append(R"("})");
}

std::string page(std::string_view rows, std::string_view tail) {
    return std::string{R"({"leads":[)"}.append(rows).append("]").append(tail).append("}");
}

std::string reason(const Checked& checked) { return checked ? "right" : checked.error(); }

ExpectedLead expected_lead() {
    return {
        .tenant = "t1", .id = id_a, .email = "a@mail.example", .status = "new", .score = "7.25"};
}

TEST(CheckLead, AcceptsTheLeadAskedFor) {
    EXPECT_EQ(reason(check_lead(lead(id_a, "t1", "new", "2025"), expected_lead())), "right");
}

TEST(CheckLead, NoticesARowOfAnotherTenantWhateverElseIsEqual) {
    EXPECT_EQ(reason(check_lead(lead(id_a, "t2", "new", "2025"), expected_lead())),
              "A ROW OF ANOTHER TENANT: asked as t1, got one of t2");
    EXPECT_EQ(reason(check_lead(lead(id_a, "t11", "new", "2025"), expected_lead())),
              "A ROW OF ANOTHER TENANT: asked as t1, got one of t11");
    const auto both = lead(id_a, "t1", "new", "2025") + lead(id_a, "t2", "new", "2025");
    EXPECT_EQ(reason(check_lead(both, expected_lead())),
              "A ROW OF ANOTHER TENANT: asked as t1, got one of t2");
}

TEST(CheckLead, NoticesEachWrongValue) {
    const auto body = lead(id_a, "t1", "new", "2025");
    auto expected = expected_lead();
    expected.id = id_b;
    EXPECT_EQ(reason(check_lead(body, expected)), "not the id asked for: " + std::string{id_b});
    expected = expected_lead();
    expected.email = "a@mail.exampl";
    EXPECT_EQ(reason(check_lead(body, expected)), "not the email: a@mail.exampl");
    expected = expected_lead();
    expected.status = "closed";
    EXPECT_EQ(reason(check_lead(body, expected)), "not the status: closed");
    expected = expected_lead();
    expected.score = "7.2";
    EXPECT_EQ(reason(check_lead(body, expected)), "not the score: 7.2");
    EXPECT_EQ(reason(check_lead("[]", expected_lead())), "no JSON object");
    EXPECT_EQ(reason(check_lead(body + "," + body + "}", expected_lead())),
              "1 rows expected, 2 there");
}

TEST(CheckLead, FindsTheIdOfANewOne) {
    EXPECT_EQ(row_id(lead(id_b, "t1", "new", "2025")), id_b);
    EXPECT_EQ(row_id(R"({"id":"short"})"), "");
    EXPECT_EQ(row_id("{}"), "");
}

ExpectedPage expected_page() {
    return {.tenant = "t1", .status = "new", .limit = 2, .total = {3, 3}};
}

const std::string two_rows =
    lead(id_a, "t1", "new", "2025-02") + "," + lead(id_b, "t1", "new", "2025-01");
constexpr std::string_view more = R"(,"total":3,"next":"x")";

TEST(CheckPage, AcceptsAFullPageAndAShortLastOne) {
    EXPECT_EQ(reason(check_page(page(two_rows, more), expected_page())), "right");
    auto all = expected_page();
    all.total = {2, 2};
    EXPECT_EQ(reason(check_page(page(two_rows, R"(,"total":2,"next":null)"), all)), "right");
    all.total = {0, 0};
    EXPECT_EQ(reason(check_page(page("", R"(,"total":0,"next":null)"), all)), "right");
}

TEST(CheckPage, NoticesAForeignRow) {
    const auto rows = lead(id_a, "t1", "new", "2025-02") + "," + lead(id_b, "t3", "new", "2025-01");
    EXPECT_EQ(reason(check_page(page(rows, more), expected_page())),
              "A ROW OF ANOTHER TENANT: asked as t1, got one of t3");
}

TEST(CheckPage, NoticesAWrongTotalLengthStatusOrderOrCursor) {
    EXPECT_EQ(reason(check_page(page(two_rows, R"(,"total":4,"next":"x")"), expected_page())),
              "the total is 4 instead of 3..3");
    EXPECT_EQ(reason(check_page(page(two_rows, ""), expected_page())),
              "the total is missing instead of 3..3");
    EXPECT_EQ(reason(check_page(page(lead(id_a, "t1", "new", "2025"), more), expected_page())),
              "2 rows expected, 1 there");
    const auto mixed =
        lead(id_a, "t1", "new", "2025-02") + "," + lead(id_b, "t1", "closed", "2025-01");
    EXPECT_EQ(reason(check_page(page(mixed, more), expected_page())), "a row that is not new");
    const auto oldest_first =
        lead(id_a, "t1", "new", "2025-01") + "," + lead(id_b, "t1", "new", "2025-02");
    EXPECT_EQ(reason(check_page(page(oldest_first, more), expected_page())), "not newest first");
    EXPECT_EQ(reason(check_page(page(two_rows, R"(,"total":3,"next":null)"), expected_page())),
              "no cursor though there is more");
}

TEST(CheckPage, TakesMillisecondsAndMicrosecondsForWhatTheyAre) {
    const auto rows = lead(id_a, "t1", "new", "2026-01-05T00:16:17.123001Z") + "," +
                      lead(id_b, "t1", "new", "2026-01-05T00:16:17.123Z");
    EXPECT_EQ(reason(check_page(page(rows, more), expected_page())), "right");
    const auto turned = lead(id_b, "t1", "new", "2026-01-05T00:16:17.123Z") + "," +
                        lead(id_a, "t1", "new", "2026-01-05T00:16:17.123001Z");
    EXPECT_EQ(reason(check_page(page(turned, more), expected_page())), "not newest first");
}

ExpectedApproval expected_approval() {
    return {.tenant = "t1", .id = id_a, .lead_id = id_b, .approved = true};
}

std::string approval_by(std::string_view reviewer) {
    return R"({"id":"00000000-0000-4000-8000-00000000000a",)"
           R"("lead_id":"00000000-0000-4000-8000-00000000000b","status":"approved",)"
           R"("reviewed_by":)" +
           std::string{reviewer} + R"(,"metadata":{"marker":"tenant=t1"}})";
}

TEST(CheckApproval, NoticesEachWrongValue) {
    const auto body = approval_by(R"("someone")");
    EXPECT_EQ(reason(check_approval(body, expected_approval())), "right");
    EXPECT_EQ(reason(check_approval(approval_by("null"), expected_approval())),
              "approved by nobody");
    auto expected = expected_approval();
    expected.id = id_b;
    EXPECT_EQ(reason(check_approval(body, expected)), "not the id asked for: " + std::string{id_b});
    expected = expected_approval();
    expected.lead_id = id_a;
    EXPECT_EQ(reason(check_approval(body, expected)), "not the lead: " + std::string{id_a});
    expected = expected_approval();
    expected.approved = false;
    EXPECT_EQ(reason(check_approval(body, expected)), "not the status: pending");
    expected = expected_approval();
    expected.tenant = "t2";
    EXPECT_EQ(reason(check_approval(body, expected)),
              "A ROW OF ANOTHER TENANT: asked as t2, got one of t1");
    EXPECT_EQ(reason(check_approval("[]", expected_approval())), "no JSON object");
}

TEST(CheckEvent, NoticesEachWrongValue) {
    const std::string body = R"({"id":"00000000-0000-4000-8000-00000000000a",)"
                             R"("lead_id":"00000000-0000-4000-8000-00000000000b","type":"call",)"
                             R"("data":{"marker":"tenant=t1"}})";
    const auto of = [&](std::string_view tenant, std::string_view lead, std::string_view type) {
        return reason(check_event(body, {.tenant = tenant, .lead_id = lead, .type = type}));
    };
    EXPECT_EQ(of("t1", id_b, "call"), "right");
    EXPECT_EQ(of("t1", id_a, "call"), "not the lead: " + std::string{id_a});
    EXPECT_EQ(of("t1", id_b, "email"), "not the type: email");
    EXPECT_EQ(of("t2", id_b, "call"), "A ROW OF ANOTHER TENANT: asked as t2, got one of t1");
    const ExpectedEvent expected{.tenant = "t1", .lead_id = id_b, .type = "call"};
    EXPECT_EQ(reason(check_event("{}", expected)), "no id");
    EXPECT_EQ(reason(check_event("[]", expected)), "no JSON object");
}

std::string dashboard(std::string_view totals, std::string_view statuses,
                      std::string_view activity) {
    return std::string{R"({"timeframe":"week",)"}
        .append(totals)
        .append(R"(,"leadsByStatus":{)")
        .append(statuses)
        .append(R"(},"dailyTrend":[{"date":"2025-01-01","created":9,"converted":9}],)")
        .append(R"("recentActivity":[)")
        .append(activity)
        .append("]}");
}

constexpr std::string_view seven_leads =
    R"("totalLeads":7,"newLeads":1,"activeLeads":4,"pendingApprovals":2)";
constexpr std::string_view seven_by_status =
    R"("new":2,"contacted":1,"qualified":1,"converted":0,"closed":3)";
constexpr std::string_view own_event = R"({"data":{"marker":"tenant=t1"}},{"data":null})";

ExpectedDashboard expected_dashboard() {
    return {.tenant = "t1",
            .statuses = {{{2, 2}, {1, 1}, {1, 1}, {0, 0}, {3, 3}}},
            .all = {7, 7},
            .pending = {2, 2}};
}

TEST(CheckDashboard, AcceptsFiguresInTheirRanges) {
    const auto body = dashboard(seven_leads, seven_by_status, own_event);
    auto expected = expected_dashboard();
    EXPECT_EQ(reason(check_dashboard(body, expected)), "right");
    expected.statuses = {{{1, 3}, {0, 2}, {0, 2}, {0, 1}, {2, 4}}};
    expected.all = {6, 8};
    EXPECT_EQ(reason(check_dashboard(body, expected)), "right");
}

TEST(CheckDashboard, NoticesAWrongOrMissingFigure) {
    const auto body = dashboard(seven_leads, seven_by_status, own_event);
    auto expected = expected_dashboard();
    expected.statuses[4] = {4, 5};
    EXPECT_EQ(reason(check_dashboard(body, expected)), "closed is 3 instead of 4..5");
    expected = expected_dashboard();
    expected.all = {8, 8};
    EXPECT_EQ(reason(check_dashboard(body, expected)), "totalLeads is 7 instead of 8..8");
    expected = expected_dashboard();
    expected.pending = {0, 1};
    EXPECT_EQ(reason(check_dashboard(body, expected)), "pendingApprovals is 2 instead of 0..1");
    // A member of this name elsewhere doesn't stand in for it.
    const auto without =
        dashboard(seven_leads, R"("new":2,"contacted":1,"qualified":1,"closed":3)", "");
    EXPECT_EQ(reason(check_dashboard(without, expected_dashboard())),
              "converted is missing instead of 0..0");
    EXPECT_EQ(reason(check_dashboard("[]", expected_dashboard())), "no JSON object");
}

TEST(CheckDashboard, NoticesFiguresOfDifferentMoments) {
    auto expected = expected_dashboard();
    expected.all = {6, 8};
    const auto torn =
        dashboard(R"("totalLeads":8,"activeLeads":4,"pendingApprovals":2)", seven_by_status, "");
    EXPECT_EQ(reason(check_dashboard(torn, expected)), "the leads by status don't add up");
    const auto active =
        dashboard(R"("totalLeads":7,"activeLeads":5,"pendingApprovals":2)", seven_by_status, "");
    EXPECT_EQ(reason(check_dashboard(active, expected)), "the leads by status don't add up");
}

TEST(CheckDashboard, NoticesAForeignRow) {
    const auto body = dashboard(seven_leads, seven_by_status,
                                R"({"data":{"marker":"tenant=t1"}},{"data":"tenant=t2"})");
    EXPECT_EQ(reason(check_dashboard(body, expected_dashboard())),
              "A ROW OF ANOTHER TENANT: asked as t1, got one of t2");
}

}  // namespace
}  // namespace tenantry::bench
