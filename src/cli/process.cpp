#include "cli/process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <initializer_list>

namespace tenantry::cli {
namespace {

/// A standard stream that the parent closed would be the next file opened: the database, say. Its
/// number is taken by something that can be neither read nor written instead.
void occupy(int fd) {
    if (::fcntl(fd, F_GETFD) >= 0) return;
    // The lowest free number is this one, since those below it are taken.
    if (::open("/dev/null", O_PATH) < 0) std::abort();
}

}  // namespace

void prepare_process() {
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) occupy(fd);
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGXFSZ, SIG_IGN);
}

}  // namespace tenantry::cli
