#include "engine/postgres_cluster.hpp"

#include "engine/postgres/migrate.hpp"
#include "pg/client.hpp"
#include "pooler.hpp"
#include "postgres_server.hpp"

#include <fmt/format.h>

#include <mutex>
#include <stdexcept>

namespace tenantry::engine::testing {
namespace {

constexpr auto owner = "tenantry_owner";
constexpr auto template_database = "tenantry_template";

}  // namespace

class PostgresCluster::Impl {
public:
    const PostgresServer& server() const noexcept { return server_; }

    const Pooler& pooler() {
        std::call_once(pooled_, [this] { pooler_ = std::make_unique<Pooler>(server_); });
        return *pooler_;
    }

    std::string next_name() { return fmt::format("test_{}", ++databases_); }

private:
    PostgresServer server_{PostgresServer::Listens::socket};
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
    // By way of the log it takes three times as long.
    script("postgres", fmt::format("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY FILE_COPY",
                                   name, owner, migrated ? template_database : "template0"));
    return name;
}

void PostgresCluster::drop_database(const std::string& name) const {
    script("postgres", fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE)", name));
}

pg::Url PostgresCluster::url(const std::string& database, const std::string& role) const {
    return pg::Url::parse(fmt::format("postgres://{}@/{}?host={}", role, database,
                                      impl_->server().folder().string()))
        .value();
}

pg::Url PostgresCluster::pooled_url(const std::string& database, const std::string& role) const {
    return pg::Url::parse(fmt::format("postgres://{}@/{}?host={}&port={}", role, database,
                                      impl_->server().folder().string(), impl_->pooler().port()))
        .value();
}

void PostgresCluster::script(const std::string& database, const std::string& statements) const {
    pg::Client client{{.url = url(database, "postgres")}};
    client.script(statements);
}

int PostgresCluster::pid() const noexcept { return impl_->server().pid(); }
std::string PostgresCluster::log() const { return impl_->server().log(); }

}  // namespace tenantry::engine::testing
