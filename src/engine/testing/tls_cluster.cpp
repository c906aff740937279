#include "engine/tls_cluster.hpp"

#include "engine/postgres/migrate.hpp"
#include "pooler.hpp"
#include "postgres_server.hpp"

#include <fmt/format.h>

#include <mutex>
#include <stdexcept>

namespace tenantry::engine::testing {
namespace {

constexpr auto template_database = "tenantry_template";

}  // namespace

std::string password_of(const std::string& role) { return "hunter2-" + role; }

class TlsCluster::Impl {
public:
    const Pooler& pooler() {
        std::call_once(pooled_, [this] {
            pooler_ = std::make_unique<Pooler>(
                server, Logins{{app, password_of(app)}, {owner, password_of(owner)}});
        });
        return *pooler_;
    }

    PostgresServer server{PostgresServer::Listens::tls, "*.neon.test"};
    int databases = 0;

private:
    std::once_flag pooled_;
    std::unique_ptr<Pooler> pooler_;
};

TlsCluster& TlsCluster::instance() {
    static TlsCluster cluster;
    return cluster;
}

TlsCluster::TlsCluster() : impl_{std::make_unique<Impl>()} {
    script("postgres",
           fmt::format("CREATE ROLE {} LOGIN CREATEROLE PASSWORD '{}'", owner, password_of(owner)));
    script("postgres", fmt::format("CREATE DATABASE {} OWNER {}", template_database, owner));
    const auto migrated =
        postgres::migrate(url(template_database, {.role = owner}), {.password = password_of(app)});
    if (!migrated) throw std::runtime_error{migrated.error().message};
}

TlsCluster::~TlsCluster() = default;

std::string TlsCluster::create_database(bool migrated) {
    auto name = fmt::format("test_{}", ++impl_->databases);
    script("postgres", fmt::format("CREATE DATABASE {} OWNER {} TEMPLATE {}", name, owner,
                                   migrated ? template_database : "template0"));
    return name;
}

void TlsCluster::drop_database(const std::string& name) const {
    script("postgres", fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE)", name));
}

int TlsCluster::port() const noexcept { return impl_->server.port(); }
int TlsCluster::pooler_port() const { return impl_->pooler().port(); }

pg::Url TlsCluster::url(const std::string& database, const Way& way) const {
    const auto options = way.options.empty() ? verified_by(authority()) : way.options;
    return pg::Url::parse(fmt::format("postgres://{}:{}@{}:{}/{}?hostaddr=127.0.0.1&{}", way.role,
                                      password_of(way.role), way.host,
                                      way.port == 0 ? port() : way.port, database, options))
        .value();
}

std::string TlsCluster::verified_by(const std::filesystem::path& authority) const {
    return fmt::format("sslmode=verify-full&sslrootcert={}", authority.string());
}

const std::filesystem::path& TlsCluster::authority() const noexcept {
    return impl_->server.certificates().authority();
}

const std::filesystem::path& TlsCluster::other_authority() const noexcept {
    return impl_->server.certificates().other_authority();
}

pg::Client TlsCluster::superuser(const std::string& database) const {
    const auto url = pg::Url::parse(fmt::format("postgres://postgres@/{}?host={}&port={}", database,
                                                impl_->server.folder().string(), port()));
    return pg::Client{{.url = url.value()}};
}

void TlsCluster::script(const std::string& database, const std::string& statements) const {
    superuser(database).script(statements);
}

std::string TlsCluster::ask(const std::string& database, const std::string& sql) const {
    auto client = superuser(database);
    const auto answer = client.run("SELECT (" + sql + ")::text");
    return answer.rows.size() == 0 ? "" : pg::text_at(answer.rows, 0, 0);
}

void TlsCluster::stop() { impl_->server.stop(); }
void TlsCluster::start() { impl_->server.start(); }

}  // namespace tenantry::engine::testing
