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

/// Runs a program to its end. Throws: std::runtime_error with what it said, if it fails.
void run_to_end(const User& user, std::vector<std::string> arguments);

/// A TCP port of 127.0.0.1 that nobody listens on just now. Throws: std::runtime_error.
int free_port();

}  // namespace tenantry::engine::testing
