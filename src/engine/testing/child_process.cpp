#include "child_process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

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

void run_to_end(const User& user, std::vector<std::string> arguments) {
    const auto program = arguments.front();
    int pipe[2];
    if (::pipe2(pipe, O_CLOEXEC) != 0) throw std::runtime_error{"pipe"};
    const auto child = spawn(user, std::move(arguments), pipe[1]);
    ::close(pipe[1]);
    std::string said;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::read(pipe[0], buffer, sizeof buffer)) > 0;)
        said.append(buffer, static_cast<std::size_t>(got));
    ::close(pipe[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (status != 0) throw std::runtime_error{program + " failed: " + said};
}

int free_port() {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    // The one cast that the socket API asks for.
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    const bool found =
        socket >= 0 && ::bind(socket, any, size) == 0 && ::getsockname(socket, any, &size) == 0;
    if (socket >= 0) ::close(socket);
    if (!found) throw std::runtime_error{"no TCP port is free"};
    return ntohs(address.sin_port);
}

}  // namespace tenantry::engine::testing
