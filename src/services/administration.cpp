#include "services/administration.hpp"

namespace tenantry::services {
namespace {

/// Writes take turns in the database anyway; the second lets reads pass one that waits for its
/// lock.
constexpr std::size_t thread_count = 2;

}  // namespace

Administration::Administration(Open open) : open_{std::move(open)}, threads_{thread_count} {}

Administration::~Administration() { threads_.join(); }

std::optional<Error> Administration::admit() {
    if (++calls_ <= calls_max) return std::nullopt;
    --calls_;
    return fail(Errc::overloaded, "too many acts of administration are under way; try again");
}

Error Administration::too_late() {
    return fail(Errc::deadline_exceeded, "the request took longer than its deadline allows");
}

Result<Administration::Store> Administration::take() {
    {
        const std::lock_guard lock{mutex_};
        if (!idle_.empty()) {
            auto store = std::move(idle_.back());
            idle_.pop_back();
            return store;
        }
    }
    return open_();
}

void Administration::give_back(Store store) {
    const std::lock_guard lock{mutex_};
    idle_.push_back(std::move(store));
}

}  // namespace tenantry::services
