#include "http/transfers.hpp"

#include <fmt/format.h>

#include <utility>

namespace tenantry::http {

using std::chrono::steady_clock;

Transfers::Transfers(engine::Executor& executor, TransferOptions options)
    : executor_{executor}, options_{std::move(options)}, pool_{options_.threads} {}

Transfers::~Transfers() {
    pool_.join();
    disk_.join();
}

engine::Deadline Transfers::import_deadline() const {
    return steady_clock::now() + options_.import_deadline;
}

engine::Deadline Transfers::page_deadline() const {
    return steady_clock::now() + options_.page_deadline;
}

Result<void> Transfers::take_place(const std::string& tenant) {
    const std::lock_guard lock{mutex_};
    if (spools_ >= options_.spools_max) {
        return fail(Errc::overloaded,
                    "the server is taking in as many files as it can; try again shortly");
    }
    auto& own = spools_of_[tenant];
    if (own >= options_.spools_each_max) {
        return fail(
            Errc::overloaded,
            fmt::format("{} imports of this tenant are under way; wait for one of them", own));
    }
    ++own;
    ++spools_;
    return {};
}

void Transfers::leave_place(const std::string& tenant) {
    const std::lock_guard lock{mutex_};
    --spools_;
    const auto own = spools_of_.find(tenant);
    if (--own->second == 0) spools_of_.erase(own);
}

Result<std::shared_ptr<Spool>> Transfers::open_spool(const TenantId& tenant) {
    TENANTRY_TRY_VOID(take_place(tenant.text()));
    const std::shared_ptr<void> place{nullptr,
                                      [this, name = tenant.text()](void*) { leave_place(name); }};
    TENANTRY_TRY(spool, Spool::open(options_.folder, place));
    return std::shared_ptr<Spool>{std::move(spool)};
}

}  // namespace tenantry::http
