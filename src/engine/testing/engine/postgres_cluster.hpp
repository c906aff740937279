#pragma once
/// PostgreSQL for tests: a cluster of this process's own, run by an unprivileged user, and a
/// database of its own for each test.
///
/// It is made when the first database is asked for, listens on a socket in a temporary folder
/// alone, and ends with the process, however that ends. Where PostgreSQL isn't installed, asking
/// throws: a test that can't run has failed.

#include "pg/url.hpp"

#include <memory>
#include <string>

namespace tenantry::engine::testing {

class PostgresCluster {
public:
    /// The one of this process. Throws: std::runtime_error.
    static PostgresCluster& instance();
    ~PostgresCluster();
    PostgresCluster(const PostgresCluster&) = delete;
    PostgresCluster& operator=(const PostgresCluster&) = delete;

    /// A new database that belongs to the role tenantry_owner: empty, or with the schema. Returns
    /// its name.
    std::string create_database(bool migrated = true);
    void drop_database(const std::string& name) const;

    /// As one of its roles: `postgres` (superuser), `tenantry_owner`, `tenantry_app`, or another.
    pg::Url url(const std::string& database, const std::string& role) const;
    /// The same by way of PgBouncer in transaction mode, which starts when it is first asked for.
    pg::Url pooled_url(const std::string& database, const std::string& role) const;
    /// Runs statements as the superuser.
    void script(const std::string& database, const std::string& statements) const;
    /// The process of the postmaster.
    int pid() const noexcept;
    /// What the server has logged so far.
    std::string log() const;

private:
    PostgresCluster();
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tenantry::engine::testing
