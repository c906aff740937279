#include <gtest/gtest.h>

#include "workload.hpp"
#include "workload_testing.hpp"

namespace tenantry::bench {
namespace {

constexpr std::string_view first_id = "00000000-0000-4000-8000-0000000000a1";

std::string approval(std::string_view id, std::string_view status, std::string_view reviewer) {
    std::string text = R"({"id":")";
    text.append(id).append(R"(","lead_id":")").append(lead_id_text);
    text.append(R"(","status":")").append(status).append(R"(","reviewed_by":)").append(reviewer);
    return text.append(R"(,"metadata":{"marker":"tenant=t1"}})");
}

const std::string asked = approval(first_id, "pending", "null");
const std::string approved = approval(first_id, "approved", R"("someone")");

std::string dashboard_with(int pending) {
    std::string text = R"({"totalLeads":1,"activeLeads":1,"pendingApprovals":)";
    text.append(std::to_string(pending));
    return text.append(
        R"(,"leadsByStatus":{"new":1,"contacted":0,"qualified":0,"converted":0,"closed":0}})");
}

TEST(WorkloadApprovals, AsksForOneAboutALeadAndApprovesItInTurns) {
    auto workload = one_lead();
    Request request;
    std::string out;
    workload.start(Kind::approvals, request, out);
    EXPECT_TRUE(out.starts_with("POST /api/approvals HTTP/1.1\r\n")) << out;
    EXPECT_NE(out.find(lead_id_text), std::string::npos) << out;
    EXPECT_TRUE(right(workload, request, 201, asked));

    workload.start(Kind::approvals, request, out);
    EXPECT_EQ(out, "POST /api/approvals/" + std::string{first_id} +
                       "/approve HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer token\r\n"
                       "Content-Length: 0\r\n\r\n");
    EXPECT_TRUE(right(workload, request, 200, approved));

    workload.start(Kind::approvals, request, out);
    EXPECT_TRUE(out.starts_with("POST /api/approvals HTTP/1.1\r\n")) << out;
}

TEST(WorkloadApprovals, AsksWhileNoneWaits) {
    auto workload = one_lead();
    const auto first = started(workload, Kind::approvals);
    const auto second = started(workload, Kind::approvals);
    EXPECT_EQ(first.action, Action::ask_approval);
    EXPECT_EQ(second.action, Action::ask_approval);
}

TEST(WorkloadApprovals, RefusesWhatIsNotTheOneAskedFor) {
    const auto ask = [](std::string_view body) {
        auto workload = one_lead();
        auto request = started(workload, Kind::approvals);
        return right(workload, request, 201, body);
    };
    EXPECT_TRUE(ask(asked));
    EXPECT_FALSE(ask(approved));
    EXPECT_FALSE(ask(approval("short", "pending", "null")));
    EXPECT_FALSE(ask(approval(first_id, "pending", R"("someone")")));
    std::string foreign = asked;
    foreign.replace(foreign.find("tenant=t1"), 9, "tenant=t2");
    EXPECT_FALSE(ask(foreign));
    std::string other_lead = asked;
    other_lead.replace(other_lead.find(lead_id_text), lead_id_text.size(), first_id);
    EXPECT_FALSE(ask(other_lead));
}

TEST(WorkloadApprovals, RefusesADecisionThatIsNotTheOneMade) {
    const auto approve = [](int status, std::string_view body) {
        auto workload = one_lead();
        auto request = started(workload, Kind::approvals);
        EXPECT_TRUE(right(workload, request, 201, asked));
        request = started(workload, Kind::approvals);
        return right(workload, request, status, body);
    };
    EXPECT_TRUE(approve(200, approved));
    EXPECT_FALSE(approve(409, approved));
    EXPECT_FALSE(approve(200, asked));
    EXPECT_FALSE(approve(200, approval(first_id, "approved", "null")));
    EXPECT_FALSE(approve(200, approval(lead_id_text, "approved", R"("someone")")));
}

TEST(WorkloadApprovals, DashboardsCountThoseThatWait) {
    auto workload = one_lead();
    auto early = started(workload, Kind::dashboard);
    workload.track({&early});
    auto ask = started(workload, Kind::approvals);
    EXPECT_TRUE(right(workload, early, 200, dashboard_with(1)));
    workload.track({});
    EXPECT_TRUE(right(workload, ask, 201, asked));

    auto waiting = started(workload, Kind::dashboard);
    EXPECT_FALSE(right(workload, waiting, 200, dashboard_with(0)));
    auto approve = started(workload, Kind::approvals);
    auto during = started(workload, Kind::dashboard);
    EXPECT_TRUE(right(workload, during, 200, dashboard_with(0)));
    EXPECT_TRUE(right(workload, approve, 200, approved));
    auto decided = started(workload, Kind::dashboard);
    EXPECT_FALSE(right(workload, decided, 200, dashboard_with(1)));
}

}  // namespace
}  // namespace tenantry::bench
