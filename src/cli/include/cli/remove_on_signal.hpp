#pragma once
/// So that Ctrl-C leaves no temporary file behind.

#include <csignal>
#include <filesystem>

namespace tenantry::cli {

/// While it stands, SIGINT, SIGTERM and SIGHUP remove `path` before they end the process as they
/// always do. One at a time. `path` is removed by name alone: a file that was given another name in
/// the meantime stays.
class RemoveOnSignal {
public:
    explicit RemoveOnSignal(const std::filesystem::path& path);
    ~RemoveOnSignal();
    RemoveOnSignal(const RemoveOnSignal&) = delete;
    RemoveOnSignal& operator=(const RemoveOnSignal&) = delete;

private:
    struct sigaction before_[3]{};
};

}  // namespace tenantry::cli
