#include "pg/lane_book.hpp"

#include <gtest/gtest.h>

namespace tenantry::pg {
namespace {

using namespace std::chrono_literals;
using Kind = Settled::Kind;

constexpr TimePoint start{};

class LaneBookTest : public testing::Test {
protected:
    static Job job(std::string tenant, TimePoint deadline = start + 10s, bool repeatable = false) {
        return {.tenant = std::move(tenant),
                .segment = {},
                .deadline = deadline,
                .repeatable = repeatable};
    }
    static Job serial(std::string tenant) {
        auto out = job(std::move(tenant));
        out.serial = true;
        return out;
    }
    std::optional<Kind> submit(Job job) {
        auto verdict = book_.submit(job, now_);
        return verdict ? std::optional{verdict->kind} : std::nullopt;
    }
    void open_lanes(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) book_.opened(i);
    }
    static Outcome outcome(Outcome::Kind kind, std::string sqlstate = {}, bool stale = false) {
        return {.kind = kind, .failure = {.sqlstate = std::move(sqlstate)}, .stale = stale};
    }

    TimePoint now_ = start;
    double jitter_ = 0.0;
    LaneBook book_{{.connections = 2, .depth = 2, .waiting_max = 4, .turn = 1, .patience = 5s},
                   [this] { return jitter_; }};
};

TEST_F(LaneBookTest, OpensAConnectionForTheFirstJobAndSendsItThere) {
    EXPECT_EQ(book_.next_opening(now_), std::nullopt);
    submit(job("a"));
    EXPECT_EQ(book_.next_opening(now_), 0U);
    EXPECT_EQ(book_.next_opening(now_), std::nullopt) << "one is enough";
    EXPECT_FALSE(book_.next_start());
    book_.opened(0);
    EXPECT_EQ(book_.next_start()->lane, 0U);
    EXPECT_EQ(book_.under_way(), 1U);
}

TEST_F(LaneBookTest, AWarmConnectionIsOpenedOnceAndBeforeAnyJob) {
    book_.warm_up();
    EXPECT_EQ(book_.next_opening(now_), 0U);
    EXPECT_EQ(book_.next_opening(now_), std::nullopt);
    book_.opened(0);
    book_.broke(0);
    EXPECT_EQ(book_.next_opening(now_), std::nullopt) << "not again until a job comes";
    open_lanes(1);
    book_.warm_up();
    EXPECT_EQ(book_.next_opening(now_), std::nullopt) << "there is one";
}

TEST_F(LaneBookTest, AJobGoesWhereTheFewestAreUnderWay) {
    open_lanes(2);
    for (const std::size_t lane : {0U, 1U, 0U, 1U}) {
        submit(job("a"));
        EXPECT_EQ(book_.next_start()->lane, lane);
    }
    submit(job("a"));
    EXPECT_FALSE(book_.next_start()) << "all are full";
}

TEST_F(LaneBookTest, SharedConnectionsLeadToAnother) {
    open_lanes(1);
    submit(job("a"));
    book_.next_start();
    EXPECT_EQ(book_.next_opening(now_), std::nullopt);
    submit(job("a"));
    book_.next_start();
    EXPECT_EQ(book_.next_opening(now_), 1U);
    EXPECT_EQ(book_.next_opening(now_), std::nullopt);
}

TEST_F(LaneBookTest, TenantsTakeTurns) {
    open_lanes(1);
    for (const auto* tenant : {"a", "a", "a", "b"}) submit(job(tenant));
    EXPECT_EQ(book_.next_start()->job.tenant, "a");
    EXPECT_EQ(book_.next_start()->job.tenant, "b");
}

TEST_F(LaneBookTest, SerialJobsOfATenantFollowEachOtherOnOneConnection) {
    open_lanes(2);
    for (const auto* tenant : {"a", "a", "a", "b"}) submit(serial(tenant));
    auto first = book_.next_start();
    EXPECT_EQ(first->lane, 0U);
    EXPECT_EQ(book_.next_start()->lane, 1U) << "b's";
    EXPECT_EQ(book_.next_start()->lane, 0U) << "behind the first, though the other is as idle";
    EXPECT_FALSE(book_.next_start()) << "there is room, but not behind the tenant's others";
    EXPECT_EQ(book_.next_opening(now_), std::nullopt);
    book_.finished(0, std::move(first->job), outcome(Outcome::Kind::done), now_);
    EXPECT_EQ(book_.next_start()->lane, 0U);
}

TEST_F(LaneBookTest, WhoWaitsForItsOwnHoldsUpNobodyElse) {
    open_lanes(2);
    for (const auto* tenant : {"a", "a", "a"}) submit(serial(tenant));
    book_.next_start();
    book_.next_start();
    EXPECT_FALSE(book_.next_start());
    submit(job("a"));
    EXPECT_FALSE(book_.next_start()) << "within a tenant it is first come, first served";
    submit(serial("b"));
    EXPECT_EQ(book_.next_start()->job.tenant, "b");
}

TEST_F(LaneBookTest, SerialJobsGoAnywhereOnceNoneIsUnderWay) {
    open_lanes(2);
    submit(serial("a"));
    auto first = book_.next_start();
    submit(job("b"));
    EXPECT_EQ(book_.next_start()->lane, 1U);
    book_.broke(0);
    const auto ended = book_.finished(0, std::move(first->job), outcome(Outcome::Kind::lost), now_);
    EXPECT_EQ(ended->settled.kind, Kind::lost);
    submit(serial("a"));
    EXPECT_EQ(book_.next_start()->lane, 1U);
}

TEST_F(LaneBookTest, AsManyConnectionsAreOpenedAtATimeAsAreOpen) {
    LaneBook book{{.connections = 4, .depth = 1, .waiting_max = 10}, [] { return 0.0; }};
    for (int i = 0; i < 9; ++i) {
        auto own = job("a");
        book.submit(own, now_);
    }
    EXPECT_EQ(book.next_opening(now_), 0U);
    EXPECT_EQ(book.next_opening(now_), std::nullopt);
    book.opened(0);
    book.next_start();
    EXPECT_EQ(book.next_opening(now_), 1U);
    EXPECT_EQ(book.next_opening(now_), std::nullopt);
    book.opened(1);
    book.next_start();
    EXPECT_EQ(book.next_opening(now_), 2U);
    EXPECT_EQ(book.next_opening(now_), 3U);
}

TEST_F(LaneBookTest, AFullQueueRefuses) {
    for (int i = 0; i < 4; ++i) EXPECT_FALSE(submit(job("a")));
    EXPECT_EQ(submit(job("a")), Kind::overloaded);
}

TEST_F(LaneBookTest, WhoseDeadlineHasPassedIsNotSent) {
    EXPECT_EQ(submit(job("a", start)), Kind::expired);
    submit(job("a", start + 1s));
    submit(job("a", start + 3s));
    const auto expired = book_.expire(start + 2s);
    ASSERT_EQ(expired.size(), 1U);
    EXPECT_EQ(expired[0].settled.kind, Kind::expired);
    EXPECT_EQ(book_.waiting(), 1U);
}

TEST_F(LaneBookTest, ADeadlockIsTriedAgainAndOtherRefusalsAreNot) {
    open_lanes(1);
    submit(job("a"));
    for (const auto* sqlstate : {"40P01", "40001"}) {
        auto started = book_.next_start();
        EXPECT_FALSE(book_.finished(0, std::move(started->job),
                                    outcome(Outcome::Kind::refused, sqlstate), now_));
    }
    auto started = book_.next_start();
    const auto ended =
        book_.finished(0, std::move(started->job), outcome(Outcome::Kind::refused, "23505"), now_);
    EXPECT_EQ(ended->settled.kind, Kind::refused);
    EXPECT_TRUE(book_.idle());
}

TEST_F(LaneBookTest, TryingAgainHasAnEnd) {
    open_lanes(1);
    submit(job("a"));
    for (int i = 1; i < LaneBook::attempts_max; ++i) {
        EXPECT_FALSE(book_.finished(0, std::move(book_.next_start()->job),
                                    outcome(Outcome::Kind::refused, {}, true), now_));
    }
    EXPECT_TRUE(book_.finished(0, std::move(book_.next_start()->job),
                               outcome(Outcome::Kind::refused, {}, true), now_));
}

TEST_F(LaneBookTest, OfLostJobsOnlyTheRepeatableRunAgain) {
    open_lanes(1);
    submit(job("a", start + 10s, true));
    submit(job("a", start + 10s, false));
    auto read = book_.next_start();
    auto write = book_.next_start();
    book_.broke(0);
    EXPECT_FALSE(book_.finished(0, std::move(read->job), outcome(Outcome::Kind::lost), now_));
    const auto ended = book_.finished(0, std::move(write->job), outcome(Outcome::Kind::lost), now_);
    EXPECT_EQ(ended->settled.kind, Kind::lost);
    EXPECT_EQ(book_.waiting(), 1U);
    EXPECT_EQ(book_.next_opening(now_), 0U);
}

TEST_F(LaneBookTest, WaitsForASleepingDatabaseAndThenGivesUp) {
    submit(job("a"));
    EXPECT_EQ(book_.next_opening(now_), 0U);
    book_.opening_failed(0, {.message = "no"}, now_);
    EXPECT_EQ(book_.next_opening(now_), std::nullopt) << "not at once";
    EXPECT_TRUE(book_.expire(now_).empty());
    now_ += 1s;
    EXPECT_EQ(book_.next_opening(now_), 0U);
    now_ += 5s;
    book_.opening_failed(0, {.message = "still no"}, now_);
    const auto ended = book_.expire(now_);
    ASSERT_EQ(ended.size(), 1U);
    EXPECT_EQ(ended[0].settled.kind, Kind::unreachable);
    EXPECT_EQ(ended[0].settled.outcome.failure.message, "still no");
    EXPECT_EQ(submit(job("a")), Kind::unreachable);
}

TEST_F(LaneBookTest, AnUnfitDatabaseIsNotWaitedFor) {
    submit(job("a"));
    book_.next_opening(now_);
    book_.opening_failed(0, {.message = "superuser"}, now_, true);
    const auto ended = book_.expire(now_);
    EXPECT_EQ(ended[0].settled.kind, Kind::unfit);
    EXPECT_EQ(ended[0].settled.outcome.failure.message, "superuser");
    EXPECT_EQ(submit(job("a")), Kind::unfit);
    book_.opened(0);
    EXPECT_FALSE(submit(job("a")));
}

TEST_F(LaneBookTest, WhatLastedAndIsNowOnlyDownIsWaitedForAgain) {
    submit(job("a"));
    book_.next_opening(now_);
    book_.opening_failed(0, {.message = "password"}, now_, true);
    book_.expire(now_);
    now_ += 1s;
    EXPECT_FALSE(submit(job("a"))) << "it is time for another attempt";
    book_.next_opening(now_);
    book_.opening_failed(0, {.message = "refused"}, now_);
    EXPECT_TRUE(book_.expire(now_).empty());
}

TEST_F(LaneBookTest, PausesBetweenAttemptsGrowAndDiffer) {
    submit(job("a"));
    const auto pause = [&] {
        book_.next_opening(now_);
        book_.opening_failed(0, {}, now_);
        const auto failed = now_;
        while (!book_.next_opening(now_)) now_ += 1ms;
        book_.opening_failed(0, {}, now_);
        return now_ - failed;
    };
    EXPECT_EQ(pause(), 25ms);
    now_ += 10s;
    book_.opened(0);
    book_.broke(0);
    jitter_ = 0.8;
    EXPECT_EQ(pause(), 45ms);
}

TEST_F(LaneBookTest, ASecondSleepIsWaitedForLikeTheFirst) {
    const auto fail_an_attempt = [&] {
        EXPECT_EQ(book_.next_opening(now_), 0U);
        book_.opening_failed(0, {}, now_);
        return book_.expire(now_).size();
    };
    for (int sleeps = 0; sleeps < 2; ++sleeps) {
        EXPECT_FALSE(submit(job("a", now_ + 1min)));
        EXPECT_EQ(fail_an_attempt(), 0U);
        now_ += 5s;
        EXPECT_EQ(fail_an_attempt(), 1U);
        now_ += 1h;  // in which nobody comes
    }
}

TEST_F(LaneBookTest, AWriteThatWasNotBegunWithRunsAgain) {
    open_lanes(1);
    submit(job("a"));
    auto write = book_.next_start();
    book_.broke(0);
    auto lost = outcome(Outcome::Kind::lost);
    lost.untouched = true;
    EXPECT_FALSE(book_.finished(0, std::move(write->job), std::move(lost), now_));
    EXPECT_EQ(book_.waiting(), 1U);
}

TEST_F(LaneBookTest, WhatWouldRunAgainAtItsDeadlineIsLate) {
    open_lanes(1);
    submit(job("a", start + 1s));
    auto started = book_.next_start();
    now_ += 2s;
    EXPECT_EQ(book_
                  .finished(0, std::move(started->job),
                            outcome(Outcome::Kind::refused, "26000", true), now_)
                  ->settled.kind,
              Kind::expired);
}

TEST_F(LaneBookTest, AReadThatIsLostAtItsDeadlineIsLateAndAWriteIsLost) {
    open_lanes(1);
    submit(job("a", start + 1s, true));
    submit(job("a", start + 1s, false));
    auto read = book_.next_start();
    auto write = book_.next_start();
    now_ += 2s;
    EXPECT_EQ(
        book_.finished(0, std::move(read->job), outcome(Outcome::Kind::lost), now_)->settled.kind,
        Kind::expired);
    EXPECT_EQ(
        book_.finished(0, std::move(write->job), outcome(Outcome::Kind::lost), now_)->settled.kind,
        Kind::lost);
}

TEST_F(LaneBookTest, ClosingEndsWhatWaitsAndLetsTheRestFinish) {
    open_lanes(1);
    submit(job("a"));
    auto started = book_.next_start();
    submit(job("a"));
    EXPECT_EQ(book_.close().size(), 1U);
    EXPECT_EQ(submit(job("a")), Kind::closed);
    EXPECT_FALSE(book_.idle());
    EXPECT_TRUE(book_.finished(0, std::move(started->job), outcome(Outcome::Kind::done), now_));
    EXPECT_TRUE(book_.idle());
}

}  // namespace
}  // namespace tenantry::pg
