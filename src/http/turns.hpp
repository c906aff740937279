#pragma once
/// Fairness between the connections of one worker: who has used much of its thread lately lets
/// others go first.
///
/// Each tenant (hashed to a slot) has a load: the microseconds that its requests kept the thread
/// busy, halved every millisecond. Below a quarter of the thread nothing happens. Above it, a
/// connection that has received a request waits for its turn; between turns the worker looks for
/// what else has arrived, so a tenant that asks little waits for a few requests of one that asks
/// much, and not for all that its connections have brought.
///
/// Two tenants in one slot are taken for one, which costs turns and nothing else.
///
/// Threads: the worker's.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <vector>

namespace tenantry::http {

/// The load of one slot over time, as a value.
class TurnLoad {
public:
    using Time = std::chrono::steady_clock::time_point;

    void add(std::chrono::steady_clock::duration busy, Time now) noexcept;
    bool heavy(Time now) noexcept;

private:
    void age(Time now) noexcept;

    std::uint32_t micros_ = 0;
    std::uint32_t tick_ = 0;  // milliseconds, wrapping, of the last ageing
};

class Turns {
public:
    using Time = TurnLoad::Time;

    /// `context` runs on the worker's thread and outlives this. For `quantum`, but at least once,
    /// those whose turn it is are resumed before the worker looks for what has arrived; looking
    /// costs a system call.
    explicit Turns(boost::asio::io_context& context,
                   std::chrono::microseconds quantum = std::chrono::microseconds{40});
    Turns(const Turns&) = delete;
    Turns& operator=(const Turns&) = delete;

    /// `who` is a hash of the tenant; 0 for nobody in particular, who is never heavy.
    bool heavy(std::size_t who, Time now) noexcept;
    void used(std::size_t who, std::chrono::steady_clock::duration busy, Time now) noexcept;
    /// Resumes when it is the slot's turn, after what has arrived meanwhile.
    boost::asio::awaitable<void> wait(std::size_t who);

private:
    using Resume = std::move_only_function<void()>;
    struct Slot {
        TurnLoad load{};
        std::list<Resume> waiting{};
    };

    Slot& slot(std::size_t who) noexcept { return slots_[who % slots_.size()]; }
    void push(std::size_t who, Resume resume);
    void go_round();

    boost::asio::io_context& context_;
    const std::chrono::microseconds quantum_;
    std::vector<Slot> slots_;
    std::deque<Slot*> turns_{};  // those with something waiting, the next one first
    bool posted_ = false;
};

}  // namespace tenantry::http
