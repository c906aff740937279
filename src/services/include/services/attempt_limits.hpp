#pragma once
/// How often somebody may try: for what costs much or can be guessed.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tenantry::services {

/// Counts attempts by what they have in common (an address, an account) in a window that begins
/// with the first of them. Remembers a bounded number of windows; when there are more, those that
/// began first are forgotten, so a flood of others can't make memory grow.
/// Threads: any, at the same time.
class AttemptLimits {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::size_t windows_max = 100'000;

    AttemptLimits(std::size_t attempts, std::chrono::seconds window)
        : attempts_{attempts}, window_{window} {}

    /// How long to wait if that was one too many; nullopt if it may go on.
    std::optional<std::chrono::seconds> attempt(std::string_view key, Clock::time_point now);
    /// What was counted doesn't count any more.
    void forgive(std::string_view key);

private:
    struct Window {
        Clock::time_point end;
        std::size_t count = 0;
    };
    std::optional<std::chrono::seconds> left(const Window& window, Clock::time_point now) const;
    void make_room(Clock::time_point now);

    const std::size_t attempts_;
    const std::chrono::seconds window_;
    std::mutex mutex_;
    std::unordered_map<std::string, Window> windows_;
};

}  // namespace tenantry::services
