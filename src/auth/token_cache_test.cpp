#include "token_cache.hpp"

#include "test_tokens.hpp"

#include <gtest/gtest.h>

namespace tenantry::auth {
namespace {

using test_tokens::at_second;

TokenCache::Entry entry_until(Timestamp expires_at) {
    return std::make_shared<const TimedClaims>(TimedClaims{
        .claims = {.subject = "u", .tenant = {}, .role = "viewer", .expires_at = expires_at}});
}

TEST(TokenCache, FindsWhatWasInsertedByItsWholeText) {
    TokenCache cache;
    const auto entry = entry_until(at_second(100));
    cache.insert("abc", entry);
    EXPECT_EQ(cache.find("abc", at_second(1)), entry);
    for (const std::string_view other : {"", "a", "ab", "abcd", "abC", "xabc"}) {
        EXPECT_EQ(cache.find(other, at_second(1)), nullptr) << other;
    }
}

TEST(TokenCache, ForgetsExpiredTokens) {
    TokenCache cache;
    cache.insert("abc", entry_until(at_second(100)));
    EXPECT_NE(cache.find("abc", at_second(99)), nullptr);
    EXPECT_NE(cache.find("abc", at_second(100)), nullptr);  // the caller compares and refuses
    EXPECT_EQ(cache.find("abc", at_second(99)), nullptr);
    EXPECT_EQ(cache.size(), 0U);
}

TEST(TokenCache, KeepsTheFirstEntryOfAToken) {
    TokenCache cache;
    const auto first = entry_until(at_second(100));
    cache.insert("abc", first);
    cache.insert("abc", entry_until(at_second(100)));
    EXPECT_EQ(cache.find("abc", at_second(1)), first);
    EXPECT_EQ(cache.size(), 1U);
}

TEST(TokenCache, KeepsTheEntryOfTheLaterGeneration) {
    const auto entry_of = [](std::uint64_t generation) {
        auto timed = *entry_until(at_second(100));
        timed.generation = generation;
        return std::make_shared<const TimedClaims>(std::move(timed));
    };
    TokenCache cache;
    const auto second = entry_of(2);
    cache.insert("abc", entry_of(1));
    cache.insert("abc", second);
    cache.insert("abc", entry_of(1));
    cache.insert("abc", entry_of(2));
    EXPECT_EQ(cache.find("abc", at_second(1)), second);
    EXPECT_EQ(cache.size(), 1U);
}

TEST(TokenCache, IsBoundedAndDropsTheLeastRecentlyUsed) {
    constexpr std::size_t entries_max = 4;
    TokenCache cache{entries_max};
    cache.insert("kept", entry_until(at_second(100)));
    for (int i = 0; i < 2000; ++i) {
        cache.insert("token " + std::to_string(i), entry_until(at_second(100)));
        ASSERT_NE(cache.find("kept", at_second(1)), nullptr) << i;
    }
    EXPECT_EQ(cache.size(), entries_max * TokenCache::shard_count);
    EXPECT_EQ(cache.find("token 0", at_second(1)), nullptr);
    EXPECT_NE(cache.find("token 1999", at_second(1)), nullptr);
}

TEST(TokenCache, LeavesLongTokensOut) {
    TokenCache cache;
    const std::string longest(TokenCache::token_bytes_max, 't');
    cache.insert(longest, entry_until(at_second(100)));
    cache.insert(longest + 't', entry_until(at_second(100)));
    EXPECT_NE(cache.find(longest, at_second(1)), nullptr);
    EXPECT_EQ(cache.find(longest + 't', at_second(1)), nullptr);
    EXPECT_EQ(cache.size(), 1U);
}

}  // namespace
}  // namespace tenantry::auth
