#include "child_process.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>

#include <csignal>
#include <stdexcept>

namespace tenantry::engine::testing {

User unprivileged_user() {
    if (geteuid() != 0) return {};
    for (const auto* name : {"postgres", "nobody"}) {
        if (const auto* entry = getpwnam(name)) return {entry->pw_uid, entry->pw_gid};
    }
    throw std::runtime_error{"there is no unprivileged user to run PostgreSQL as"};
}

pid_t spawn(const User& user, std::vector<std::string> arguments, int output) {
    std::vector<char*> pointers;
    pointers.reserve(arguments.size() + 1);
    for (auto& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    const auto parent = getpid();
    const pid_t child = fork();
    if (child < 0) throw std::runtime_error{"fork"};
    if (child > 0) return child;
    if (geteuid() == 0 &&
        (setgroups(0, nullptr) != 0 || setgid(user.gid) != 0 || setuid(user.uid) != 0))
        _exit(126);
    // After the change of the user, which would undo it.
    prctl(PR_SET_PDEATHSIG, SIGQUIT);
    if (getppid() != parent) _exit(126);
    dup2(output, 1);
    dup2(output, 2);
    std::string locale = "LC_ALL=C.UTF-8";
    std::string zone = "TZ=UTC";
    char* environment[] = {locale.data(), zone.data(), nullptr};
    execve(pointers[0], pointers.data(), environment);
    _exit(127);
}

}  // namespace tenantry::engine::testing
