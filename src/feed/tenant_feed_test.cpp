#include "tenant_feed.hpp"

#include "schema/lead_schema.hpp"

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

namespace tenantry::feed {
namespace {

using namespace std::chrono_literals;
using Kind = TenantFeed::Found::Kind;

class TenantFeedTest : public ::testing::Test {
protected:
    static std::vector<ChangePtr> changes(std::int64_t first, std::int64_t last) {
        std::vector<ChangePtr> out;
        for (auto seq = first; seq <= last; ++seq) {
            out.push_back(std::make_shared<const Change>(
                Change{.seq = seq,
                       .relation = &schema::lead_catalog().relation("leads"),
                       .row = {.values = {schema::Null{}}, .json = std::string(100, 'x')}}));
        }
        return out;
    }
    void append(std::int64_t first, std::int64_t last) { feed_.append(changes(first, last), "e"); }
    TenantFeed::Found look(std::int64_t seq, std::size_t max = 100) {
        return feed_.look({"e", seq}, authority_, max);
    }
    /// How often waiters have been resumed, when all that was posted has run.
    int resumed() {
        context_.restart();
        context_.run();
        return resumed_;
    }
    void wait(std::int64_t seq, TenantFeed::Wanted wanted = TenantFeed::Wanted::anything,
              SteadyTime until = SteadyTime::max()) {
        ticket_ = feed_.wait(wanted, {"e", seq}, authority_, until, context_.get_executor(),
                             [this] { ++resumed_; });
    }

    FeedOptions options_{.ring_changes_max = 10, .ring_bytes_max = 2000};
    TenantFeed feed_{TenantId::parse("acme").value(), options_};
    boost::asio::io_context context_;
    std::uint64_t authority_ = 0;
    TenantFeed::Ticket ticket_ = 0;
    int resumed_ = 0;
};

TEST_F(TenantFeedTest, GivesWhatComesAfterAPlace) {
    EXPECT_EQ(look(0).kind, Kind::nothing) << "nothing is known yet";
    feed_.begin({"e", 5});
    EXPECT_EQ(look(5).kind, Kind::nothing);
    EXPECT_EQ(look(4).kind, Kind::elsewhere);
    append(6, 9);
    const auto found = look(6, 2);
    ASSERT_EQ(found.kind, Kind::changes);
    ASSERT_EQ(found.changes.size(), 2U);
    EXPECT_EQ(found.changes[0]->seq, 7);
    EXPECT_EQ(found.changes[1]->seq, 8);
    EXPECT_EQ(look(12).kind, Kind::nothing) << "a follower may be ahead";
    EXPECT_EQ(feed_.look({"other", 6}, authority_, 10).kind, Kind::lost);
}

TEST_F(TenantFeedTest, WhoeverHasReadTheFirstChangeBeforeItMayWaitForTheNext) {
    feed_.begin({});
    EXPECT_EQ(look(1).kind, Kind::nothing);
    wait(1);
    EXPECT_EQ(resumed(), 0);
    append(1, 2);
    EXPECT_EQ(resumed(), 1);
    EXPECT_EQ(look(1).kind, Kind::changes);
    EXPECT_EQ(feed_.look({"another", 1}, authority_, 1).kind, Kind::lost);
}

TEST_F(TenantFeedTest, KeepsNoMoreThanItMay) {
    feed_.begin({"e", 0});
    append(1, 30);
    EXPECT_EQ(look(19).kind, Kind::elsewhere);
    EXPECT_EQ(look(20).kind, Kind::changes);
    options_.ring_bytes_max = 300;
    append(31, 31);
    EXPECT_EQ(look(27).kind, Kind::elsewhere);
    EXPECT_EQ(look(28).kind, Kind::changes);
    options_.ring_bytes_max = 1;
    append(32, 32);
    EXPECT_EQ(look(31).kind, Kind::changes) << "the last one stays";
}

TEST_F(TenantFeedTest, ResumesWhoeverThereIsNewsFor) {
    feed_.begin({"e", 0});
    append(1, 1);
    wait(0);
    EXPECT_EQ(resumed(), 1) << "at once";
    wait(1);
    wait(1, TenantFeed::Wanted::authority);
    EXPECT_EQ(resumed(), 1);
    append(2, 2);
    EXPECT_EQ(resumed(), 2);
    feed_.change_authority();
    EXPECT_EQ(resumed(), 3);
    EXPECT_TRUE(look(2).authority_changed);
    EXPECT_FALSE(look(2).authority_changed) << "told once";
}

TEST_F(TenantFeedTest, AWaitEndsWithItsTimeAWithdrawalOrAStop) {
    feed_.begin({"e", 0});
    const auto now = std::chrono::steady_clock::now();
    wait(0, TenantFeed::Wanted::anything, now + 1s);
    feed_.check_time(now);
    EXPECT_EQ(resumed(), 0);
    feed_.check_time(now + 1s);
    EXPECT_EQ(resumed(), 1);
    wait(0);
    feed_.withdraw(ticket_);
    EXPECT_EQ(resumed(), 2);
    wait(0);
    feed_.stop();
    EXPECT_EQ(resumed(), 3);
    EXPECT_EQ(look(0).kind, Kind::stopped);
    wait(0);
    EXPECT_EQ(resumed(), 4);
}

}  // namespace
}  // namespace tenantry::feed
