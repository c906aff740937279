#pragma once
/// PgBouncer in transaction mode before a cluster, as hosted databases have it.

#include "postgres_server.hpp"

#include <map>
#include <string>

namespace tenantry::engine::testing {

/// Roles and their passwords.
using Logins = std::map<std::string, std::string>;

class Pooler {
public:
    /// Its socket is beside the server's, and lets everybody in. With `logins` it listens on
    /// 127.0.0.1 too, by TLS alone and for those.
    /// Throws: std::runtime_error, also if PgBouncer is not installed.
    explicit Pooler(const PostgresServer& server, const Logins& logins = {});
    ~Pooler();
    Pooler(const Pooler&) = delete;
    Pooler& operator=(const Pooler&) = delete;

    int port() const noexcept { return port_; }

private:
    pid_t process_ = -1;
    int port_ = 6432;
};

}  // namespace tenantry::engine::testing
