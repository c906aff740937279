#pragma once
/// Server programs that tests start.

#include <sys/types.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace tenantry::engine::testing {

struct User {
    uid_t uid = geteuid();
    gid_t gid = getegid();
};

/// PostgreSQL and its poolers refuse to be run by root. Throws: std::runtime_error.
User unprivileged_user();

/// Starts a program as `user`, its output into `output`. It dies with this process.
pid_t spawn(const User& user, std::vector<std::string> arguments, int output);

}  // namespace tenantry::engine::testing
