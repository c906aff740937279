#include "key_use_writer.hpp"

#include <chrono>
#include <exception>

namespace tenantry::server {
namespace {

constexpr std::chrono::seconds interval{30};

}  // namespace

KeyUseWriter::KeyUseWriter(auth::KeyUses& uses, services::Administration::Open open,
                           const Clock& clock, Log& log)
    : uses_{uses}, open_{std::move(open)}, clock_{clock}, log_{log}, periodic_{interval, [this] {
                                                                                   write();
                                                                               }} {}

KeyUseWriter::~KeyUseWriter() { stop(); }

void KeyUseWriter::stop() {
    if (periodic_.stop()) write();
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
