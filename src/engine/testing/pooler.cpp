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
* = host={0} port={1}
[pgbouncer]
listen_port = {2}
unix_socket_dir = {0}
auth_file = {0}/pooler-users.txt
pool_mode = transaction
default_pool_size = 2
max_client_conn = 1000
server_login_retry = 1
)";

constexpr std::string_view open_to_all = R"(listen_addr =
auth_type = trust
)";

constexpr std::string_view by_tls = R"(listen_addr = 127.0.0.1
auth_type = scram-sha-256
client_tls_sslmode = require
client_tls_key_file = {}
client_tls_cert_file = {}
)";

std::string content_of(const fs::path& path) {
    std::ostringstream out;
    out << std::ifstream{path}.rdbuf();
    return out.str();
}

std::string settings_of(const PostgresServer& server, int port, bool tls) {
    auto settings = fmt::format(configuration, server.folder().string(), server.port(), port);
    if (!tls) return settings + std::string{open_to_all};
    const auto& certificates = server.certificates();
    return settings +
           fmt::format(by_tls, certificates.key().string(), certificates.certificate().string());
}

}  // namespace

Pooler::Pooler(const PostgresServer& server, const Logins& logins) {
    if (!fs::exists(program))
        throw std::runtime_error{"PgBouncer is not installed: apt-get install pgbouncer"};
    if (!logins.empty()) port_ = free_port();
    const auto& folder = server.folder();
    const auto settings = folder / "pooler.ini";
    const auto log = folder / "pooler.log";
    std::ofstream{settings} << settings_of(server, port_, !logins.empty());
    std::ofstream users{folder / "pooler-users.txt"};
    for (const auto* role : {"tenantry_app", "tenantry_owner", "postgres"}) {
        const auto found = logins.find(role);
        users << fmt::format("\"{}\" \"{}\"\n", role, found == logins.end() ? "" : found->second);
    }
    users.close();
    const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    process_ = spawn(server.user(), {program, settings.string()}, output);
    ::close(output);
    const auto socket = folder / fmt::format(".s.PGSQL.{}", port_);
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
