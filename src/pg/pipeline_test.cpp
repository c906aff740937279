#include "pg/pipeline.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <deque>

namespace tenantry::pg {
namespace {

/// A server that says what the test has put down for it.
class FakeDriver final : public Driver {
public:
    bool send_prepare(const std::string& name, const std::string& text) override {
        return sent(fmt::format("prepare {} {}", name, text));
    }
    bool send_execute(const std::string& name, const Arguments& arguments) override {
        std::string line = "execute " + name;
        for (std::size_t i = 0; i < arguments.size(); ++i)
            line += fmt::format(" {}", arguments.at(i));
        return sent(std::move(line));
    }
    bool send_command(const std::string& text) override { return sent(text); }
    bool send_sync() override { return sent("sync"); }
    Flushed flush() override { return flushed; }
    bool consume() override { return readable; }
    bool busy() override { return answers.empty(); }
    Answer next() override {
        auto answer = std::move(answers.front());
        answers.pop_front();
        return answer;
    }
    std::string last_error() const override { return "the wire was cut"; }

    /// The answer to one message, and the end of it.
    void say(Answer answer) {
        answers.push_back(std::move(answer));
        answers.emplace_back();
    }
    void say_done(int times = 1) {
        for (int i = 0; i < times; ++i) say({.kind = Answer::Kind::done});
    }
    void say_row(std::string cell) {
        say({.kind = Answer::Kind::rows, .rows = Rows::of({{std::move(cell)}}), .affected = 1});
    }
    void say_skipped() { say({.kind = Answer::Kind::skipped}); }
    void say_failed(std::string sqlstate, std::string routine = {}) {
        say({.kind = Answer::Kind::failed,
             .failure = {.sqlstate = std::move(sqlstate), .routine = std::move(routine)}});
    }
    void say_goodbye() {
        say({.kind = Answer::Kind::failed, .failure = {.sqlstate = "57P01", .fatal = true}});
    }
    void say_synced() { answers.push_back({.kind = Answer::Kind::synced}); }

    std::vector<std::string> log;
    std::deque<Answer> answers;
    Flushed flushed = Flushed::all;
    bool readable = true;
    bool writable = true;

private:
    bool sent(std::string line) {
        if (writable) log.push_back(std::move(line));
        return writable;
    }
};

Segment segment_of(std::initializer_list<std::string_view> texts) {
    Segment segment;
    for (const auto text : texts) {
        Call call{.text = std::string{text}};
        call.arguments.add_text("x");
        segment.calls.push_back(std::move(call));
    }
    return segment;
}

class PipelineTest : public testing::Test {
protected:
    using Log = std::vector<std::string>;

    std::vector<Pipeline::Finished> advance() {
        pipeline_.advance();
        return pipeline_.take_finished();
    }
    Log sent() { return std::exchange(driver_.log, {}); }

    FakeDriver driver_;
    Pipeline pipeline_{driver_, 3};
};

TEST_F(PipelineTest, PreparesOnceThenExecutesByName) {
    pipeline_.submit(1, segment_of({"A", "B", "A"}));
    EXPECT_EQ(sent(), (Log{"prepare s1 A", "execute s1 x", "prepare s2 B", "execute s2 x",
                           "execute s1 x", "sync"}));
    pipeline_.submit(2, segment_of({"B"}));
    EXPECT_EQ(sent(), (Log{"execute s2 x", "sync"}));
    EXPECT_EQ(pipeline_.in_flight(), 2U);
}

TEST_F(PipelineTest, ALentSessionIsMadeOursForEachSegmentAndKeepsNothing) {
    pipeline_.set_transaction_begin(Log{"BEGINS", "SETS"});
    for (std::uint64_t id = 1; id <= 2; ++id) {
        pipeline_.submit(id, segment_of({"A"}));
        EXPECT_EQ(sent(), (Log{"prepare  BEGINS", "execute ", "prepare  SETS", "execute ",
                               "prepare  A", "execute  x", "sync"}));
    }
    driver_.say_done(5);
    driver_.say_row("row");
    driver_.say_synced();
    driver_.say_done(3);
    driver_.say_failed("42501");
    driver_.say_skipped();
    driver_.say_skipped();
    driver_.say_synced();
    const auto finished = advance();
    ASSERT_EQ(finished.size(), 2U);
    EXPECT_EQ(finished[0].outcome.answers.size(), 1U);
    EXPECT_EQ(finished[0].outcome.answers[0].rows.cell(0, 0), "row");
    EXPECT_EQ(finished[1].outcome.kind, Outcome::Kind::refused);
    EXPECT_EQ(finished[1].outcome.failure.sqlstate, "42501");
    EXPECT_FALSE(finished[1].outcome.stale);
}

TEST_F(PipelineTest, ASegmentIsFinishedAtItsSyncAlone) {
    pipeline_.submit(7, segment_of({"A"}));
    driver_.say_done();
    driver_.say_row("row");
    EXPECT_TRUE(advance().empty());
    driver_.say_synced();
    const auto finished = advance();
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_EQ(finished[0].id, 7U);
    EXPECT_EQ(finished[0].outcome.kind, Outcome::Kind::done);
    EXPECT_EQ(finished[0].outcome.answers[0].rows.cell(0, 0), "row");
}

TEST_F(PipelineTest, AnErrorRefusesItsOwnSegmentAndNoOther) {
    pipeline_.submit(1, segment_of({"A", "B"}));
    pipeline_.submit(2, segment_of({"A"}));
    driver_.say_done();
    driver_.say_failed("23505");
    driver_.say_skipped();
    driver_.say_skipped();
    driver_.say_synced();
    driver_.say_row("mine");
    driver_.say_synced();
    const auto finished = advance();
    ASSERT_EQ(finished.size(), 2U);
    EXPECT_EQ(finished[0].outcome.kind, Outcome::Kind::refused);
    EXPECT_EQ(finished[0].outcome.failure.sqlstate, "23505");
    EXPECT_EQ(finished[0].outcome.failed_call, 0U);
    EXPECT_FALSE(finished[0].outcome.stale);
    EXPECT_EQ(finished[1].outcome.kind, Outcome::Kind::done);
    EXPECT_EQ(finished[1].outcome.answers[0].rows.cell(0, 0), "mine");
}

TEST_F(PipelineTest, AFailureOfTheCommitRefusesWhatHadSucceeded) {
    pipeline_.submit(1, segment_of({"A"}));
    driver_.say_done();
    driver_.say_row("row");
    driver_.say_failed("23503");
    driver_.say_synced();
    const auto finished = advance();
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_EQ(finished[0].outcome.kind, Outcome::Kind::refused);
    EXPECT_EQ(finished[0].outcome.failed_call, 1U);
    EXPECT_TRUE(finished[0].outcome.answers.empty());
}

TEST_F(PipelineTest, WhatWasPreparedInVainIsPreparedAgain) {
    pipeline_.submit(1, segment_of({"A"}));
    driver_.say_failed("42P01");
    driver_.say_skipped();
    driver_.say_synced();
    EXPECT_EQ(advance()[0].outcome.failure.sqlstate, "42P01");
    sent();
    pipeline_.submit(2, segment_of({"A"}));
    EXPECT_EQ(sent(), (Log{"prepare s2 A", "execute s2 x", "sync"}));
}

TEST_F(PipelineTest, WhatAnErrorKeptFromBeingPreparedIsPreparedAgain) {
    pipeline_.submit(1, segment_of({"A", "B"}));
    pipeline_.submit(2, segment_of({"B"}));
    driver_.say_done();
    driver_.say_failed("23505");
    driver_.say_skipped();
    driver_.say_skipped();
    driver_.say_synced();
    driver_.say_failed("26000");
    driver_.say_synced();
    const auto finished = advance();
    ASSERT_EQ(finished.size(), 2U);
    EXPECT_FALSE(finished[0].outcome.stale);
    EXPECT_TRUE(finished[1].outcome.stale);
    sent();
    pipeline_.submit(3, segment_of({"B"}));
    EXPECT_EQ(sent(), (Log{"prepare s3 B", "execute s3 x", "sync"}));
}

TEST_F(PipelineTest, AStatementThatTheServerHasNoMoreMakesTheSegmentStale) {
    for (const auto& [sqlstate, routine] :
         {std::pair{"26000", "FetchPreparedStatement"}, {"0A000", "RevalidateCachedQuery"}}) {
        pipeline_.submit(1, segment_of({"A"}));
        driver_.say_done();
        driver_.say_failed(sqlstate, routine);
        driver_.say_synced();
        EXPECT_TRUE(advance()[0].outcome.stale) << sqlstate;
        sent();
        pipeline_.submit(2, segment_of({"A"}));
        EXPECT_TRUE(sent().front().starts_with("prepare"));
        driver_.say_failed("0A000", "elsewhere");
        driver_.say_skipped();
        driver_.say_synced();
        EXPECT_FALSE(advance()[0].outcome.stale);
        sent();
    }
}

TEST_F(PipelineTest, TheStatementUsedLongestAgoMakesRoomForANewOne) {
    pipeline_.submit(1, segment_of({"A", "B", "C"}));
    pipeline_.submit(2, segment_of({"A"}));
    sent();
    pipeline_.submit(3, segment_of({"D"}));
    EXPECT_EQ(sent(), (Log{"DEALLOCATE s2", "prepare s4 D", "execute s4 x", "sync"}));
}

TEST_F(PipelineTest, ToForgetWhatTheServerNeverHadMakesTheSegmentStale) {
    for (const auto* text : {"A", "B", "C"}) pipeline_.submit(1, segment_of({text}));
    pipeline_.submit(2, segment_of({"D"}));
    for (int segment = 0; segment < 3; ++segment) {
        driver_.say_done();
        driver_.say_row("row");
        driver_.say_synced();
    }
    driver_.say_failed("26000");  // DEALLOCATE
    driver_.say_skipped();
    driver_.say_skipped();
    driver_.say_synced();
    EXPECT_TRUE(advance().back().outcome.stale);
}

TEST_F(PipelineTest, WhenTheConnectionBreaksAllThatIsUnderWayIsLost) {
    pipeline_.submit(1, segment_of({"A"}));
    pipeline_.submit(2, segment_of({"A"}));
    driver_.say_done();
    driver_.say_row("row");
    driver_.readable = false;
    const auto finished = advance();
    ASSERT_EQ(finished.size(), 2U);
    for (const auto& each : finished) {
        EXPECT_EQ(each.outcome.kind, Outcome::Kind::lost);
        EXPECT_EQ(each.outcome.failure.message, "the wire was cut");
    }
    EXPECT_TRUE(pipeline_.broken());
}

TEST_F(PipelineTest, ASegmentWhoseSyncCameBeforeTheBreakIsDone) {
    pipeline_.submit(1, segment_of({"A"}));
    driver_.say_done();
    driver_.say_row("row");
    driver_.say_synced();
    driver_.readable = false;
    const auto finished = advance();
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_EQ(finished[0].outcome.kind, Outcome::Kind::done);
    EXPECT_TRUE(pipeline_.broken());
}

TEST_F(PipelineTest, TheServersLastWordsTellWhyTheConnectionBroke) {
    pipeline_.submit(1, segment_of({"A"}));
    driver_.say_done();
    driver_.say_failed("57P01");
    driver_.readable = false;
    EXPECT_EQ(advance()[0].outcome.failure.sqlstate, "57P01");
}

TEST_F(PipelineTest, WhatTheServerHadNotBegunWithWhenItSaidGoodByeIsUntouched) {
    pipeline_.submit(1, segment_of({"a"}));
    pipeline_.submit(2, segment_of({"b"}));
    driver_.say_goodbye();
    driver_.readable = false;
    for (const auto& finished : advance()) EXPECT_TRUE(finished.outcome.untouched);
}

TEST_F(PipelineTest, WhatItHadBegunWithIsNot) {
    pipeline_.submit(1, segment_of({"a"}));
    pipeline_.submit(2, segment_of({"b"}));
    driver_.say_done();
    driver_.say_goodbye();
    driver_.readable = false;
    for (const auto& finished : advance()) EXPECT_FALSE(finished.outcome.untouched);
}

TEST_F(PipelineTest, AnErrorOfThatNameIsNoGoodBye) {
    pipeline_.submit(1, segment_of({"a"}));
    driver_.say_failed("57P01");
    driver_.readable = false;
    for (const auto& finished : advance()) EXPECT_FALSE(finished.outcome.untouched);
}

TEST_F(PipelineTest, AnswersThatMatchNothingBreakTheConnection) {
    pipeline_.submit(1, segment_of({"A"}));
    driver_.say_synced();
    EXPECT_EQ(advance()[0].outcome.kind, Outcome::Kind::lost);
    EXPECT_TRUE(pipeline_.broken());
}

TEST_F(PipelineTest, AFailedSendIsABreak) {
    driver_.writable = false;
    pipeline_.submit(1, segment_of({"A"}));
    EXPECT_EQ(pipeline_.take_finished()[0].outcome.kind, Outcome::Kind::lost);
}

TEST_F(PipelineTest, WaitsForTheSocketWhileItTakesNoMore) {
    driver_.flushed = Driver::Flushed::some;
    pipeline_.submit(1, segment_of({"A"}));
    pipeline_.flush();
    EXPECT_TRUE(pipeline_.wants_write());
    driver_.flushed = Driver::Flushed::all;
    pipeline_.advance();
    EXPECT_FALSE(pipeline_.wants_write());
}

}  // namespace
}  // namespace tenantry::pg
