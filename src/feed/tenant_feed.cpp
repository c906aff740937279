#include "tenant_feed.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace tenantry::feed {
namespace {

/// One without an epoch is from before the feed's first change, and so a place in whichever came.
bool same_feed(const Position& a, const Position& b) {
    return a.epoch == b.epoch || a.epoch.empty() || b.epoch.empty();
}

}  // namespace

auto TenantFeed::look(const Position& from, std::uint64_t& authority, std::size_t max) const
    -> Found {
    const std::lock_guard lock{mutex_};
    Found found;
    if (stopped_) return {.kind = Found::Kind::stopped};
    if (authority != authority_) {
        authority = authority_;
        found.authority_changed = true;
    }
    if (!known_) return found;
    if (!same_feed(from, end_)) {
        found.kind = Found::Kind::lost;
        return found;
    }
    // A follower that reads the database may be ahead.
    if (from.seq >= end_.seq) return found;
    const auto missing = static_cast<std::size_t>(end_.seq - from.seq);
    if (missing > ring_.size()) {
        found.kind = Found::Kind::elsewhere;
        return found;
    }
    found.kind = Found::Kind::changes;
    if (from.epoch.empty()) found.epoch = end_.epoch;
    const auto first = ring_.end() - static_cast<std::ptrdiff_t>(missing);
    found.changes.assign(first, first + static_cast<std::ptrdiff_t>(std::min(missing, max)));
    return found;
}

bool TenantFeed::has_news(Wanted wanted, const Position& from, std::uint64_t authority) const {
    if (stopped_ || authority != authority_) return true;
    if (wanted == Wanted::authority || !known_) return false;
    return from.seq < end_.seq || !same_feed(from, end_);
}

auto TenantFeed::wait(Wanted wanted, const Position& from, std::uint64_t authority,
                      SteadyTime until, const boost::asio::any_io_executor& executor, Resume resume)
    -> Ticket {
    std::unique_lock lock{mutex_};
    const auto ticket = ++last_ticket_;
    if (has_news(wanted, from, authority)) {
        lock.unlock();
        boost::asio::post(executor, std::move(resume));
        return ticket;
    }
    waiters_.push_back({ticket, wanted, until, executor, std::move(resume)});
    return ticket;
}

template <class Which>
auto TenantFeed::take(Which which) -> Waiters {
    Waiters taken;
    for (auto at = waiters_.begin(); at != waiters_.end();) {
        const auto next = std::next(at);
        if (which(*at)) taken.splice(taken.end(), waiters_, at);
        at = next;
    }
    return taken;
}

/// Those of one executor in one go: each post may wake a thread.
void TenantFeed::resume(Waiters waiters) {
    while (!waiters.empty()) {
        const auto executor = waiters.front().executor;
        Waiters together;
        for (auto at = waiters.begin(); at != waiters.end();) {
            const auto next = std::next(at);
            if (at->executor == executor) together.splice(together.end(), waiters, at);
            at = next;
        }
        boost::asio::post(executor, [together = std::move(together)]() mutable {
            for (auto& waiter : together) waiter.resume();
        });
    }
}

void TenantFeed::withdraw(Ticket ticket) {
    std::unique_lock lock{mutex_};
    auto taken = take([&](const Waiter& waiter) { return waiter.ticket == ticket; });
    lock.unlock();
    resume(std::move(taken));
}

std::optional<Position> TenantFeed::end() const {
    const std::lock_guard lock{mutex_};
    return known_ ? std::optional{end_} : std::nullopt;
}

void TenantFeed::begin(Position head) {
    std::unique_lock lock{mutex_};
    known_ = true;
    end_ = std::move(head);
    ring_.clear();
    ring_bytes_ = 0;
    auto taken = take([](const Waiter& waiter) { return waiter.wanted == Wanted::anything; });
    lock.unlock();
    resume(std::move(taken));
}

void TenantFeed::append(std::span<const ChangePtr> changes, const std::string& epoch) {
    if (changes.empty()) return;
    std::unique_lock lock{mutex_};
    for (const auto& change : changes) {
        ring_.push_back(change);
        ring_bytes_ += bytes_of(*change);
    }
    end_ = {epoch, changes.back()->seq};
    trim();
    auto taken = take([](const Waiter& waiter) { return waiter.wanted == Wanted::anything; });
    lock.unlock();
    resume(std::move(taken));
}

/// The last one stays, however large it is.
void TenantFeed::trim() {
    while (ring_.size() > 1 &&
           (ring_.size() > options_.ring_changes_max || ring_bytes_ > options_.ring_bytes_max)) {
        ring_bytes_ -= bytes_of(*ring_.front());
        ring_.pop_front();
    }
}

void TenantFeed::change_authority() {
    std::unique_lock lock{mutex_};
    ++authority_;
    auto taken = take([](const Waiter&) { return true; });
    lock.unlock();
    resume(std::move(taken));
}

void TenantFeed::stop() {
    std::unique_lock lock{mutex_};
    stopped_ = true;
    auto taken = take([](const Waiter&) { return true; });
    lock.unlock();
    resume(std::move(taken));
}

void TenantFeed::check_time(SteadyTime now) {
    std::unique_lock lock{mutex_};
    auto taken = take([now](const Waiter& waiter) { return waiter.until <= now; });
    lock.unlock();
    resume(std::move(taken));
}

std::size_t TenantFeed::page() const {
    const std::lock_guard lock{mutex_};
    if (ring_.empty()) return options_.page;
    const auto each = std::max<std::size_t>(ring_bytes_ / ring_.size(), 1);
    return std::clamp<std::size_t>(options_.page_bytes_max / each, 1, options_.page);
}

std::size_t TenantFeed::followers() const {
    const std::lock_guard lock{mutex_};
    return followers_;
}

void TenantFeed::enter() {
    const std::lock_guard lock{mutex_};
    ++followers_;
}

void TenantFeed::leave() {
    const std::lock_guard lock{mutex_};
    --followers_;
}

}  // namespace tenantry::feed
