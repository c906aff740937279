#include "postgres_server.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <vector>

namespace tenantry::engine::testing {
namespace {

namespace fs = std::filesystem;

/// The newest PostgreSQL that Debian has installed.
fs::path find_programs() {
    fs::path best;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator{"/usr/lib/postgresql", ignored}) {
        const auto bin = entry.path() / "bin";
        if (fs::exists(bin / "initdb") && bin > best) best = bin;
    }
    if (best.empty())
        throw std::runtime_error{"PostgreSQL is not installed: apt-get install postgresql-15"};
    return best;
}

}  // namespace

PostgresServer::PostgresServer(Listens listens, const std::string& certificate_name)
    : programs_{find_programs()}, user_{unprivileged_user()} {
    auto pattern = (fs::temp_directory_path() / "tenantry-pg-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"mkdtemp"};
    folder_ = pattern;
    if (::chown(folder_.c_str(), user_.uid, user_.gid) != 0) throw std::runtime_error{"chown"};
    // Whoever runs the tests reads the certificates.
    fs::permissions(folder_, fs::perms::group_exec | fs::perms::others_exec, fs::perm_options::add);
    if (listens == Listens::tls) {
        certificates_.emplace(folder_, user_, certificate_name);
        port_ = free_port();
    }
    make_cluster();
    start();
}

PostgresServer::~PostgresServer() {
    if (postmaster_ > 0) {
        ::kill(postmaster_, SIGQUIT);
        ::waitpid(postmaster_, nullptr, 0);
    }
    if (reader_.joinable()) reader_.join();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

std::string PostgresServer::log() const {
    const std::lock_guard lock{mutex_};
    return log_;
}

void PostgresServer::make_cluster() {
    run_to_end(user_, {(programs_ / "initdb").string(), "-D", data().string(), "-A", "trust", "-U",
                       "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"});
    if (!certificates_) return;
    std::ofstream{data() / "pg_hba.conf"} << "local all all trust\n"
                                             "host all all 127.0.0.1/32 scram-sha-256\n";
}

void PostgresServer::stop() {
    ::kill(postmaster_, SIGINT);
    ::waitpid(postmaster_, nullptr, 0);
    postmaster_ = -1;
    reader_.join();
}

/// A port that was free may have been taken since.
void PostgresServer::start() {
    constexpr int attempts = 5;
    for (int attempt = 1; attempt <= attempts; ++attempt) {
        launch();
        if (wait_until_ready()) return;
        reader_.join();
        if (certificates_) port_ = free_port();
    }
    throw std::runtime_error{"PostgreSQL didn't start: " + log()};
}

void PostgresServer::launch() {
    std::vector<std::string> arguments{(programs_ / "postgres").string(),
                                       "-D",
                                       data().string(),
                                       "-k",
                                       folder_.string(),
                                       "-p",
                                       std::to_string(port_)};
    std::vector<std::string> settings{
        "fsync=off",      "full_page_writes=off",     "max_connections=200", "shared_buffers=32MB",
        "autovacuum=off", "log_min_messages=warning", "max_wal_size=256MB"};
    settings.emplace_back(certificates_ ? "listen_addresses=127.0.0.1" : "listen_addresses=");
    if (certificates_) {
        settings.emplace_back("ssl=on");
        settings.push_back("ssl_key_file=" + certificates_->key().string());
        settings.push_back("ssl_cert_file=" + certificates_->certificate().string());
    }
    for (const auto& setting : settings) {
        arguments.emplace_back("-c");
        arguments.push_back(setting);
    }
    int pipe[2];
    if (::pipe2(pipe, O_CLOEXEC) != 0) throw std::runtime_error{"pipe"};
    postmaster_ = spawn(user_, std::move(arguments), pipe[1]);
    ::close(pipe[1]);
    reader_ = std::thread{[this, input = pipe[0]] {
        char buffer[4096];
        for (ssize_t got = 0; (got = ::read(input, buffer, sizeof buffer)) > 0;) {
            const std::lock_guard lock{mutex_};
            log_.append(buffer, static_cast<std::size_t>(got));
        }
        ::close(input);
    }};
}

/// The postmaster says so in its pid file, on the eighth line. False if it has ended.
bool PostgresServer::wait_until_ready() {
    while (::waitpid(postmaster_, nullptr, WNOHANG) == 0) {
        if (status_line().starts_with("ready")) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    postmaster_ = -1;
    return false;
}

std::string PostgresServer::status_line() const {
    std::FILE* file = std::fopen((data() / "postmaster.pid").c_str(), "r");
    if (file == nullptr) return {};
    char line[1024] = "";
    int lines = 0;
    while (lines < 8 && std::fgets(line, sizeof line, file) != nullptr) ++lines;
    std::fclose(file);
    return lines == 8 ? line : "";
}

}  // namespace tenantry::engine::testing
