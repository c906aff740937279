#pragma once
/// A webhook as a consumer of its tenant's feed.

#include "consumers/durable_consumer.hpp"
#include "http_client.hpp"
#include "services/webhook_sender.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace tenantry::webhooks {

/// What came of sending a message once.
boost::asio::awaitable<consumers::Outcome> send_once(HttpClient& client, const Clock& clock,
                                                     const services::Webhook& webhook,
                                                     std::string message_id, std::string body);

/// Everything passed outlives it.
class WebhookSink final : public consumers::Sink {
public:
    WebhookSink(HttpClient& client, const Clock& clock, const TenantId& tenant,
                const services::Webhook& webhook)
        : client_{client}, clock_{clock}, tenant_{tenant}, webhook_{webhook} {}

    bool wants(const feed::Change& change) const override;
    std::string encode(const consumers::Message& message) const override;
    boost::asio::awaitable<consumers::Outcome> deliver(std::string message_id,
                                                       std::string body) override;

private:
    HttpClient& client_;
    const Clock& clock_;
    const TenantId& tenant_;
    const services::Webhook& webhook_;
};

}  // namespace tenantry::webhooks
