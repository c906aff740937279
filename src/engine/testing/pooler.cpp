#include "pooler.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace tenantry::engine::testing {
namespace {

namespace fs = std::filesystem;
constexpr auto program = "/usr/sbin/pgbouncer";

/// Fewer sessions than any engine has connections, so that each is lent to many in turn.
constexpr std::string_view configuration = R"([databases]
* = host={0}
[pgbouncer]
listen_addr =
listen_port = {1}
unix_socket_dir = {0}
auth_type = trust
auth_file = {0}/pooler-users.txt
pool_mode = transaction
default_pool_size = 2
max_client_conn = 1000
)";

std::string content_of(const fs::path& path) {
    std::ostringstream out;
    out << std::ifstream{path}.rdbuf();
    return out.str();
}

}  // namespace

Pooler::Pooler(const fs::path& folder, const User& user) {
    if (!fs::exists(program))
        throw std::runtime_error{"PgBouncer is not installed: apt-get install pgbouncer"};
    const auto settings = folder / "pooler.ini";
    const auto log = folder / "pooler.log";
    std::ofstream{settings} << fmt::format(configuration, folder.string(), port());
    std::ofstream{folder / "pooler-users.txt"}
        << "\"tenantry_app\" \"\"\n\"tenantry_owner\" \"\"\n\"postgres\" \"\"\n";
    const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    process_ = spawn(user, {program, settings.string()}, output);
    ::close(output);
    const auto socket = folder / fmt::format(".s.PGSQL.{}", port());
    while (!fs::exists(socket)) {
        if (::waitpid(process_, nullptr, WNOHANG) != 0)
            throw std::runtime_error{"PgBouncer didn't start: " + content_of(log)};
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
}

Pooler::~Pooler() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
}

}  // namespace tenantry::engine::testing
