#pragma once
/// How many events a client may send: `per_second` on average, and as many at once after a rest.
/// Threads: one.

#include <algorithm>
#include <chrono>

namespace tenantry::http::realtime {

class EventRate {
public:
    using Time = std::chrono::steady_clock::time_point;

    explicit EventRate(unsigned per_second) : most_{static_cast<double>(per_second)} {}

    /// Counts one more; false if it is one too many.
    bool admit(Time now) {
        const auto passed = std::chrono::duration<double>(now - last_).count();
        left_ = last_ == Time{} ? most_ : std::min(most_, left_ + passed * most_);
        last_ = now;
        if (left_ < 1) return false;
        left_ -= 1;
        return true;
    }

private:
    double most_;
    double left_ = 0;
    Time last_{};
};

}  // namespace tenantry::http::realtime
