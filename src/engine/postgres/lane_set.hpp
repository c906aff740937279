#pragma once
/// The connections of one thread: for reads that an index leads to, for reports, and for writes.

#include "engine/postgres/postgres_engine.hpp"
#include "pg/lanes.hpp"

#include <boost/asio/io_context.hpp>

namespace tenantry::engine::postgres {

enum class LaneKind { read, scan, write };

/// Threads: that of its io_context, as pg::Lanes.
class LaneSet {
public:
    /// One of `sharers` sets, which have the connections of `options` between them.
    LaneSet(boost::asio::io_context& context, const Options& options, std::size_t sharers = 1);

    pg::Lanes& of(LaneKind kind) noexcept;
    /// As pg::Lanes.
    void shut_down();

private:
    pg::Lanes reads_;
    pg::Lanes scans_;
    pg::Lanes writes_;
};

}  // namespace tenantry::engine::postgres
