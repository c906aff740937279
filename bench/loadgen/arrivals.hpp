#pragma once

#include <chrono>
#include <random>

namespace tenantry::bench {

/// When requests come whose senders don't wait for each other: a Poisson process. The same each
/// time, so that every server is asked at the same moments.
class Arrivals {
public:
    using Clock = std::chrono::steady_clock;

    /// `per_second` on average, which is positive.
    Arrivals(double per_second, Clock::time_point begin) : gap_{per_second}, next_{begin} {
        take();
    }

    Clock::time_point next() const { return next_; }
    /// Returns next() and goes on to the one behind it.
    Clock::time_point take() {
        const auto taken = next_;
        next_ += std::chrono::duration_cast<Clock::duration>(
            std::chrono::duration<double>{gap_(random_)});
        return taken;
    }

private:
    std::mt19937_64 random_{1};
    std::exponential_distribution<double> gap_;
    Clock::time_point next_;
};

}  // namespace tenantry::bench
