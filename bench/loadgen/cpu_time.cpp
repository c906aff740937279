#include "cpu_time.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>

namespace tenantry::bench {
namespace {

struct Times {
    pid_t parent = 0;
    std::int64_t own = 0;    // ticks
    std::int64_t ended = 0;  // of children that have been waited for
};

// Fields 4 and 14 to 17 of /proc/PID/stat, counted behind the name, which may hold anything.
std::optional<Times> times_of(const std::string& pid) {
    std::ifstream file{"/proc/" + pid + "/stat"};
    std::ostringstream content;
    content << file.rdbuf();  // which fails, and doesn't throw, if the process ends meanwhile
    const auto text = content.str();
    const auto name_end = text.rfind(')');
    if (name_end == std::string::npos) {
        return std::nullopt;
    }
    std::istringstream fields{text.substr(name_end + 1)};
    std::string skipped;
    Times times;
    fields >> skipped >> times.parent;
    for (int i = 5; i < 14; ++i) {
        fields >> skipped;
    }
    std::array<std::int64_t, 4> ticks{};
    for (auto& each : ticks) {
        fields >> each;
    }
    times.own = ticks[0] + ticks[1];
    times.ended = ticks[2] + ticks[3];
    return fields ? std::optional{times} : std::nullopt;
}

Times must_have(pid_t pid) {
    const auto times = times_of(std::to_string(pid));
    if (!times) {
        throw std::runtime_error{"process " + std::to_string(pid) + " is gone"};
    }
    return *times;
}

std::chrono::nanoseconds in_time(std::int64_t ticks) {
    return std::chrono::nanoseconds{ticks * 1'000'000'000 / ::sysconf(_SC_CLK_TCK)};
}

bool is_number(const std::string& text) {
    return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::chrono::nanoseconds cpu_of(pid_t pid) { return in_time(must_have(pid).own); }

std::chrono::nanoseconds cpu_of_family(pid_t pid) {
    const auto parent = must_have(pid);
    auto ticks = parent.own + parent.ended;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc"}) {
        const auto name = entry.path().filename().string();
        if (!is_number(name)) {
            continue;
        }
        // One may have ended since; then its parent has its time, or soon will.
        const auto times = times_of(name);
        if (times && times->parent == pid) {
            ticks += times->own;
        }
    }
    return in_time(ticks);
}

std::chrono::nanoseconds own_cpu() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto time = [](const timeval& t) {
        return std::chrono::seconds{t.tv_sec} + std::chrono::microseconds{t.tv_usec};
    };
    return time(usage.ru_utime) + time(usage.ru_stime);
}

std::chrono::nanoseconds cpu_of_machine() {
    std::ifstream file{"/proc/stat"};
    std::string name;
    std::int64_t user = 0;
    std::int64_t nice = 0;
    std::int64_t system = 0;
    if (!(file >> name >> user >> nice >> system) || name != "cpu") {
        throw std::runtime_error{"/proc/stat is not as expected"};
    }
    return in_time(user + nice + system);
}

}  // namespace tenantry::bench
