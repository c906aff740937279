#include "sqlite/commit_watch.hpp"
#include "sqlite/answer_cache.hpp"

#include "engine/test_database.hpp"

#include <gtest/gtest.h>

namespace tenantry::engine::sqlite {
namespace {

class CommitWatchTest : public ::testing::Test {
protected:
    CommitWatchTest() : db_{open_database(database_.path().string(), SQLITE_OPEN_READONLY, 1000)} {
        query_integer(db_.get(), "SELECT count(*) FROM tenants");
    }
    void commit() { database_.scope("t" + std::to_string(++commits_)); }

    testing::TestDatabase database_;
    DatabaseHandle db_;
    int commits_ = 0;
};

TEST_F(CommitWatchTest, TheMarkChangesWithTheCommitsOfOthersOnly) {
    const CommitWatch watch{db_.get()};
    const auto before = watch.mark();
    ASSERT_TRUE(before);
    query_integer(db_.get(), "SELECT count(*) FROM users");
    EXPECT_EQ(watch.mark(), before);
    commit();
    const auto after = watch.mark();
    EXPECT_NE(after, before);
    EXPECT_EQ(watch.mark(), after);
}

TEST_F(CommitWatchTest, AnAnswerIsReadAgainAfterACommitAndNotBefore) {
    const CommitWatch watch{db_.get()};
    AnswerCache<std::int64_t> cache;
    int reads = 0;
    const auto count = [&] {
        return cache.get(watch, "count", [&] {
            ++reads;
            return query_integer(db_.get(), "SELECT count(*) FROM tenants");
        });
    };
    EXPECT_EQ(count(), 0);
    EXPECT_EQ(count(), 0);
    EXPECT_EQ(reads, 1);
    commit();
    EXPECT_EQ(count(), 1);
    EXPECT_EQ(count(), 1);
    EXPECT_EQ(reads, 2);
    EXPECT_EQ(cache.get(watch, "another question", [] { return std::int64_t{7}; }), 7);
    EXPECT_EQ(count(), 1);
    EXPECT_EQ(reads, 2);
}

TEST_F(CommitWatchTest, StrangersQuestionsDoNotPileUp) {
    const CommitWatch watch{db_.get()};
    AnswerCache<int> cache;
    constexpr auto max = static_cast<int>(AnswerCache<int>::entries_max);
    for (int i = 0; i <= max; ++i) {
        EXPECT_EQ(cache.get(watch, std::to_string(i), [i] { return i; }), i);
    }
    EXPECT_EQ(cache.size(), 1U);
}

}  // namespace
}  // namespace tenantry::engine::sqlite
