#pragma once
/// Something that is done again and again, on a thread of its own.

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace tenantry::server {

/// Threads: one at a time, besides its own.
class Periodic {
public:
    /// Does `work`, which must not throw, whenever `interval` is over, for the first time after the
    /// first one.
    Periodic(std::chrono::milliseconds interval, std::function<void()> work);
    ~Periodic();
    Periodic(const Periodic&) = delete;
    Periodic& operator=(const Periodic&) = delete;

    /// Waits for what is being done. False if it had been stopped before.
    bool stop();
    /// Whether the work should come to its end. Threads: any.
    bool stopping() const;

private:
    void run();

    const std::chrono::milliseconds interval_;
    const std::function<void()> work_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;  // last: it uses the others
};

}  // namespace tenantry::server
