#include "poller.hpp"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

namespace tenantry::bench {

Poller::Poller()
    : epoll_{::epoll_create1(EPOLL_CLOEXEC)},
      timer_{::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)} {
    epoll_event event{.events = EPOLLIN, .data = {.ptr = nullptr}};
    if (epoll_.get() < 0 || timer_.get() < 0 ||
        ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, timer_.get(), &event) != 0) {
        throw_errno("epoll and its timer");
    }
}

void Poller::watch(int fd, Source& source) {
    epoll_event event{.events = EPOLLIN, .data = {.ptr = &source}};
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
        throw_errno("epoll_ctl");
    }
}

// steady_clock is CLOCK_MONOTONIC here.
void Poller::arm(Time wake) {
    if (wake == armed_for_) {
        return;
    }
    constexpr std::int64_t second = 1'000'000'000;
    const std::int64_t at = std::max<std::int64_t>(wake.time_since_epoch().count(), 1);
    const itimerspec when{.it_interval = {},
                          .it_value = {.tv_sec = at / second, .tv_nsec = at % second}};
    if (::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr) != 0) {
        throw_errno("timerfd_settime");
    }
    armed_for_ = wake;
}

std::span<Source* const> Poller::wait(Time wake) {
    arm(wake);
    std::array<epoll_event, events_max> events{};
    const int count =
        ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), -1);
    if (count < 0 && errno != EINTR) {
        throw_errno("epoll_wait");
    }
    std::size_t ready = 0;
    for (int i = 0; i < count; ++i) {
        auto* const source = static_cast<Source*>(events.at(static_cast<std::size_t>(i)).data.ptr);
        if (source != nullptr) {
            ready_.at(ready++) = source;
            continue;
        }
        std::uint64_t expirations = 0;
        if (::read(timer_.get(), &expirations, sizeof expirations) < 0 && errno != EAGAIN) {
            throw_errno("read of the timer");
        }
    }
    return std::span{ready_}.first(ready);
}

}  // namespace tenantry::bench
