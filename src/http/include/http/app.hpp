#pragma once
/// What requests are answered with: the services behind the routes. Built once; everything it
/// refers to outlives it. Threads: any, at the same time.

#include "auth/scope_issuer.hpp"
#include "base/timestamp.hpp"
#include "feed/feed.hpp"
#include "http/metrics_page.hpp"
#include "http/observer.hpp"
#include "http/quota_gate.hpp"
#include "http/realtime.hpp"
#include "http/transfers.hpp"
#include "schema/lead_schema.hpp"
#include "services/accounts.hpp"
#include "services/administration.hpp"
#include "services/removals.hpp"
#include "services/unified_database_manager.hpp"
#include "services/webhooks.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tenantry::feed {
class Feed;
}

namespace tenantry::http {

/// Whether the database answers, for `/readyz`.
class Readiness {
public:
    virtual ~Readiness() = default;
    /// Doesn't hold up the thread, nor longer than until `deadline`.
    virtual boost::asio::awaitable<bool> database_readable(engine::Deadline deadline) = 0;
};

/// The relations that requests may name, which may become others while the server runs. A request
/// keeps those that it has begun with. Threads: any.
class ServedCatalog {
public:
    std::shared_ptr<const schema::Catalog> get() const {
        const std::lock_guard lock{mutex_};
        return catalog_;
    }
    void set(std::shared_ptr<const schema::Catalog> catalog) {
        const std::lock_guard lock{mutex_};
        catalog_ = std::move(catalog);
    }

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const schema::Catalog> catalog_ =
        std::make_shared<const schema::Catalog>(schema::lead_catalog());
};

struct App {
    services::UnifiedDatabaseManager& manager;
    const auth::ScopeIssuer& issuer;
    const Clock& clock;
    Readiness& readiness;
    Observer& observer;
    /// Origins whose pages may read answers (`https://app.example.com`); `*` for all. None unless
    /// configured.
    std::vector<std::string> cors_origins{};
    /// For routes that take or give files; set wherever those are served.
    Transfers* transfers = nullptr;
    /// What is behind `/admin/v1`; none: nothing is. The second is set with the first.
    services::Administration* administration = nullptr;
    services::Removals* removals = nullptr;

    /// nullptr: no tenant has any.
    QuotaGate* quotas = nullptr;
    /// How long refusals for the rate or for requests at the same time take.
    std::chrono::milliseconds refusal_pause{50};
    /// What is behind `/auth/v1`; nullptr: nothing is.
    services::Accounts* accounts = nullptr;
    /// The server's public keys, as a JWK set; none: there are no such keys.
    std::function<std::string()> jwks{};
    /// nullptr: changes can't be followed.
    feed::Feed* feed = nullptr;
    /// nullptr: there are none.
    services::Webhooks* webhooks = nullptr;
    /// nullptr: there is no such page, whatever the access says.
    MetricsPage* metrics = nullptr;
    MetricsAccess metrics_access = MetricsAccess::operators;
    /// The relations of `/rest/v1`.
    ServedCatalog catalog{};
    /// What is behind `/realtime/v1`, where `feed` is set too; nullptr: nothing is.
    Realtime* realtime = nullptr;
    /// Called on each thread that will answer requests, with what it runs; what it returns is kept
    /// until the thread has answered the last one.
    std::function<std::shared_ptr<void>(boost::asio::io_context&)> on_thread{};

    std::atomic<bool> stopping = false;
    /// Connections open now, of all listeners.
    std::atomic<std::size_t> connections = 0;
};

}  // namespace tenantry::http
