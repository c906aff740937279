#pragma once
/// Webhooks of a tenant: where its changes are sent to as they are committed. What sends them is in
/// the module webhooks.

#include "engine/executor.hpp"
#include "feed/feed.hpp"
#include "services/fields.hpp"
#include "services/sealer.hpp"
#include "services/unified_database_manager.hpp"
#include "services/webhook_sender.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>

namespace tenantry::services {

struct NewWebhookKind {
    static constexpr std::string_view relation = "webhooks";
    static constexpr Write write = Write::create;
};
struct WebhookChangesKind {
    static constexpr std::string_view relation = "webhooks";
    static constexpr Write write = Write::change;
};
using NewWebhook = Fields<NewWebhookKind>;
using WebhookChanges = Fields<WebhookChangesKind>;

/// A secret as its owner sees it, once: `whsec_` and the base64 of its bytes (Standard Webhooks).
std::string secret_text(std::string_view bytes);

struct CreatedWebhook {
    query::RowSet row;
    std::string secret;  // its text
};

/// Threads: any, at the same time; what it is made of must outlive it. Who may do what is the
/// route's to say.
class Webhooks {
public:
    template <class T>
    using Answer = boost::asio::awaitable<Result<T>>;
    using Deadline = engine::Deadline;
    using Expected = std::optional<RowVersion>;

    Webhooks(engine::Executor& executor, const Clock& clock, Sealer& sealer, feed::Feed& feed,
             WebhookSender& sender)
        : executor_{executor}, clock_{clock}, sealer_{sealer}, feed_{feed}, sender_{sender} {}

    /// From the end of the feed on. Errors also: bad_value for the url, relations, ops; conflict if
    /// there are too many already.
    Answer<CreatedWebhook> create(NewWebhook webhook, TenantScope scope, Deadline deadline);
    Answer<query::RowSet> get(WebhookId id, TenantScope scope, Deadline deadline);
    Answer<Page> list(TenantScope scope, PageRequest page, Deadline deadline);
    /// What waits for another attempt is tried at once.
    Answer<query::RowSet> update(WebhookId id, WebhookChanges changes, TenantScope scope,
                                 Deadline deadline, Expected version = {});
    /// With its dead letters.
    Answer<void> remove(WebhookId id, TenantScope scope, Deadline deadline, Expected version = {});
    /// A new secret; the old one signs beside it for a day.
    Answer<std::string> rotate_secret(WebhookId id, TenantScope scope, Deadline deadline);

    /// How its deliveries fare.
    Answer<boost::json::object> status(WebhookId id, TenantScope scope, Deadline deadline);
    /// Sends everything from `place` on again. Errors also: bad_cursor if it is not in the feed.
    Answer<void> replay(WebhookId id, feed::Position place, TenantScope scope, Deadline deadline);
    /// Sends a message without changes, once. Errors also: webhook_failed.
    Answer<void> test(WebhookId id, TenantScope scope, Deadline deadline);
    Answer<Page> dead_letters(WebhookId id, TenantScope scope, PageRequest page, Deadline deadline);
    /// Sends it once more; delivered, it is gone. Errors also: webhook_failed.
    Answer<void> redeliver(WebhookId id, DeadLetterId letter, TenantScope scope, Deadline deadline);
    Answer<void> discard(WebhookId id, DeadLetterId letter, TenantScope scope, Deadline deadline);

    /// nullopt: there is none. Errors also: storage_unusable if its secret can't be read.
    Answer<std::optional<Webhook>> find(WebhookId id, TenantScope scope, Deadline deadline);
    /// Of all the tenant's webhooks.
    Answer<std::vector<WebhookId>> ids(TenantScope scope, Deadline deadline);
    /// The receiver wants nothing more.
    Answer<void> pause(WebhookId id, TenantScope scope, Deadline deadline);

private:
    Answer<query::RowSet> write_row(WebhookId id, std::vector<query::Assignment> fields,
                                    query::Update progress, TenantScope scope, Deadline deadline,
                                    Expected version);
    Answer<Webhook> required(WebhookId id, TenantScope scope, Deadline deadline);
    Result<schema::Sealed> sealed(std::string_view column, WebhookId id, std::string_view secret,
                                  const TenantScope& scope);
    Result<std::string> unsealed(const query::RowSet& rows, std::string_view column, WebhookId id,
                                 const TenantScope& scope);

    engine::Executor& executor_;
    const Clock& clock_;
    Sealer& sealer_;
    feed::Feed& feed_;
    WebhookSender& sender_;
};

}  // namespace tenantry::services
