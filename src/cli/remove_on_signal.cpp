#include "cli/remove_on_signal.hpp"

#include <unistd.h>

#include <array>
#include <climits>
#include <cstring>

namespace tenantry::cli {
namespace {

constexpr std::array signals{SIGINT, SIGTERM, SIGHUP};

// A handler may touch little more than plain memory: the path as a C string.
std::array<char, PATH_MAX> path_to_remove{};

void remove_and_end(int signal) {
    ::unlink(path_to_remove.data());
    // The handler was installed for one signal only: this one ends the process.
    ::raise(signal);
}

}  // namespace

RemoveOnSignal::RemoveOnSignal(const std::filesystem::path& path) {
    const auto& text = path.native();
    if (text.size() < path_to_remove.size())
        std::memcpy(path_to_remove.data(), text.c_str(), text.size() + 1);
    struct sigaction action{};
    action.sa_handler = remove_and_end;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    for (std::size_t i = 0; i < signals.size(); ++i) {
        ::sigaction(signals[i], nullptr, &before_[i]);
        // What the parent had us ignore (nohup) stays ignored.
        if (before_[i].sa_handler != SIG_IGN) ::sigaction(signals[i], &action, nullptr);
    }
}

RemoveOnSignal::~RemoveOnSignal() {
    for (std::size_t i = 0; i < signals.size(); ++i) ::sigaction(signals[i], &before_[i], nullptr);
}

}  // namespace tenantry::cli
