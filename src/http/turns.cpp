#include "turns.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace tenantry::http {
namespace {

namespace asio = boost::asio;
using std::chrono::microseconds;

constexpr std::size_t slot_count = 4096;
/// Of the thread's time in about two milliseconds.
constexpr std::uint32_t heavy_micros = 500;
/// Requests that wait for the disk don't keep the thread busy all the while; so one request alone
/// can't make anybody heavy.
constexpr microseconds busy_max{250};

std::uint32_t tick_of(TurnLoad::Time now) {
    using std::chrono::milliseconds;
    return static_cast<std::uint32_t>(
        std::chrono::duration_cast<milliseconds>(now.time_since_epoch()).count());
}

}  // namespace

void TurnLoad::age(Time now) noexcept {
    const auto tick = tick_of(now);
    const auto passed = tick - tick_;
    micros_ = passed < 32 ? micros_ >> passed : 0;
    tick_ = tick;
}

void TurnLoad::add(std::chrono::steady_clock::duration busy, Time now) noexcept {
    age(now);
    const auto micros = std::min(std::chrono::duration_cast<microseconds>(busy), busy_max);
    micros_ += static_cast<std::uint32_t>(micros.count());
}

bool TurnLoad::heavy(Time now) noexcept {
    age(now);
    return micros_ > heavy_micros;
}

Turns::Turns(asio::io_context& context, microseconds quantum)
    : context_{context}, quantum_{quantum}, slots_(slot_count) {}

bool Turns::heavy(std::size_t who, Time now) noexcept {
    return who != 0 && slot(who).load.heavy(now);
}

void Turns::used(std::size_t who, std::chrono::steady_clock::duration busy, Time now) noexcept {
    if (who != 0) slot(who).load.add(busy, now);
}

asio::awaitable<void> Turns::wait(std::size_t who) {
    return asio::async_initiate<const asio::use_awaitable_t<>, void()>(
        [this, who](auto handler) {
            push(who, [handler = std::move(handler)]() mutable { std::move(handler)(); });
        },
        asio::use_awaitable);
}

void Turns::push(std::size_t who, Resume resume) {
    auto& waiting = slot(who).waiting;
    waiting.push_back(std::move(resume));
    if (waiting.size() == 1) turns_.push_back(&slot(who));
    if (posted_) return;
    posted_ = true;
    asio::post(context_, [this] { go_round(); });
}

/// Posted anew for each quantum: in between, the context polls the sockets.
void Turns::go_round() {
    posted_ = false;
    const auto until = std::chrono::steady_clock::now() + quantum_;
    while (!turns_.empty()) {
        auto* slot = turns_.front();
        turns_.pop_front();
        auto resume = std::move(slot->waiting.front());
        slot->waiting.pop_front();
        if (!slot->waiting.empty()) turns_.push_back(slot);
        resume();
        if (std::chrono::steady_clock::now() >= until) break;
    }
    if (turns_.empty() || posted_) return;
    posted_ = true;
    asio::post(context_, [this] { go_round(); });
}

}  // namespace tenantry::http
