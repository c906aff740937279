#include "sqlite/scan_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <string>

namespace tenantry::engine::sqlite {
namespace {

TenantId tenant(std::string_view text) { return TenantId::parse(text).value(); }

TEST(ScanPoolTest, RunsAllThatItAccepted) {
    std::atomic<int> ran = 0;
    ScanPool pool{3, 1000};
    for (int i = 0; i < 200; ++i)
        ASSERT_TRUE(pool.submit(tenant(i % 2 == 0 ? "a" : "b"), [&] { ++ran; }));
    pool.join();
    EXPECT_EQ(ran, 200);
}

TEST(ScanPoolTest, AThreadIsLeftForOthers) {
    ScanPool pool{4, 1000};
    std::latch release{1};
    std::latch busy{3};
    std::atomic<int> ran = 0;
    for (int i = 0; i < 10; ++i) {
        ASSERT_TRUE(pool.submit(tenant("a"), [&, i] {
            if (i < 3) busy.count_down();
            release.wait();
            ++ran;
        }));
    }
    busy.wait();
    std::latch done{1};
    ASSERT_TRUE(pool.submit(tenant("b"), [&] { done.count_down(); }));
    done.wait();  // while all of a's still run or wait
    EXPECT_EQ(ran, 0);
    EXPECT_EQ(pool.load().waiting, 7U);
    release.count_down();
    pool.join();
    EXPECT_EQ(ran, 10);
}

TEST(ScanPoolTest, TenantsTakeTurns) {
    ScanPool pool{1, 1000};
    std::latch release{1};
    std::string order;  // by the one thread
    ASSERT_TRUE(pool.submit(tenant("a"), [&] { release.wait(); }));
    for (const char name : std::string{"123"})
        ASSERT_TRUE(pool.submit(tenant("a"), [&order, name] { order += name; }));
    ASSERT_TRUE(pool.submit(tenant("b"), [&order] { order += 'x'; }));
    release.count_down();
    pool.join();
    EXPECT_EQ(order.find('x'), order.front() == 'x' ? 0U : 1U);
}

TEST(ScanPoolTest, ATenantThatFillsTheQueueLeavesRoom) {
    std::latch release{1};
    std::latch busy{1};
    ScanPool pool{1, 8};
    ASSERT_TRUE(pool.submit(tenant("a"), [&] {
        busy.count_down();
        release.wait();
    }));
    busy.wait();
    int accepted = 0;
    for (int i = 0; i < 20; ++i) accepted += pool.submit(tenant("a"), [] {}) ? 1 : 0;
    EXPECT_EQ(accepted, 4);
    EXPECT_EQ(pool.submit(tenant("a"), [] {}).error().code, Errc::overloaded);
    EXPECT_TRUE(pool.submit(tenant("b"), [] {}));
    release.count_down();
}

}  // namespace
}  // namespace tenantry::engine::sqlite
