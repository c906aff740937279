#pragma once
/// How many do something at the same time: followers that read the database, consumers that send.
/// What each holds is memory, and a thousand may want to at once. Threads: any.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <functional>
#include <list>
#include <mutex>

namespace tenantry::feed {

class Turns {
public:
    explicit Turns(std::size_t at_a_time) : free_{at_a_time} {}
    Turns(const Turns&) = delete;
    Turns& operator=(const Turns&) = delete;

    /// Ends with its life. Must not outlive the turns.
    class Turn {
    public:
        explicit Turn(Turns& of) : of_{of} {}
        ~Turn() { of_.give_back(); }
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;

    private:
        Turns& of_;
    };

    /// Resumes on the caller's executor when a Turn may be made, which has to follow at once. In
    /// the order of the calls.
    boost::asio::awaitable<void> wait();
    /// Lets all come, now and from now on.
    void stop();

private:
    struct Waiter {
        boost::asio::any_io_executor executor;
        std::move_only_function<void()> resume;
    };
    using Waiters = std::list<Waiter>;

    bool take_or_wait(Waiter& waiter);
    void give_back();
    static void resume(Waiters waiters);

    std::mutex mutex_;
    std::size_t free_;
    bool stopped_ = false;
    Waiters waiters_;
};

}  // namespace tenantry::feed
