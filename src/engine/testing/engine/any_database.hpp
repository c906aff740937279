#pragma once
/// A database of either engine for one test, for suites that run on both.

#include "engine/engine.hpp"
#include "engine/postgres/postgres_engine.hpp"
#include "engine/postgres/stores.hpp"
#include "engine/postgres_cluster.hpp"
#include "engine/sqlite/stores.hpp"
#include "engine/sqlite/tenant_keys.hpp"
#include "engine/test_database.hpp"
#include "pg/client.hpp"

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

namespace tenantry::engine::testing {

enum class EngineKind { sqlite, postgres, pooled };  // pooled: PostgreSQL behind a pooler

inline constexpr EngineKind all_engines[] = {EngineKind::sqlite, EngineKind::postgres,
                                             EngineKind::pooled};

inline std::string name_of(EngineKind kind) {
    switch (kind) {
    case EngineKind::sqlite: return "Sqlite";
    case EngineKind::postgres: return "Postgres";
    case EngineKind::pooled: return "Pooled";
    }
    std::abort();
}

/// Runs coroutines one after the other on one context: connections are kept from one to the next.
class AnyDatabase {
public:
    explicit AnyDatabase(EngineKind kind) : kind_{kind} {
        if (kind == EngineKind::sqlite) {
            path_ = directory_.emplace().path() / "test.db";
            sqlite::migrate(path_).value();
        } else {
            name_ = PostgresCluster::instance().create_database();
        }
        reopen();
    }
    ~AnyDatabase() {
        engine_.reset();
        control_.reset();
        if (!name_.empty()) PostgresCluster::instance().drop_database(name_);
    }
    AnyDatabase(const AnyDatabase&) = delete;
    AnyDatabase& operator=(const AnyDatabase&) = delete;

    Engine& engine() { return *engine_; }
    ControlStore& control() { return *control_; }
    std::unique_ptr<TenureStore> tenure() const {
        return name_.empty() ? sqlite::open_tenure_store(path_).value()
                             : postgres::open_tenure_store(url()).value();
    }
    std::unique_ptr<auth::TenantKeys> tenant_keys() const {
        return name_.empty() ? sqlite::open_tenant_keys(path_).value()
                             : postgres::open_tenant_keys(url()).value();
    }
    /// Of an SQLite database.
    const std::filesystem::path& path() const { return path_; }
    /// Of a PostgreSQL database.
    const std::string& name() const { return name_; }

    /// Closes all connections and opens the database anew.
    void reopen() {
        engine_.reset();
        control_.reset();
        if (name_.empty()) {
            engine_ = sqlite::SqliteEngine::open(schema::lead_catalog(), {.path = path_}).value();
            control_ = sqlite::open_control_store(path_).value();
        } else {
            engine_ =
                postgres::PostgresEngine::open(schema::lead_catalog(), {.url = url()}).value();
            control_ = postgres::open_control_store(url()).value();
        }
    }

    /// A tenant of that id, made if there is none, and a scope that may write in it.
    TenantScope scope(std::string_view tenant) {
        const auto id = TenantId::parse(tenant).value();
        if (!control_->tenant(id)) control_->create_tenant(id, tenant).value();
        return issuer().for_job(id, "test").value();
    }
    auth::ScopeIssuer issuer() { return {verifier_, *engine_}; }

    Result<query::Reply> run(query::Request request, const TenantScope& scope) {
        auto planned = query::plan(std::move(request), {system_clock().now(), new_uuid});
        if (!planned) return planned.error();
        auto scoped = query::scope_plan(std::move(*planned), scope);
        if (!scoped) return scoped.error();
        return wait_for(engine_->run(std::move(*scoped), no_deadline));
    }

private:
    pg::Url url() const {
        const auto& cluster = PostgresCluster::instance();
        return kind_ == EngineKind::pooled ? cluster.pooled_url(name_, "tenantry_app")
                                           : cluster.url(name_, "tenantry_app");
    }

    EngineKind kind_;
    std::optional<TempDirectory> directory_;
    std::filesystem::path path_;
    std::string name_;
    auth::TokenVerifier verifier_{
        auth::Secret::parse("a secret for tests, 32 bytes or more").value()};
    std::unique_ptr<Engine> engine_;
    std::unique_ptr<ControlStore> control_;
};

}  // namespace tenantry::engine::testing
