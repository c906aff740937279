#include "tenant_follower.hpp"

#include "read_changes.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace tenantry::feed {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using Kind = TenantFeed::Found::Kind;

Error stopped() { return fail(Errc::shutting_down, "the feed has been closed"); }

}  // namespace

awaitable<Result<Batch>> TenantFollower::next(ScopeSource& scopes, SteadyTime until) {
    while (!cancelled_) {
        // What a client says of its place is compared with the feed itself before all else.
        if (!verified_) co_return co_await read(scopes);
        auto found = feed_->look(position_, authority_, live_.options().page);
        if (found.kind == Kind::stopped) break;
        if (found.kind == Kind::lost) co_return resync_required();
        if (found.kind == Kind::elsewhere) co_return co_await read(scopes);
        if (found.kind == Kind::changes) {
            position_.seq = found.changes.back()->seq;
            // There was no feed yet when it began.
            if (position_.epoch.empty()) position_.epoch = std::move(found.epoch);
        }
        const bool over = std::chrono::steady_clock::now() >= until;
        if (found.kind == Kind::changes || found.authority_changed || over) {
            co_return Batch{std::move(found.changes), position_, found.authority_changed};
        }
        co_await wait(TenantFeed::Wanted::anything, until);
    }
    co_return stopped();
}

awaitable<Result<bool>> TenantFollower::authority_changed(SteadyTime until) {
    while (!cancelled_) {
        const auto found = feed_->look(position_, authority_, 0);
        if (found.kind == Kind::stopped) break;
        if (found.authority_changed) co_return true;
        if (std::chrono::steady_clock::now() >= until) co_return false;
        co_await wait(TenantFeed::Wanted::authority, until);
    }
    co_return stopped();
}

void TenantFollower::cancel() {
    cancelled_ = true;
    feed_->withdraw(ticket_);
}

/// A page from the database.
awaitable<Result<Batch>> TenantFollower::read(ScopeSource& scopes) {
    co_await live_.turns().wait();
    const Turns::Turn turn{live_.turns()};
    // A page for each follower's first read would be too much without what the ring tells.
    page_ = std::min(page_, feed_->page());
    const auto deadline = std::chrono::steady_clock::now() + live_.options().read_deadline;
    auto scope = co_await scopes.scope(deadline);
    if (!scope) co_return scope.error();
    auto reading = co_await read_changes(live_.engine(), live_.catalog(), std::move(*scope),
                                         position_, page_, deadline);
    if (!reading) co_return reading.error();
    limit(reading->changes);
    verified_ = true;
    position_.epoch = reading->head.epoch;
    if (!reading->changes.empty()) position_.seq = reading->changes.back()->seq;
    co_return Batch{std::move(reading->changes), position_, false};
}

/// Many followers may be behind at the same time, each with a page of its own.
void TenantFollower::limit(std::vector<ChangePtr>& changes) {
    std::size_t bytes = 0;
    const auto beyond = std::ranges::find_if(changes, [&](const ChangePtr& change) {
        bytes += bytes_of(*change);
        return bytes > live_.options().page_bytes_max;
    });
    const auto fit = static_cast<std::size_t>(beyond - changes.begin());
    if (fit == changes.size()) {
        page_ = std::min(live_.options().page, 2 * page_);
        return;
    }
    page_ = std::max<std::size_t>(fit, 1);
    changes.resize(page_);
}

awaitable<void> TenantFollower::wait(TenantFeed::Wanted wanted, SteadyTime until) {
    const auto executor = co_await asio::this_coro::executor;
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
        [this, wanted, until, executor](auto handler) {
            ticket_ =
                feed_->wait(wanted, position_, authority_, until, executor, std::move(handler));
        },
        asio::use_awaitable);
}

}  // namespace tenantry::feed
