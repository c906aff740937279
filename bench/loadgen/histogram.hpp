#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <numeric>

namespace tenantry::bench {

inline double in_us(std::chrono::nanoseconds time) {
    return static_cast<double>(time.count()) / 1000;
}

/// Counts durations in buckets that grow with them: each power of two of nanoseconds is cut into
/// 64 equal parts, so a quantile is at most 1.6 % too high. Fixed size, no allocation.
class Histogram {
public:
    void add(std::chrono::nanoseconds duration) noexcept {
        const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0));
        counts_[bucket(value)] += 1;
        max_ = std::max(max_, value);
    }

    [[nodiscard]] std::uint64_t count() const noexcept {
        return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
    }

    [[nodiscard]] std::chrono::nanoseconds max() const noexcept {
        return std::chrono::nanoseconds{max_};
    }

    /// The smallest bucket bound that at least `share` (0..1) of the durations don't exceed; zero
    /// when there are none.
    [[nodiscard]] std::chrono::nanoseconds quantile(double share) const noexcept {
        const auto wanted =
            static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count())));
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            seen += counts_[i];
            if (seen >= wanted && seen > 0) {
                return std::chrono::nanoseconds{std::min(upper_bound(i), max_)};
            }
        }
        return std::chrono::nanoseconds{0};
    }

private:
    static constexpr unsigned part_bits = 6;
    static constexpr std::uint64_t parts = 1U << part_bits;
    static constexpr std::size_t buckets = (64 - part_bits + 1) * parts;

    // Values below `parts` have a bucket each; above, the leading part_bits + 1 bits choose.
    static std::size_t bucket(std::uint64_t value) noexcept {
        if (value < parts) {
            return value;
        }
        const auto shift = static_cast<unsigned>(std::bit_width(value)) - part_bits - 1;
        return (std::uint64_t{shift} << part_bits) + (value >> shift);
    }

    static std::uint64_t upper_bound(std::size_t index) noexcept {
        if (index < parts) {
            return index;
        }
        const std::uint64_t shift = (index >> part_bits) - 1;
        const std::uint64_t leading = index - (shift << part_bits);
        return ((leading + 1) << shift) - 1;
    }

    std::array<std::uint64_t, buckets> counts_{};
    std::uint64_t max_ = 0;
};

}  // namespace tenantry::bench
