#pragma once
/// What an engine tells of its work, for metrics: totals since it was opened, and what is the case
/// now. Nothing in it belongs to a tenant. Threads: values.

#include "base/distribution.hpp"

#include <cstddef>
#include <optional>

namespace tenantry::engine {

struct CommitStatistics {
    DistributionCounts group_sizes{};    // writes that were committed together
    DistributionCounts commit_micros{};  // how long commits took
};

struct WriterStatistics {
    std::size_t waiting = 0;                    // writes in the queue
    std::optional<CommitStatistics> commits{};  // none where the database does the grouping
};

struct Statistics {
    WriterStatistics writer{};
    std::size_t scans_waiting = 0;
    std::size_t scans_running = 0;
};

}  // namespace tenantry::engine
