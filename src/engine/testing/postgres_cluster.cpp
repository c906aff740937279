#include "engine/postgres_cluster.hpp"

#include "child_process.hpp"
#include "engine/postgres/migrate.hpp"
#include "pg/client.hpp"
#include "pooler.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

namespace tenantry::engine::testing {
namespace {

namespace fs = std::filesystem;

constexpr auto owner = "tenantry_owner";
constexpr auto template_database = "tenantry_template";

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

class PostgresCluster::Impl {
public:
    Impl() : programs_{find_programs()}, user_{unprivileged_user()} {
        auto pattern = (fs::temp_directory_path() / "tenantry-pg-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"mkdtemp"};
        folder_ = pattern;
        if (::chown(folder_.c_str(), user_.uid, user_.gid) != 0) throw std::runtime_error{"chown"};
        make_cluster();
        start();
    }

    ~Impl() {
        pooler_.reset();
        if (postmaster_ > 0) {
            ::kill(postmaster_, SIGQUIT);
            ::waitpid(postmaster_, nullptr, 0);
        }
        if (reader_.joinable()) reader_.join();
        std::error_code ignored;
        fs::remove_all(folder_, ignored);
    }

    const fs::path& folder() const { return folder_; }
    int pid() const noexcept { return postmaster_; }

    std::string log() const {
        const std::lock_guard lock{mutex_};
        return log_;
    }

    const Pooler& pooler() {
        std::call_once(pooled_, [this] { pooler_ = std::make_unique<Pooler>(folder_, user_); });
        return *pooler_;
    }

    std::string next_name() { return fmt::format("test_{}", ++databases_); }

private:
    void make_cluster() {
        int pipe[2];
        open_pipe(pipe);
        const auto child =
            spawn(user_,
                  {(programs_ / "initdb").string(), "-D", data().string(), "-A", "trust", "-U",
                   "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"},
                  pipe[1]);
        ::close(pipe[1]);
        std::string said;
        read_all(pipe[0], [&](std::string_view text) { said += text; });
        int status = 0;
        ::waitpid(child, &status, 0);
        if (status != 0) throw std::runtime_error{"initdb failed: " + said};
    }

    void start() {
        int pipe[2];
        open_pipe(pipe);
        postmaster_ = spawn(user_,
                            {(programs_ / "postgres").string(),
                             "-D",
                             data().string(),
                             "-k",
                             folder_.string(),
                             "-c",
                             "listen_addresses=",
                             "-c",
                             "fsync=off",
                             "-c",
                             "full_page_writes=off",
                             "-c",
                             "max_connections=200",
                             "-c",
                             "shared_buffers=32MB",
                             "-c",
                             "autovacuum=off",
                             "-c",
                             "log_min_messages=warning",
                             "-c",
                             "max_wal_size=256MB"},
                            pipe[1]);
        ::close(pipe[1]);
        reader_ = std::thread{[this, input = pipe[0]] {
            read_all(input, [this](std::string_view text) {
                const std::lock_guard lock{mutex_};
                log_ += text;
            });
        }};
        wait_until_ready();
    }

    /// The postmaster says so in its pid file, on the eighth line.
    void wait_until_ready() {
        while (true) {
            if (::waitpid(postmaster_, nullptr, WNOHANG) != 0) {
                postmaster_ = -1;
                throw std::runtime_error{"PostgreSQL didn't start: " + log()};
            }
            if (status_line().starts_with("ready")) return;
            std::this_thread::sleep_for(std::chrono::milliseconds{2});
        }
    }

    std::string status_line() const {
        std::FILE* file = std::fopen((data() / "postmaster.pid").c_str(), "r");
        if (file == nullptr) return {};
        char line[1024] = "";
        int lines = 0;
        while (lines < 8 && std::fgets(line, sizeof line, file) != nullptr) ++lines;
        std::fclose(file);
        return lines == 8 ? line : "";
    }

    static void open_pipe(int* pipe) {
        if (::pipe2(pipe, O_CLOEXEC) != 0) throw std::runtime_error{"pipe"};
    }

    template <class Take>
    static void read_all(int input, Take take) {
        char buffer[4096];
        for (ssize_t got = 0; (got = ::read(input, buffer, sizeof buffer)) > 0;)
            take(std::string_view{buffer, static_cast<std::size_t>(got)});
        ::close(input);
    }

    fs::path data() const { return folder_ / "data"; }

    fs::path programs_;
    User user_;
    fs::path folder_;
    pid_t postmaster_ = -1;
    mutable std::mutex mutex_;
    std::string log_;
    std::thread reader_;
    int databases_ = 0;
    std::once_flag pooled_;
    std::unique_ptr<Pooler> pooler_;
};

PostgresCluster& PostgresCluster::instance() {
    static PostgresCluster cluster;
    return cluster;
}

PostgresCluster::PostgresCluster() : impl_{std::make_unique<Impl>()} {
    script("postgres", fmt::format("CREATE ROLE {} LOGIN CREATEROLE", owner));
    script("postgres", fmt::format("CREATE DATABASE {} OWNER {}", template_database, owner));
    const auto migrated = postgres::migrate(url(template_database, owner));
    if (!migrated) throw std::runtime_error{migrated.error().message};
}

PostgresCluster::~PostgresCluster() = default;

std::string PostgresCluster::create_database(bool migrated) {
    auto name = impl_->next_name();
    script("postgres", fmt::format("CREATE DATABASE {} OWNER {} TEMPLATE {}", name, owner,
                                   migrated ? template_database : "template0"));
    return name;
}

void PostgresCluster::drop_database(const std::string& name) const {
    script("postgres", fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE)", name));
}

pg::Url PostgresCluster::url(const std::string& database, const std::string& role) const {
    return pg::Url::parse(
               fmt::format("postgres://{}@/{}?host={}", role, database, impl_->folder().string()))
        .value();
}

pg::Url PostgresCluster::pooled_url(const std::string& database, const std::string& role) const {
    return pg::Url::parse(fmt::format("postgres://{}@/{}?host={}&port={}", role, database,
                                      impl_->folder().string(), impl_->pooler().port()))
        .value();
}

void PostgresCluster::script(const std::string& database, const std::string& statements) const {
    pg::Client client{{.url = url(database, "postgres")}};
    client.script(statements);
}

int PostgresCluster::pid() const noexcept { return impl_->pid(); }
std::string PostgresCluster::log() const { return impl_->log(); }

}  // namespace tenantry::engine::testing
