#pragma once
/// How long to wait before the next attempt: 50 ms, then twice as long each time, up to a second.
/// Of that a part between the half and the whole, so that all who failed together don't come back
/// together. Threads: one at a time.

#include <algorithm>
#include <chrono>
#include <functional>
#include <random>
#include <utility>

namespace tenantry::pg {

class Backoff {
public:
    /// Numbers from 0 to below 1.
    using Jitter = std::function<double()>;
    static Jitter random_jitter() {
        return [engine = std::minstd_rand{std::random_device{}()}]() mutable {
            return std::uniform_real_distribution<double>{}(engine);
        };
    }

    static constexpr std::chrono::milliseconds least{50};
    static constexpr std::chrono::milliseconds most{1000};

    explicit Backoff(Jitter jitter = random_jitter()) : jitter_{std::move(jitter)} {}

    std::chrono::milliseconds next() {
        whole_ = std::clamp(whole_ * 2, least, most);
        const auto half = whole_ / 2;
        const auto part = static_cast<double>(half.count()) * jitter_();
        return half + std::chrono::milliseconds{static_cast<std::chrono::milliseconds::rep>(part)};
    }
    void reset() noexcept { whole_ = {}; }

private:
    Jitter jitter_;
    std::chrono::milliseconds whole_{0};
};

}  // namespace tenantry::pg
