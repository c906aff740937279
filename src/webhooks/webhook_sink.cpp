#include "webhook_sink.hpp"

#include "message.hpp"
#include "signature.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tenantry::webhooks {
namespace {

using boost::asio::awaitable;
using consumers::Outcome;

bool names(const std::vector<std::string>& list, std::string_view name) {
    return list.empty() || std::ranges::find(list, name) != list.end();
}

std::vector<std::string> valid_secrets(const services::Webhook& webhook, Timestamp now) {
    std::vector<std::string> out;
    for (const auto& secret : webhook.secrets) {
        if (!secret.until || *secret.until > now) out.push_back(secret.bytes);
    }
    return out;
}

Outcome outcome_of(const Result<PostAnswer>& answer) {
    using enum Outcome::Kind;
    if (!answer) return {failed, answer.error().message};
    if (answer->status / 100 == 2) return {delivered};
    auto error = fmt::format("the receiver answered {}", answer->status);
    // 410 Gone: Standard Webhooks has senders stop then.
    if (answer->status == 410) return {refused, std::move(error)};
    if (answer->status / 100 == 3) error += ", and redirects are not followed";
    return {failed, std::move(error), answer->retry_after};
}

}  // namespace

awaitable<Outcome> send_once(HttpClient& client, const Clock& clock,
                             const services::Webhook& webhook, std::string message_id,
                             std::string body) {
    auto url = services::parse_webhook_url(webhook.url, client.policy());
    if (!url) co_return Outcome{Outcome::Kind::failed, url.error().message};
    const auto now = clock.now();
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    HttpClient::Headers headers{
        {"webhook-id", message_id},
        {"webhook-timestamp", std::to_string(seconds)},
        {"webhook-signature", signatures(valid_secrets(webhook, now), message_id, seconds, body)}};
    try {
        const auto answer =
            co_await client.post(std::move(*url), std::move(headers), std::move(body));
        co_return outcome_of(answer);
    } catch (const std::exception&) {
        co_return Outcome{Outcome::Kind::failed, "the server ran out of something"};
    }
}

bool WebhookSink::wants(const feed::Change& change) const {
    return names(webhook_.relations, change.relation->name()) &&
           names(webhook_.ops, name_of(change.op));
}

std::string WebhookSink::encode(const consumers::Message& message) const {
    return webhooks::encode(tenant_, message, clock_.now());
}

awaitable<Outcome> WebhookSink::deliver(std::string message_id, std::string body) {
    co_return co_await send_once(client_, clock_, webhook_, std::move(message_id), std::move(body));
}

}  // namespace tenantry::webhooks
