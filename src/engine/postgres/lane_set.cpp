#include "postgres/lane_set.hpp"

#include "postgres/role_facts.hpp"
#include "postgres/session.hpp"

#include <cstdlib>

namespace tenantry::engine::postgres {
namespace {

pg::LaneOptions lane_options(const Options& options, LaneKind kind, std::size_t sharers) {
    pg::LaneOptions out{
        .startup = kind == LaneKind::write ? write_startup(options.url) : read_startup(options.url),
        .greeting = role_greeting(),
        .objection = greeting_objection};
    out.limits.waiting_max = options.queue_max;
    out.limits.patience = options.patience;
    std::size_t connections = 0;
    switch (kind) {
    case LaneKind::read:
        connections = options.read_connections;
        out.limits.depth = options.read_depth;
        break;
    case LaneKind::scan:
        connections = options.scan_connections;
        out.limits.depth = 1;
        break;
    case LaneKind::write:
        connections = options.write_connections;
        out.limits.depth = options.write_depth;
        break;
    }
    out.limits.connections = (connections + sharers - 1) / sharers;
    return out;
}

}  // namespace

LaneSet::LaneSet(boost::asio::io_context& context, const Options& options, std::size_t sharers)
    : reads_{context, lane_options(options, LaneKind::read, sharers)},
      scans_{context, lane_options(options, LaneKind::scan, sharers)},
      writes_{context, lane_options(options, LaneKind::write, sharers)} {}

pg::Lanes& LaneSet::of(LaneKind kind) noexcept {
    switch (kind) {
    case LaneKind::read: return reads_;
    case LaneKind::scan: return scans_;
    case LaneKind::write: return writes_;
    }
    std::abort();
}

void LaneSet::shut_down() {
    reads_.shut_down();
    scans_.shut_down();
    writes_.shut_down();
}

}  // namespace tenantry::engine::postgres
