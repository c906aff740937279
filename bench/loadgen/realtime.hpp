#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "dataset.hpp"
#include "histogram.hpp"
#include "ledger.hpp"

namespace tenantry::bench {

struct RealtimeTarget {
    std::uint16_t port;      // on 127.0.0.1
    pid_t pid;               // whose CPU time is measured
    pid_t database_pid = 0;  // and that of this one with its children; 0: there is none
};

struct RealtimeLoad {
    std::size_t subscribers;  // of each tenant
    unsigned changes_a_second;
    std::chrono::milliseconds warm_up;
    std::chrono::milliseconds duration;  // of what is measured, behind the warm-up
    std::uint64_t seed = 1;              // of the choice of tenants and leads; another each run
};

/// What is measured are changes due after the warm-up and their deliveries, but that the ledger's
/// counts are of all changes.
struct RealtimeMeasurement {
    std::uint64_t changes = 0;
    std::chrono::nanoseconds elapsed{};     // until the last one was delivered, or given up
    std::chrono::nanoseconds server_cpu{};  // user and system time of all threads of the server
    std::chrono::nanoseconds database_cpu{};
    std::chrono::nanoseconds own_cpu{};
    std::chrono::nanoseconds other_cpu{};  // of all other processes of the machine
    std::uint64_t delivered_bytes = 0;     // of the messages
    Histogram delivered;                   // from when the change was due
    Histogram answered;                    // likewise, to the answer to the PATCH
    Histogram made_late;                   // likewise, to when the load generator came to it
    Ledger::Counts counts;
};

/// Makes changes by PATCH, each at its due moment whatever has become of those before (an open
/// loop), to random leads of random tenants, and sees them come to the subscribers. Waits for what
/// is on its way, as long as something comes within 5 s.
/// Throws: std::runtime_error if a server refuses something, or sends what was not asked for;
///         std::system_error if it can't be reached.
std::unique_ptr<RealtimeMeasurement> measure_realtime(const RealtimeTarget& target,
                                                      const std::vector<Tenant>& tenants,
                                                      const RealtimeLoad& load);

/// Opens idle subscribers, calls `on_complete` when all have joined, and keeps them until `stop`.
/// Throws: as above.
void hold_subscribers(std::uint16_t port, const std::vector<Tenant>& tenants,
                      std::size_t subscribers, const std::atomic<bool>& stop,
                      const std::function<void()>& on_complete);

}  // namespace tenantry::bench
