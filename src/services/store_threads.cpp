#include "services/store_threads.hpp"

namespace tenantry::services {

Result<void> CallCount::admit() {
    if (++calls_ <= calls_max_) return {};
    --calls_;
    return fail(Errc::overloaded, "too many calls of this kind are under way; try again");
}

Result<void> CallCount::in_time(engine::Deadline until) {
    if (std::chrono::steady_clock::now() < until) return {};
    return fail(Errc::deadline_exceeded, "the request took longer than its deadline allows");
}

}  // namespace tenantry::services
