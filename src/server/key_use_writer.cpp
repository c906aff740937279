#include "key_use_writer.hpp"

#include <chrono>
#include <exception>

namespace tenantry::server {
namespace {

constexpr std::chrono::seconds interval{30};

}  // namespace

KeyUseWriter::KeyUseWriter(auth::KeyUses& uses, services::Administration::Open open,
                           const Clock& clock, Log& log)
    : uses_{uses}, open_{std::move(open)}, clock_{clock}, log_{log}, thread_{[this] { run(); }} {}

KeyUseWriter::~KeyUseWriter() { stop(); }

void KeyUseWriter::stop() {
    {
        const std::lock_guard lock{mutex_};
        if (stopping_) return;
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
    write();
}

void KeyUseWriter::run() {
    std::unique_lock lock{mutex_};
    while (!wake_.wait_for(lock, interval, [this] { return stopping_; })) {
        lock.unlock();
        write();
        lock.lock();
    }
}

void KeyUseWriter::write() noexcept {
    try {
        const auto written = try_to_write();
        if (!written) log_.observe(KeyUsesLost{written.error().message});
    } catch (const std::exception& fault) {
        log_.observe(KeyUsesLost{fault.what()});
    }
}

Result<void> KeyUseWriter::try_to_write() {
    const auto uses = uses_.take(clock_.now());
    if (uses.empty()) return {};
    TENANTRY_TRY(store, open_());
    return store->record_key_uses(uses);
}

}  // namespace tenantry::server
