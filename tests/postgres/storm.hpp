#pragma once
/// Requests of many tenants side by side, of which a third is refused, some are late, and under
/// which sessions are ended, statements cancelled and connections cut. What each is told is held
/// against what the database has in the end.

#include "engine/faulty_proxy.hpp"
#include "engine/postgres/postgres_engine.hpp"
#include "engine/tls_cluster.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace tenantry::engine::postgres {

struct StormPlan {
    std::size_t requests = 1000;
    std::size_t at_once = 48;
    /// Something is broken each time so many more have ended.
    std::size_t break_every = 250;
};

struct StormReport {
    /// Replies of another tenant, lost or doubled rows, and whatever else must not be; sentences.
    std::vector<std::string> violations{};
    /// How the requests ended, by kind.
    std::map<std::string, std::size_t> outcomes{};
    std::size_t breaks = 0;
};

/// `engine` works on `database` through `proxy`; each scope is of another tenant, who has a lead
/// with the address taken@example.com.
StormReport run_storm(PostgresEngine& engine, testing::FaultyProxy& proxy,
                      const testing::TlsCluster& cluster, const std::string& database,
                      const std::vector<TenantScope>& scopes, const StormPlan& plan);

}  // namespace tenantry::engine::postgres
