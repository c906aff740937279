#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "histogram.hpp"
#include "workload.hpp"

namespace tenantry::bench {

struct Scenario {
    Kind kind;
    unsigned connections;
    double per_second = 0;  // requests that come; 0: each connection's as soon as it is answered
};

/// How long a scenario runs.
struct Timing {
    std::chrono::milliseconds warm_up;
    std::chrono::milliseconds duration;            // of what is measured, behind the warm-up
    const std::atomic<bool>* stop = nullptr;       // ends it early once it is true
    std::function<void()> on_measuring = nullptr;  // called when it begins
    bool quota = false;                            // an answer may be 429, and is counted apart
};

struct Target {
    std::uint16_t port;           // on 127.0.0.1
    pid_t pid;                    // whose CPU time is measured
    pid_t database_pid = 0;       // and that of this one with its children; 0: there is none
    bool chunks_allowed = false;  // in its answers
};

/// What one scenario measured; only the time after the warm-up counts.
struct Measurement {
    std::chrono::nanoseconds elapsed{};
    std::chrono::nanoseconds server_cpu{};  // user and system time of all threads of the server
    std::chrono::nanoseconds database_cpu{};
    std::chrono::nanoseconds own_cpu{};
    std::uint64_t refused = 0;  // by a quota; no part of the latencies
    Histogram latencies;
};

/// Runs one closed loop: each connection is kept open, and sends its next request when the answer
/// to the last one has been checked. Or, where the scenario says how many requests come, an open
/// one: a request takes any connection that is free, waits for one if none is, and its latency
/// counts from when it came. Requests under way at the end are waited for.
/// Throws: std::runtime_error with the answer, at the first that is wrong, late or missing;
///         std::system_error if the server can't be reached.
/// Threads: runs on the caller's.
std::unique_ptr<Measurement> run_scenario(const Target& target, const Scenario& scenario,
                                          Workload& workload, const Timing& timing);

}  // namespace tenantry::bench
