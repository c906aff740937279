#include "services/webhooks.hpp"

#include "base/limits.hpp"
#include "base/random.hpp"
#include "consumers/dead_letters.hpp"
#include "consumers/progress.hpp"
#include "engine/run_scoped.hpp"
#include "row_operations.hpp"
#include "webhook_secret.hpp"

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace tenantry::services {
namespace {

using schema::Text;

constexpr std::chrono::hours old_secret_holds{24};

const schema::Relation& webhooks() {
    static const schema::Relation& relation = built_in("webhooks");
    return relation;
}

const schema::Relation& letters() {
    static const schema::Relation& relation = built_in("dead_letters");
    return relation;
}

const schema::Column& column(std::string_view name) { return webhooks().column(name); }

Result<void> check(const std::vector<query::Assignment>& fields, PrivateAddresses policy) {
    for (const auto& given : fields) {
        if (given.column != &column("url")) continue;
        TENANTRY_TRY_VOID(parse_webhook_url(std::get<Text>(given.value), policy));
    }
    return {};
}

Error changed_since() {
    return fail(Errc::precondition_failed,
                "the webhook was changed since; read it again and repeat the change", "if-match");
}

std::optional<Timestamp> moment(const query::RowSet& rows, std::string_view name) {
    const auto value = rows.value(0, name);
    const auto* at = std::get_if<Timestamp>(&value);
    return at != nullptr ? std::optional{*at} : std::nullopt;
}

boost::json::value json_of(const std::optional<Timestamp>& at) {
    if (!at) return nullptr;
    std::string text;
    append_timestamp(text, *at);
    return boost::json::value(text);
}

std::string_view state_of(const consumers::Progress& progress, bool active) {
    if (!active) return "paused";
    return progress.failures > 0 ? "failing" : "delivering";
}

}  // namespace

Result<schema::Sealed> Webhooks::sealed(std::string_view name, WebhookId id,
                                        std::string_view secret, const TenantScope& scope) {
    return sealer_.seal(scope, {webhooks(), column(name), id.uuid()}, secret);
}

Result<std::string> Webhooks::unsealed(const query::RowSet& rows, std::string_view name,
                                       WebhookId id, const TenantScope& scope) {
    const auto value = rows.value(0, name);
    const auto* secret = std::get_if<schema::Sealed>(&value);
    if (secret == nullptr) return std::string{};
    TENANTRY_TRY(text, sealer_.unseal(scope, {webhooks(), column(name), id.uuid()}, *secret));
    return secret_bytes(text);
}

auto Webhooks::create(NewWebhook webhook, TenantScope scope, Deadline deadline)
    -> Answer<CreatedWebhook> {
    const auto checked = check(webhook.assignments(), sender_.policy());
    if (!checked) co_return checked.error();
    const auto count = co_await engine::count_rows(executor_, webhooks(), scope, deadline);
    if (!count) co_return count.error();
    if (*count >= static_cast<std::int64_t>(sender_.per_tenant())) {
        co_return fail(Errc::conflict,
                       fmt::format("there are {} webhooks already: remove one first", *count));
    }
    auto head = co_await feed_.head(scope, deadline);
    if (!head) co_return head.error();
    const auto id = WebhookId::from_uuid(clock_.new_id());
    auto text = secret_text(random_bytes(secret_bytes_count));
    auto secret = sealed("secret", id, text, scope);
    if (!secret) co_return secret.error();

    query::Insert insert{.relation = &webhooks(),
                         .columns = {&webhooks().id(), &column("secret")},
                         .rows = {{id.uuid(), std::move(*secret)}},
                         .returning = query::all_columns(webhooks())};
    for (const auto& [given, value] : webhook.assignments()) {
        insert.columns.push_back(given);
        insert.rows.front().push_back(value);
    }
    std::vector<query::ScopedPlan> plans;
    auto progress = query::scoped(consumers::first_progress(id.uuid(), clock_.new_id(), *head),
                                  RowOperations{executor_, clock_}.stamp(), scope);
    if (!progress) co_return progress.error();
    plans.push_back(std::move(*progress));
    auto plan = query::scoped(std::move(insert), RowOperations{executor_, clock_}.stamp(), scope);
    if (!plan) co_return plan.error();
    plans.push_back(std::move(*plan));
    auto replies = co_await executor_.run_all(std::move(plans), deadline);
    if (!replies) co_return replies.error();
    sender_.changed(scope.tenant());
    CreatedWebhook created{std::move(replies->back().rows), std::move(text)};
    co_return created;
}

auto Webhooks::get(WebhookId id, TenantScope scope, Deadline deadline) -> Answer<query::RowSet> {
    co_return co_await RowOperations{executor_, clock_}.get(
        webhooks(), query::equals(webhooks().id(), id.uuid()), std::move(scope), deadline);
}

auto Webhooks::list(TenantScope scope, PageRequest page, Deadline deadline) -> Answer<Page> {
    query::Read read{&webhooks(), query::all_columns(webhooks())};
    read.order = {{&column("created_at"), true, true}};
    co_return co_await RowOperations{executor_, clock_}.page(std::move(read), std::move(page),
                                                             std::move(scope), deadline);
}

auto Webhooks::update(WebhookId id, WebhookChanges changes, TenantScope scope, Deadline deadline,
                      Expected version) -> Answer<query::RowSet> {
    const auto checked = check(changes.assignments(), sender_.policy());
    if (!checked) co_return checked.error();
    auto restart = consumers::restart(id.uuid(), clock_.new_id(), std::nullopt);
    co_return co_await write_row(id, changes.assignments(), std::move(restart), std::move(scope),
                                 deadline, version);
}

/// Whoever sends is told in the same transaction, on other servers as well.
auto Webhooks::write_row(WebhookId id, std::vector<query::Assignment> fields,
                         query::Update progress, TenantScope scope, Deadline deadline,
                         Expected version) -> Answer<query::RowSet> {
    std::optional<query::Filter> filter = query::equals(webhooks().id(), id.uuid());
    if (version)
        query::add_term(filter, query::equals(column("updated_at"), version->updated_at()));
    query::Update update{.relation = &webhooks(),
                         .assignments = std::move(fields),
                         .filter = std::move(filter),
                         .returning = query::all_columns(webhooks()),
                         .must_match = true};
    auto row = query::scoped(std::move(update), RowOperations{executor_, clock_}.stamp(), scope);
    if (!row) co_return row.error();
    auto told = query::scoped(std::move(progress), RowOperations{executor_, clock_}.stamp(), scope);
    if (!told) co_return told.error();
    std::vector<query::ScopedPlan> plans;
    plans.push_back(std::move(*row));
    plans.push_back(std::move(*told));
    auto replies = co_await executor_.run_all(std::move(plans), deadline);
    if (replies) {
        sender_.changed(scope.tenant());
        co_return std::move(replies->front().rows);
    }
    if (replies.error().code != Errc::no_match) co_return replies.error();
    const auto found = co_await get(id, std::move(scope), deadline);
    if (!found) co_return found.error();
    co_return changed_since();
}

auto Webhooks::remove(WebhookId id, TenantScope scope, Deadline deadline, Expected version)
    -> Answer<void> {
    const auto row = co_await get(id, scope, deadline);
    if (!row) co_return row.error();
    if (version && version->updated_at() != RowVersion::of(*row, 0).updated_at())
        co_return changed_since();
    const auto tenant = scope.tenant();
    const auto& kept = built_in("feed_consumers");
    std::vector<query::Request> requests;
    requests.emplace_back(query::Delete{&kept, query::equals(kept.id(), id.uuid()), {}});
    requests.emplace_back(
        query::Delete{&webhooks(), query::equals(webhooks().id(), id.uuid()), {}});
    const auto removed = co_await consumers::write(executor_, std::move(requests),
                                                   RowOperations{executor_, clock_}.stamp(),
                                                   std::move(scope), deadline);
    if (!removed) co_return removed.error();
    sender_.changed(tenant);
    co_return Result<void>{};
}

auto Webhooks::rotate_secret(WebhookId id, TenantScope scope, Deadline deadline)
    -> Answer<std::string> {
    const auto webhook = co_await required(id, scope, deadline);
    if (!webhook) co_return webhook.error();
    auto text = secret_text(random_bytes(secret_bytes_count));
    auto secret = sealed("secret", id, text, scope);
    if (!secret) co_return secret.error();
    auto old = sealed("old_secret", id, secret_text(webhook->secrets.front().bytes), scope);
    if (!old) co_return old.error();
    std::vector<query::Assignment> changes{
        {&column("secret"), std::move(*secret)},
        {&column("old_secret"), std::move(*old)},
        {&column("old_secret_until"), clock_.now() + old_secret_holds}};
    auto renewal = consumers::renew(id.uuid(), clock_.new_id());
    const auto row = co_await write_row(id, std::move(changes), std::move(renewal),
                                        std::move(scope), deadline, std::nullopt);
    if (!row) co_return row.error();
    co_return text;
}

auto Webhooks::status(WebhookId id, TenantScope scope, Deadline deadline)
    -> Answer<boost::json::object> {
    const auto row = co_await get(id, scope, deadline);
    if (!row) co_return row.error();
    const auto progress = co_await consumers::find_progress(executor_, id.uuid(), scope, deadline);
    if (!progress) co_return progress.error();
    if (!*progress) co_return no_such_row(webhooks());
    const auto letters = co_await consumers::count_letters(executor_, id.uuid(), scope, deadline);
    if (!letters) co_return letters.error();
    const auto head = co_await feed_.head(scope, deadline);
    if (!head) co_return head.error();
    const auto& kept = **progress;
    const bool active = std::get<Text>(row->value(0, "status")) == "active";
    const auto behind = std::max<std::int64_t>(head->seq - kept.position.seq, 0);
    boost::json::object out{{"state", state_of(kept, active)},
                            {"delivered_to", to_text(kept.position)},
                            {"behind", behind},
                            {"failures", kept.failures},
                            {"next_attempt_at", json_of(kept.due_at)},
                            {"last_delivered_at", json_of(kept.delivered_at)},
                            {"last_error", nullptr},
                            {"dead_letters", *letters}};
    if (kept.last_error) out["last_error"] = *kept.last_error;
    co_return out;
}

auto Webhooks::replay(WebhookId id, feed::Position place, TenantScope scope, Deadline deadline)
    -> Answer<void> {
    const auto head = co_await feed_.head(scope, deadline);
    if (!head) co_return head.error();
    const bool same = place.epoch.empty() || place.epoch == head->epoch;
    if (!same || place.seq > head->seq) {
        co_return fail(Errc::bad_cursor, "since is no place in this tenant's feed", "since");
    }
    // Another feed's numbers after a restore would mean other changes.
    place.epoch = head->epoch;
    const auto tenant = scope.tenant();
    std::vector<query::Request> requests;
    requests.emplace_back(consumers::restart(id.uuid(), clock_.new_id(), place));
    const auto restarted = co_await consumers::write(executor_, std::move(requests),
                                                     RowOperations{executor_, clock_}.stamp(),
                                                     std::move(scope), deadline);
    if (!restarted) co_return restarted.error();
    if (!*restarted) co_return no_such_row(webhooks());
    sender_.changed(tenant);
    co_return Result<void>{};
}

auto Webhooks::test(WebhookId id, TenantScope scope, Deadline deadline) -> Answer<void> {
    const auto webhook = co_await required(id, scope, deadline);
    if (!webhook) co_return webhook.error();
    std::string message_id = "msg_";
    append_uuid(message_id, clock_.new_id());
    std::string at;
    append_timestamp(at, clock_.now());
    auto body = boost::json::serialize(boost::json::object{
        {"type", "test"}, {"timestamp", at}, {"data", {{"tenant_id", scope.tenant().text()}}}});
    co_return co_await sender_.send(*webhook, std::move(message_id), std::move(body));
}

auto Webhooks::dead_letters(WebhookId id, TenantScope scope, PageRequest page, Deadline deadline)
    -> Answer<Page> {
    const auto row = co_await get(id, scope, deadline);
    if (!row) co_return row.error();
    co_return co_await RowOperations{executor_, clock_}.page(
        consumers::letters_of(id.uuid()), std::move(page), std::move(scope), deadline);
}

auto Webhooks::redeliver(WebhookId id, DeadLetterId letter, TenantScope scope, Deadline deadline)
    -> Answer<void> {
    const auto webhook = co_await required(id, scope, deadline);
    if (!webhook) co_return webhook.error();
    auto found =
        co_await consumers::find_letter(executor_, id.uuid(), letter.uuid(), scope, deadline);
    if (!found) co_return found.error();
    if (!*found) co_return no_such_row(letters());
    auto sent = co_await sender_.send(*webhook, (*found)->message_id, std::move((*found)->message));
    std::vector<query::Request> requests;
    if (sent) {
        requests.emplace_back(consumers::forget(letter.uuid()));
    } else {
        requests.emplace_back(
            consumers::failed_again(letter.uuid(), (*found)->attempts + 1, sent.error().message));
    }
    const auto noted = co_await consumers::write(executor_, std::move(requests),
                                                 RowOperations{executor_, clock_}.stamp(),
                                                 std::move(scope), deadline);
    if (!sent) co_return sent.error();
    if (!noted) co_return noted.error();
    co_return Result<void>{};
}

auto Webhooks::discard(WebhookId id, DeadLetterId letter, TenantScope scope, Deadline deadline)
    -> Answer<void> {
    const auto found =
        co_await consumers::find_letter(executor_, id.uuid(), letter.uuid(), scope, deadline);
    if (!found) co_return found.error();
    if (!*found) co_return no_such_row(letters());
    co_return co_await RowOperations{executor_, clock_}.remove(letters(), letter.uuid(),
                                                               std::move(scope), deadline);
}

auto Webhooks::find(WebhookId id, TenantScope scope, Deadline deadline)
    -> Answer<std::optional<Webhook>> {
    const auto progress = co_await consumers::find_progress(executor_, id.uuid(), scope, deadline);
    if (!progress) co_return progress.error();
    if (!*progress) co_return std::optional<Webhook>{};
    query::Read read{.relation = &webhooks(),
                     .filter = query::equals(webhooks().id(), id.uuid()),
                     .limit = 1,
                     .sealed = true};
    for (const auto* name :
         {"url", "relations", "ops", "status", "secret", "old_secret", "old_secret_until"})
        read.projection.push_back(&column(name));
    const auto reply = co_await engine::run_scoped(executor_, std::move(read), scope, deadline);
    if (!reply) co_return reply.error();
    const auto& rows = reply->rows;
    if (rows.row_count() == 0) co_return std::optional<Webhook>{};
    auto secret = unsealed(rows, "secret", id, scope);
    if (!secret) co_return secret.error();
    Webhook webhook{.id = id,
                    .version = (*progress)->version,
                    .url = std::get<Text>(rows.value(0, "url")),
                    .secrets = {{std::move(*secret), std::nullopt}},
                    .relations = std::get<schema::TextArray>(rows.value(0, "relations")),
                    .ops = std::get<schema::TextArray>(rows.value(0, "ops")),
                    .active = std::get<Text>(rows.value(0, "status")) == "active"};
    if (const auto until = moment(rows, "old_secret_until"); until && *until > clock_.now()) {
        auto old = unsealed(rows, "old_secret", id, scope);
        if (!old) co_return old.error();
        webhook.secrets.push_back({std::move(*old), until});
    }
    co_return std::optional{std::move(webhook)};
}

auto Webhooks::required(WebhookId id, TenantScope scope, Deadline deadline) -> Answer<Webhook> {
    auto webhook = co_await find(id, std::move(scope), deadline);
    if (!webhook) co_return webhook.error();
    if (!*webhook) co_return no_such_row(webhooks());
    co_return std::move(**webhook);
}

auto Webhooks::ids(TenantScope scope, Deadline deadline) -> Answer<std::vector<WebhookId>> {
    query::Read read{
        .relation = &webhooks(), .projection = {&webhooks().id()}, .limit = limits::page_rows_max};
    const auto reply = co_await engine::run_scoped(executor_, std::move(read), scope, deadline);
    if (!reply) co_return reply.error();
    std::vector<WebhookId> out;
    out.reserve(reply->rows.row_count());
    for (std::size_t row = 0; row < reply->rows.row_count(); ++row)
        out.push_back(WebhookId::from_uuid(std::get<Uuid>(reply->rows.value(row, "id"))));
    co_return out;
}

auto Webhooks::pause(WebhookId id, TenantScope scope, Deadline deadline) -> Answer<void> {
    std::vector<query::Assignment> changes{{&column("status"), Text{"paused"}}};
    auto renewal = consumers::renew(id.uuid(), clock_.new_id());
    const auto row = co_await write_row(id, std::move(changes), std::move(renewal),
                                        std::move(scope), deadline, std::nullopt);
    if (!row) co_return row.error();
    co_return Result<void>{};
}

}  // namespace tenantry::services
