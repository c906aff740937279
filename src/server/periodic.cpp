#include "periodic.hpp"

#include <utility>

namespace tenantry::server {

Periodic::Periodic(std::chrono::milliseconds interval, std::function<void()> work)
    : interval_{interval}, work_{std::move(work)}, thread_{[this] { run(); }} {}

Periodic::~Periodic() { stop(); }

bool Periodic::stop() {
    {
        const std::lock_guard lock{mutex_};
        if (stopping_) return false;
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
    return true;
}

bool Periodic::stopping() const {
    const std::lock_guard lock{mutex_};
    return stopping_;
}

void Periodic::run() {
    std::unique_lock lock{mutex_};
    while (!wake_.wait_for(lock, interval_, [this] { return stopping_; })) {
        lock.unlock();
        work_();
        lock.lock();
    }
}

}  // namespace tenantry::server
