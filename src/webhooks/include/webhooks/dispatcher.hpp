#pragma once
/// Sends the tenants' changes to their webhooks, on a thread of its own.

#include "auth/scope_issuer.hpp"
#include "base/limits.hpp"
#include "consumers/durable_consumer.hpp"
#include "engine/executor.hpp"
#include "feed/feed.hpp"
#include "services/sealer.hpp"
#include "services/webhook_sender.hpp"
#include "services/webhooks.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::webhooks {

struct Options {
    services::PrivateAddresses private_addresses = services::PrivateAddresses::refused;
    consumers::DeliveryOptions delivery{};
    std::chrono::milliseconds timeout{10'000};  // of one message; below a request's deadline
    std::size_t per_tenant = limits::webhooks_max;
    std::size_t at_a_time = 64;  // messages under way
    /// Between looks for webhooks that other servers have made.
    std::chrono::milliseconds scan_interval{std::chrono::minutes{5}};
};

/// Since the start, but for the last two.
struct Statistics {
    std::uint64_t delivered = 0;
    std::uint64_t failed = 0;  // attempts
    std::uint64_t buried = 0;
    std::size_t webhooks = 0;
    std::chrono::microseconds lag{};  // how old the oldest change is that waits
};

/// Everything here outlives the dispatcher.
struct Tools {
    engine::Executor& executor;
    const auth::ScopeIssuer& issuer;
    feed::Feed& feed;
    services::Sealer& sealer;
    const Clock& clock;
    /// The active tenants. On a thread of the dispatcher's that may wait.
    std::function<Result<std::vector<TenantId>>()> tenants;
    /// Told of what goes wrong and is tried again. Any thread.
    std::function<void(std::string_view tenant, std::string_view why)> trouble;
};

/// Threads: any.
class Dispatcher final : public services::WebhookSender {
public:
    Dispatcher(Tools tools, const Options& options);
    ~Dispatcher() override;
    Dispatcher(const Dispatcher&) = delete;
    Dispatcher& operator=(const Dispatcher&) = delete;

    services::Webhooks& webhooks() noexcept;
    Statistics statistics() const;
    /// Ends deliveries; those under way count as not made. Again, it does nothing. Before the feed
    /// and the engine stop.
    void stop();

    services::PrivateAddresses policy() const noexcept override;
    std::size_t per_tenant() const noexcept override;
    boost::asio::awaitable<Result<void>> send(const services::Webhook& webhook,
                                              std::string message_id, std::string body) override;
    void changed(const TenantId& tenant) noexcept override;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tenantry::webhooks
