#pragma once
/// PgBouncer in transaction mode before a cluster, as hosted databases have it.

#include "child_process.hpp"

#include <filesystem>

namespace tenantry::engine::testing {

class Pooler {
public:
    /// `folder` is where the cluster's socket is; the pooler's comes beside it.
    /// Throws: std::runtime_error, also if PgBouncer is not installed.
    Pooler(const std::filesystem::path& folder, const User& user);
    ~Pooler();
    Pooler(const Pooler&) = delete;
    Pooler& operator=(const Pooler&) = delete;

    int port() const noexcept { return 6432; }

private:
    pid_t process_ = -1;
};

}  // namespace tenantry::engine::testing
