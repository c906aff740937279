#include "base/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>
#include <vector>

namespace tenantry {
namespace {

std::uint64_t millis_of(const Uuid& value) {
    std::uint64_t out = 0;
    for (int i = 0; i < 6; ++i) out = out << 8 | value.data[i];
    return out;
}

std::uint64_t now_in_millis() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::floor<std::chrono::milliseconds>(now).count());
}

TEST(RandomBytes, AreAsManyAsAskedForAndDiffer) {
    for (const std::size_t count : {0U, 1U, 32U, 5000U})
        EXPECT_EQ(random_bytes(count).size(), count);
    EXPECT_NE(random_bytes(32), random_bytes(32));
    EXPECT_NE(random_bytes(5000), std::string(5000, '\0'));
}

TEST(NewUuid, HasVersionSevenAndTheRfcVariant) {
    for (int i = 0; i < 1000; ++i) {
        const auto value = new_uuid();
        EXPECT_EQ(value.data[6] >> 4, 7);
        EXPECT_EQ(value.data[8] >> 6, 2);
    }
}

TEST(NewUuid, BeginsWithTheMillisecondInWhichItWasMade) {
    const auto before = now_in_millis();
    const auto value = new_uuid();
    const auto after = now_in_millis();
    EXPECT_GE(millis_of(value), before);
    EXPECT_LE(millis_of(value), after);
}

TEST(NewUuid, IsNeverMadeTwice) {
    std::vector<Uuid> made(100'000);
    std::ranges::generate(made, new_uuid);
    std::ranges::sort(made);
    EXPECT_EQ(std::ranges::adjacent_find(made), made.end());
}

TEST(NewUuid, ThreadsDrawFromBlocksOfTheirOwn) {
    std::vector<std::vector<Uuid>> made(4);
    {
        std::vector<std::jthread> threads;
        threads.reserve(made.size());
        for (auto& mine : made) {
            threads.emplace_back([&mine] {
                for (int i = 0; i < 1000; ++i) mine.push_back(new_uuid());
            });
        }
    }
    std::set<Uuid> all;
    for (const auto& each : made) all.insert(each.begin(), each.end());
    EXPECT_EQ(all.size(), 4000U);
}

TEST(NewUuid, RandomBitsTakeEveryValue) {
    // Any bit that stood still in 1,000 draws would be a broken mask.
    Uuid ever_set{};
    Uuid ever_clear{};
    for (int i = 0; i < 1000; ++i) {
        const auto value = new_uuid();
        for (std::size_t at = 6; at < 16; ++at) {
            ever_set.data[at] = static_cast<std::uint8_t>(ever_set.data[at] | value.data[at]);
            ever_clear.data[at] = static_cast<std::uint8_t>(ever_clear.data[at] | ~value.data[at]);
        }
    }
    for (std::size_t at = 6; at < 16; ++at) {
        const int fixed = at == 6 ? 0xF0 : at == 8 ? 0xC0 : 0;
        EXPECT_EQ(ever_set.data[at] & ever_clear.data[at] & ~fixed, ~fixed & 0xFF) << at;
    }
}

}  // namespace
}  // namespace tenantry
