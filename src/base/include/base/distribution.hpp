#pragma once
/// How often values fell into which range, for metrics. Values are whole numbers of a unit that the
/// user knows (microseconds, rows).

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tenantry {

/// `counts[i]` values were at most `bounds[i]` and above the bound before; the last count, one more
/// than there are bounds, is of those above all.
struct DistributionCounts {
    std::vector<std::uint64_t> bounds{};
    std::vector<std::uint64_t> counts{};
    std::uint64_t sum = 0;
};

/// Threads: any, at the same time. A reader may see a value in `counts` and not yet in `sum`.
template <std::size_t N>
class Distribution {
public:
    /// In ascending order.
    explicit Distribution(const std::array<std::uint64_t, N>& bounds) : bounds_{bounds} {}

    void add(std::uint64_t value) noexcept {
        const auto at = std::ranges::lower_bound(bounds_, value) - bounds_.begin();
        counts_[static_cast<std::size_t>(at)].fetch_add(1, std::memory_order_relaxed);
        sum_.fetch_add(value, std::memory_order_relaxed);
    }

    DistributionCounts counts() const {
        DistributionCounts out{.bounds = {bounds_.begin(), bounds_.end()}};
        for (const auto& count : counts_) out.counts.push_back(count.load());
        out.sum = sum_.load();
        return out;
    }

private:
    const std::array<std::uint64_t, N> bounds_;
    std::array<std::atomic<std::uint64_t>, N + 1> counts_{};
    std::atomic<std::uint64_t> sum_ = 0;
};

}  // namespace tenantry
