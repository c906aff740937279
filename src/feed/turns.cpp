#include "feed/turns.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tenantry::feed {

namespace asio = boost::asio;

/// True if a turn is taken; else the waiter is kept.
bool Turns::take_or_wait(Waiter& waiter) {
    const std::lock_guard lock{mutex_};
    if (free_ > 0 || stopped_) {
        if (free_ > 0) --free_;
        return true;
    }
    waiters_.push_back(std::move(waiter));
    return false;
}

asio::awaitable<void> Turns::wait() {
    const auto executor = co_await asio::this_coro::executor;
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
        [this, executor](auto handler) {
            Waiter waiter{executor, std::move(handler)};
            if (!take_or_wait(waiter)) return;
            Waiters now;
            now.push_back(std::move(waiter));
            resume(std::move(now));
        },
        asio::use_awaitable);
}

void Turns::give_back() {
    Waiters next;
    {
        const std::lock_guard lock{mutex_};
        if (waiters_.empty()) {
            ++free_;
        } else {
            next.splice(next.end(), waiters_, waiters_.begin());
        }
    }
    resume(std::move(next));
}

void Turns::stop() {
    Waiters all;
    {
        const std::lock_guard lock{mutex_};
        stopped_ = true;
        all.swap(waiters_);
    }
    resume(std::move(all));
}

void Turns::resume(Waiters waiters) {
    for (auto& waiter : waiters) asio::post(waiter.executor, std::move(waiter.resume));
}

}  // namespace tenantry::feed
