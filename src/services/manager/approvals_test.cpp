#include "manager_fixture.hpp"

#include "base/random.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <atomic>
#include <thread>

namespace tenantry::services {
namespace {

using ::testing::HasSubstr;

class ApprovalsTest : public ManagerFixture {
protected:
    ApprovalId add_approval(const LeadId& lead) {
        const auto body =
            fmt::format(R"({{"lead_id":"{}","type":"email","ai_score":0.75}})", lead.text());
        return id_of<ApprovalId>(
            wait(manager_.create_approval(fields<NewApproval>(body), scope_, deadline)).value());
    }
    Result<query::RowSet> decide(const ApprovalId& id, Decision decision) {
        return wait(manager_.update_approval_status(id, std::move(decision), scope_, deadline));
    }
    std::vector<std::string> event_types(const LeadId& lead) {
        const auto page = wait(manager_.get_lead_events(lead, scope_, {}, deadline)).value();
        std::vector<std::string> types;
        for (std::size_t row = 0; row < page.rows.row_count(); ++row)
            types.push_back(schema::to_text(page.rows.value(row, "type")));
        return types;
    }
};

TEST_F(ApprovalsTest, GoFromPendingToApprovedToSent) {
    const auto lead = add_lead();
    const auto id = add_approval(lead);
    const auto approved = decide(id, Decision::approve()).value();
    EXPECT_EQ(text(approved, "status"), "approved");
    EXPECT_EQ(text(approved, "reviewed_by"), scope_.principal());
    const auto sent = decide(id, Decision::mark_sent()).value();
    EXPECT_EQ(text(sent, "status"), "sent");
    EXPECT_FALSE(schema::is_null(sent.value(0, "sent_at")));
    EXPECT_EQ(event_types(lead), (std::vector<std::string>{"approval.sent", "approval.approved"}));
}

TEST_F(ApprovalsTest, AreRejectedForAReason) {
    EXPECT_EQ(Decision::reject("  ").error().code, Errc::missing_field);
    EXPECT_EQ(Decision::reject(std::string(Decision::reason_bytes_max + 1, 'x')).error().code,
              Errc::out_of_range);
    const auto id = add_approval(add_lead());
    const auto rejected = decide(id, Decision::reject(" too pushy ").value()).value();
    EXPECT_EQ(text(rejected, "rejection_reason"), "too pushy");
    const auto again = decide(id, Decision::approve());
    EXPECT_EQ(again.error().code, Errc::conflict);
    EXPECT_THAT(again.error().message, HasSubstr("was rejected by " + scope_.principal()));
    EXPECT_THAT(again.error().message, HasSubstr(text(rejected, "reviewed_at")));
}

TEST_F(ApprovalsTest, OnlyAnApprovedOneIsSent) {
    const auto id = add_approval(add_lead());
    const auto sent = decide(id, Decision::mark_sent());
    EXPECT_EQ(sent.error().code, Errc::conflict);
    EXPECT_THAT(sent.error().message, HasSubstr("pending"));
}

TEST_F(ApprovalsTest, OneOfManyReviewersWins) {
    const auto lead = add_lead();
    const auto id = add_approval(lead);
    std::atomic<int> won = 0;
    std::atomic<int> lost = 0;
    std::vector<std::thread> reviewers;
    for (int i = 0; i < 16; ++i) {
        reviewers.emplace_back([&, i] {
            auto decision = i % 2 == 0 ? Decision::approve() : Decision::reject("no").value();
            const auto outcome = decide(id, std::move(decision));
            if (outcome) {
                ++won;
            } else if (outcome.error().code == Errc::conflict) {
                ++lost;
            }
        });
    }
    for (auto& reviewer : reviewers) reviewer.join();
    EXPECT_EQ(won, 1);
    EXPECT_EQ(lost, 15);
    EXPECT_EQ(event_types(lead).size(), 1U);
}

TEST_F(ApprovalsTest, ManyAreDecidedAtOnceEachByItself) {
    const auto lead = add_lead();
    std::vector<DecisionRequest> requests;
    for (int i = 0; i < 50; ++i) requests.push_back({add_approval(lead), Decision::approve()});
    requests.push_back({requests.front().approval, Decision::reject("late").value()});
    requests.push_back({ApprovalId::from_uuid(new_uuid()), Decision::approve()});
    const auto outcomes =
        wait(manager_.update_approval_statuses(std::move(requests), scope_, deadline));
    ASSERT_EQ(outcomes.size(), 52U);
    // The first approval was asked about twice; one of the two won.
    EXPECT_NE(outcomes[0].has_value(), outcomes[50].has_value());
    for (std::size_t i = 1; i < 50; ++i) EXPECT_TRUE(outcomes[i]);
    EXPECT_EQ(outcomes[51].error().code, Errc::not_found);
}

TEST_F(ApprovalsTest, ListsTellPendingFromDecided) {
    const auto lead = add_lead();
    const auto first = add_approval(lead);
    const auto second = add_approval(lead);
    const auto third = add_approval(lead);
    decide(third, Decision::approve()).value();
    decide(first, Decision::approve()).value();
    const auto pending = wait(manager_.get_pending_approvals(scope_, {}, deadline)).value();
    EXPECT_EQ(pending.total, 1);
    EXPECT_EQ(text(pending.rows, "id"), second.text());
    const auto history = wait(manager_.get_approval_history(scope_, {}, deadline)).value();
    EXPECT_EQ(history.total, 2);
    EXPECT_EQ(text(history.rows, "id"), first.text());
    EXPECT_EQ(wait(manager_.get_approval_history(other_, {}, deadline)).value().total, 0);
}

TEST_F(ApprovalsTest, AnotherTenantsIsAnsweredAsNobodys) {
    const auto id = add_approval(add_lead());
    const auto foreign =
        wait(manager_.update_approval_status(id, Decision::approve(), other_, deadline));
    const auto nobody = wait(manager_.update_approval_status(
        ApprovalId::from_uuid(new_uuid()), Decision::approve(), other_, deadline));
    EXPECT_EQ(foreign.error(), nobody.error());
    EXPECT_EQ(text(wait(manager_.get_approval(id, scope_, deadline)).value(), "status"), "pending");
}

}  // namespace
}  // namespace tenantry::services
