#include "ledger.hpp"

#include <gtest/gtest.h>

namespace tenantry::bench {
namespace {

using Verdict = Ledger::Verdict;

constexpr std::uint64_t run = 9;
constexpr Ledger::Time at{std::chrono::seconds{5}};

TEST(Ledger, CountsWhatReachedWhom) {
    Ledger ledger{run, 2};
    const auto ours = ledger.add(0, at);
    const auto theirs = ledger.add(1, at + std::chrono::seconds{1});
    EXPECT_EQ(ours, (Tag{.run = run, .tenant = 0, .number = 0}));
    EXPECT_EQ(ledger.due(theirs), at + std::chrono::seconds{1});
    EXPECT_EQ(ledger.take(ours, {.tenant = 0, .place = 1}), Verdict::first);
    EXPECT_EQ(ledger.take(ours, {.tenant = 0, .place = 0}), Verdict::first);
    EXPECT_EQ(ledger.take(theirs, {.tenant = 1, .place = 1}), Verdict::first);
    EXPECT_EQ(ledger.counts().expected, 4);
    EXPECT_EQ(ledger.counts().got, 3);
    EXPECT_EQ(ledger.counts().lost(), 1);
    EXPECT_EQ(ledger.counts().doubled, 0);
    EXPECT_EQ(ledger.counts().leaked, 0);
}

TEST(Ledger, NoticesWhatComesTwiceOrToTheWrongOnes) {
    Ledger ledger{run, 1};
    const auto tag = ledger.add(0, at);
    EXPECT_EQ(ledger.take(tag, {.tenant = 1, .place = 0}), Verdict::leaked);
    EXPECT_EQ(ledger.take(tag, {.tenant = 0, .place = 0}), Verdict::first);
    EXPECT_EQ(ledger.take(tag, {.tenant = 0, .place = 0}), Verdict::doubled);
    EXPECT_EQ(ledger.take(tag, {.tenant = 1, .place = 0}), Verdict::leaked);
    EXPECT_EQ(ledger.counts().lost(), 0);
    EXPECT_EQ(ledger.counts().doubled, 1);
    EXPECT_EQ(ledger.counts().leaked, 2);
}

TEST(Ledger, KnowsWhichChangesWereMade) {
    Ledger ledger{run, 1};
    ledger.add(0, at);
    const auto verdict = [&](const Tag& tag) {
        return ledger.take(tag, {.tenant = tag.tenant, .place = 0});
    };
    EXPECT_EQ(verdict({.run = run, .tenant = 0, .number = 1}), Verdict::unknown);
    EXPECT_EQ(verdict({.run = run, .tenant = 1, .number = 0}), Verdict::unknown);
    EXPECT_EQ(verdict({.run = 8, .tenant = 0, .number = 0}), Verdict::unknown);
    EXPECT_EQ(verdict({.run = run, .tenant = 0, .number = 0}), Verdict::first);
}

}  // namespace
}  // namespace tenantry::bench
