#include "postgres/lane_kinds.hpp"

#include "postgres/role_facts.hpp"
#include "postgres/session.hpp"

namespace tenantry::engine::postgres {

pg::LaneOptions lane_options(const Options& options, LaneKind kind, std::size_t sharers,
                             std::atomic<std::size_t>* waiting) {
    pg::LaneOptions out{
        .startup = kind == LaneKind::write ? write_startup(options.url) : read_startup(options.url),
        .greeting = role_greeting(),
        .objection = greeting_objection,
        .waiting = waiting};
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

}  // namespace tenantry::engine::postgres
