#pragma once
/// A PostgreSQL that is reached by TCP with TLS and passwords, directly and through a pooler, as at
/// Neon. One for this process, made when it is first asked for.

#include "pg/client.hpp"
#include "pg/url.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace tenantry::engine::testing {

class TlsCluster {
public:
    // Names of its certificate, which lead nowhere: `hostaddr` says where.
    static constexpr auto direct_host = "ep-quiet-sea.neon.test";
    static constexpr auto pooled_host = "ep-quiet-sea-pooler.neon.test";
    static constexpr auto app = "tenantry_app";
    static constexpr auto owner = "tenantry_owner";

    /// Throws: std::runtime_error.
    static TlsCluster& instance();
    ~TlsCluster();
    TlsCluster(const TlsCluster&) = delete;
    TlsCluster& operator=(const TlsCluster&) = delete;

    /// A new database of the owner's, with the schema if `migrated`. Returns its name.
    std::string create_database(bool migrated = true);
    void drop_database(const std::string& name) const;

    int port() const noexcept;
    /// Of the pooler, which starts when it is first asked for.
    int pooler_port() const;

    struct Way {
        std::string role = app;
        std::string host = direct_host;
        int port = 0;              // 0: the server's
        std::string options = {};  // behind `?`; the default verifies all
    };
    pg::Url url(const std::string& database, const Way& way) const;
    /// `sslmode=verify-full` with the authority in that file.
    std::string verified_by(const std::filesystem::path& authority) const;
    const std::filesystem::path& authority() const noexcept;
    const std::filesystem::path& other_authority() const noexcept;

    /// As the superuser, past TLS and all that stands before the server.
    pg::Client superuser(const std::string& database) const;
    void script(const std::string& database, const std::string& statements) const;
    /// The first cell of the first row, as text.
    std::string ask(const std::string& database, const std::string& sql) const;

    void stop();
    void start();

private:
    TlsCluster();
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// The password of a role of the cluster, which no message may repeat.
std::string password_of(const std::string& role);

}  // namespace tenantry::engine::testing
