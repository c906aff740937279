#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "realtime_message.hpp"

namespace tenantry::bench {

/// A subscriber: its tenant's place in the data set, and its own among the tenant's subscribers.
struct Seat {
    std::size_t tenant;
    std::size_t place;
};

/// Which change has reached whom. Each is to reach every subscriber of its tenant once.
class Ledger {
public:
    using Time = std::chrono::steady_clock::time_point;

    struct Counts {
        std::uint64_t expected = 0;
        std::uint64_t got = 0;      // of the expected
        std::uint64_t doubled = 0;  // came again
        std::uint64_t leaked = 0;   // to a subscriber of another tenant

        [[nodiscard]] std::uint64_t lost() const noexcept { return expected - got; }
    };
    enum class Verdict : std::uint8_t {
        first,
        doubled,
        leaked,
        unknown,  // no such change was made
    };

    Ledger(std::uint64_t run, std::size_t subscribers_of_a_tenant);

    /// A change that is to be made when it is `due`.
    Tag add(std::size_t tenant, Time due);

    /// A change has come to `seat`.
    Verdict take(const Tag& tag, const Seat& seat);

    /// A row of another tenant came in some other way.
    void note_leak() noexcept { counts_.leaked += 1; }

    /// Of a change that is known.
    [[nodiscard]] Time due(const Tag& tag) const { return changes_.at(tag.number).due; }
    [[nodiscard]] const Counts& counts() const noexcept { return counts_; }

private:
    struct Change {
        std::size_t tenant;
        Time due;
    };

    std::uint64_t run_;
    std::size_t subscribers_;
    std::vector<Change> changes_{};
    std::vector<bool> reached_{};  // `subscribers_` a change
    Counts counts_{};
};

}  // namespace tenantry::bench
