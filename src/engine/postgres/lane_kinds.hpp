#pragma once
/// Which connections are for what: reads that an index leads to, reports, and writes.

#include "engine/postgres/postgres_engine.hpp"
#include "pg/lanes.hpp"

#include <boost/asio/io_context.hpp>

#include <atomic>

namespace tenantry::engine::postgres {

enum class LaneKind { read, scan, write };

/// Of one of `sharers` that have the connections of `options` between them. `waiting` counts the
/// jobs that wait, together with those of all others that it is given to.
pg::LaneOptions lane_options(const Options& options, LaneKind kind, std::size_t sharers = 1,
                             std::atomic<std::size_t>* waiting = nullptr);

/// The connections of one thread for reading. Threads: that of its io_context, as pg::Lanes.
class ReadLanes {
public:
    /// As lane_options; `scans_waiting` outlives it.
    ReadLanes(boost::asio::io_context& context, const Options& options,
              std::atomic<std::size_t>& scans_waiting, std::size_t sharers = 1)
        : reads_{context, lane_options(options, LaneKind::read, sharers)},
          scans_{context, lane_options(options, LaneKind::scan, sharers, &scans_waiting)} {}

    /// Not LaneKind::write.
    pg::Lanes& of(LaneKind kind) noexcept { return kind == LaneKind::scan ? scans_ : reads_; }
    /// As pg::Lanes.
    void shut_down() {
        reads_.shut_down();
        scans_.shut_down();
    }

private:
    pg::Lanes reads_;
    pg::Lanes scans_;
};

}  // namespace tenantry::engine::postgres
