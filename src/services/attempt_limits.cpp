#include "services/attempt_limits.hpp"

#include <algorithm>

namespace tenantry::services {

std::optional<std::chrono::seconds> AttemptLimits::attempt(std::string_view key,
                                                           Clock::time_point now) {
    const std::lock_guard lock{mutex_};
    make_room(now);
    auto& window = windows_[std::string{key}];
    if (window.end <= now) window = {.end = now + window_};
    if (auto wait = left(window, now)) return wait;
    ++window.count;
    return std::nullopt;
}

void AttemptLimits::forgive(std::string_view key) {
    const std::lock_guard lock{mutex_};
    windows_.erase(std::string{key});
}

std::optional<std::chrono::seconds> AttemptLimits::left(const Window& window,
                                                        Clock::time_point now) const {
    if (window.count < attempts_) return std::nullopt;
    return std::chrono::ceil<std::chrono::seconds>(window.end - now);
}

void AttemptLimits::make_room(Clock::time_point now) {
    if (windows_.size() < windows_max) return;
    std::erase_if(windows_, [&](const auto& each) { return each.second.end <= now; });
    if (windows_.size() < windows_max) return;
    // Half of a window on: whoever began in the first half is forgotten.
    const auto middle = now + window_ / 2;
    std::erase_if(windows_, [&](const auto& each) { return each.second.end <= middle; });
    if (windows_.size() >= windows_max) windows_.clear();
}

}  // namespace tenantry::services
