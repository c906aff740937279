#pragma once
/// What sends webhooks, as those see it who manage them.

#include "base/error.hpp"
#include "base/id.hpp"
#include "base/timestamp.hpp"
#include "services/webhook_url.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace tenantry::services {

struct WebhookSecret {
    std::string bytes{};
    std::optional<Timestamp> until{};  // it signs until then
};

/// A webhook as it is used.
struct Webhook {
    WebhookId id;
    Uuid version;  // of its consumer, read before the rest
    std::string url{};
    std::vector<WebhookSecret> secrets{};  // the current one first
    std::vector<std::string> relations{};  // none: all
    std::vector<std::string> ops{};        // likewise
    bool active = true;
};

/// Threads: any.
class WebhookSender {
public:
    virtual ~WebhookSender() = default;

    virtual PrivateAddresses policy() const noexcept = 0;
    /// How many a tenant may have.
    virtual std::size_t per_tenant() const noexcept = 0;
    /// Sends one message, once, whatever else is waiting. Resumes on the caller's executor.
    /// Errors: webhook_failed, with what the receiver answered; shutting_down.
    virtual boost::asio::awaitable<Result<void>> send(const Webhook& webhook,
                                                      std::string message_id, std::string body) = 0;
    /// A webhook of the tenant was made, changed, removed.
    virtual void changed(const TenantId& tenant) noexcept = 0;
};

}  // namespace tenantry::services
