#pragma once
/// A PostgreSQL of the test's own, in a temporary folder, run by an unprivileged user. It dies with
/// this process.

#include "certificates.hpp"
#include "child_process.hpp"

#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace tenantry::engine::testing {

class PostgresServer {
public:
    enum class Listens {
        socket,  // in its folder alone; whoever comes is let in
        tls,     // on 127.0.0.1 as well, by TLS or without, with passwords (SCRAM)
    };
    /// `certificate_name`: whose certificate it shows, if it listens by TLS.
    explicit PostgresServer(Listens listens, const std::string& certificate_name = {});
    ~PostgresServer();
    PostgresServer(const PostgresServer&) = delete;
    PostgresServer& operator=(const PostgresServer&) = delete;

    /// Ends every session and stops.
    void stop();
    void start();

    /// Where its socket is.
    const std::filesystem::path& folder() const noexcept { return folder_; }
    const User& user() const noexcept { return user_; }
    const Certificates& certificates() const { return *certificates_; }
    int port() const noexcept { return port_; }
    /// The process of the postmaster.
    int pid() const noexcept { return postmaster_; }
    /// What it has logged so far.
    std::string log() const;

private:
    void make_cluster();
    void launch();
    bool wait_until_ready();
    std::string status_line() const;
    std::filesystem::path data() const { return folder_ / "data"; }

    std::filesystem::path programs_;
    User user_;
    std::filesystem::path folder_;
    std::optional<Certificates> certificates_;
    int port_ = 5432;
    pid_t postmaster_ = -1;
    mutable std::mutex mutex_;
    std::string log_;
    std::thread reader_;
};

}  // namespace tenantry::engine::testing
