#pragma once
/// A database that is reached by TCP and TLS, with a proxy before it.

#include "engine/faulty_proxy.hpp"
#include "engine/postgres/postgres_engine.hpp"
#include "engine/postgres/stores.hpp"
#include "engine/test_database.hpp"
#include "engine/tls_cluster.hpp"
#include "requests.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace tenantry::engine::postgres {

using Way = testing::TlsCluster::Way;
using testing::no_deadline;

/// Far more than anything here takes, so that what hangs is told from what is slow.
inline constexpr std::chrono::seconds ceiling{60};

class TlsTest : public ::testing::Test {
protected:
    explicit TlsTest(bool migrated = true)
        : cluster_{testing::TlsCluster::instance()}, name_{cluster_.create_database(migrated)} {}
    ~TlsTest() override {
        proxy_.reset();
        cluster_.drop_database(name_);
    }

    /// Before the server; made when it is first asked for.
    testing::FaultyProxy& proxy() {
        if (!proxy_) proxy_ = std::make_unique<testing::FaultyProxy>(cluster_.port());
        return *proxy_;
    }
    pg::Url url(const Way& way = {}) const { return cluster_.url(name_, way); }
    pg::Url proxied(std::string role = testing::TlsCluster::app) {
        return url({.role = std::move(role), .port = proxy().port()});
    }
    std::string ask(const std::string& sql) const { return cluster_.ask(name_, sql); }
    void script(const std::string& sql) const { cluster_.script(name_, sql); }
    /// The session of the application's that waits for a lock, once there is one.
    int waiting_session() const {
        std::string pid;
        while (pid.empty()) {
            pid =
                ask("SELECT coalesce((SELECT pid::text FROM pg_stat_activity WHERE usename = "
                    "'tenantry_app' AND datname = current_database() AND wait_event_type = 'Lock' "
                    "LIMIT 1), '')");
        }
        return std::stoi(pid);
    }
    /// Ends every session of the application's, and waits until they are gone.
    void end_sessions() const {
        script(
            "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND usename = 'tenantry_app'");
    }

    /// Servers tell each other of commits beside the proxy: what it does happens to requests.
    std::unique_ptr<PostgresEngine> open(
        const pg::Url& url, std::chrono::milliseconds patience = pg::default_patience) const {
        auto engine = PostgresEngine::open(
            schema::lead_catalog(), {.url = url, .direct = this->url(), .patience = patience});
        if (!engine) throw std::runtime_error{engine.error().message};
        return std::move(*engine);
    }
    /// Why it can't be opened. Not to be had is told from not yet: that would take an hour.
    static std::string refusal(const pg::Url& url) {
        const auto engine = PostgresEngine::open(schema::lead_catalog(),
                                                 {.url = url, .patience = std::chrono::hours{1}});
        if (engine) return "opened";
        EXPECT_EQ(engine.error().code, Errc::storage_unusable);
        EXPECT_EQ(engine.error().message.find("hunter2"), std::string::npos)
            << engine.error().message;
        return engine.error().message;
    }
    /// A tenant of that id, made if there is none.
    TenantScope scope(PostgresEngine& engine, const std::string& tenant = "acme") {
        const auto id = TenantId::parse(tenant).value();
        const auto control = open_control_store(url()).value();
        if (!control->tenant(id)) control->create_tenant(id, tenant).value();
        return auth::ScopeIssuer{verifier_, engine}.for_job(id, "test").value();
    }
    static Result<query::Reply> run(PostgresEngine& engine, query::Request request,
                                    const TenantScope& scope, Deadline deadline = no_deadline) {
        return testing::wait_for(engine.run(plan_of(std::move(request), scope), deadline));
    }
    /// The names of the tenant's leads as the server itself has them.
    std::string stored(const std::string& tenant = "acme") const {
        return ask(
            "SELECT coalesce(string_agg(first_name, ' ' ORDER BY first_name), '') FROM "
            "leads WHERE tenant_id = '" +
            tenant + "'");
    }

    testing::TlsCluster& cluster_;
    std::string name_;

private:
    std::unique_ptr<testing::FaultyProxy> proxy_;
    auth::TokenVerifier verifier_{
        auth::Secret::parse("a secret for tests, 32 bytes or more").value()};
};

}  // namespace tenantry::engine::postgres
