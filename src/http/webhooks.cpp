#include "services/webhooks.hpp"
#include "row_handlers.hpp"

#include "query/render.hpp"

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

namespace tenantry::http::webhooks {
namespace {

Error not_served() { return fail(Errc::no_such_route, "this server doesn't send webhooks"); }

/// `/api/webhooks/{id}/dead-letters/{letter}…`
Result<DeadLetterId> letter_in(const Call& call) {
    return parse_path_id<DeadLetterId>(call.target.segments.at(4));
}

/// What both of a letter's routes do.
template <auto operation>
Answer with_letter(const Call& call) {
    if (call.app.webhooks == nullptr) co_return not_served();
    auto id = parse_path_id<WebhookId>(call.id);
    if (!id) co_return id.error();
    auto letter = letter_in(call);
    if (!letter) co_return letter.error();
    const auto done =
        co_await (call.app.webhooks->*operation)(*id, *letter, call.scope, call.deadline);
    if (!done) co_return done.error();
    co_return nothing();
}

}  // namespace

using services::Webhooks;

Answer list(const Call& call) {
    if (call.app.webhooks == nullptr) co_return not_served();
    auto wanted = parse_page(call.target);
    if (!wanted) co_return wanted.error();
    const auto page =
        co_await call.app.webhooks->list(call.scope, std::move(*wanted), call.deadline);
    if (!page) co_return page.error();
    co_return page_of("webhooks", *page);
}

Answer create(const Call& call) {
    if (call.app.webhooks == nullptr) co_return not_served();
    auto fields = parse_body<services::NewWebhook>(call.request);
    if (!fields) co_return fields.error();
    const auto created =
        co_await call.app.webhooks->create(std::move(*fields), call.scope, call.deadline);
    if (!created) co_return created.error();
    auto response = created_row(created->row, "/api/webhooks/");
    // A secret's text needs no escapes.
    response.body.pop_back();
    response.body += fmt::format(R"(,"secret":"{}"}})", created->secret);
    add_header(response, "cache-control", "no-store");
    co_return response;
}

Answer read(const Call& call) {
    if (call.app.webhooks == nullptr) co_return not_served();
    auto id = parse_path_id<WebhookId>(call.id);
    if (!id) co_return id.error();
    const auto row = co_await call.app.webhooks->get(*id, call.scope, call.deadline);
    if (!row) co_return row.error();
    co_return one_row(*row);
}

Answer change(const Call& call) {
    if (call.app.webhooks == nullptr) co_return not_served();
    auto id = parse_path_id<WebhookId>(call.id);
    if (!id) co_return id.error();
    auto version = expected_version(call.request);
    if (!version) co_return version.error();
    auto fields = parse_body<services::WebhookChanges>(call.request);
    if (!fields) co_return fields.error();
    const auto row = co_await call.app.webhooks->update(*id, std::move(*fields), call.scope,
                                                        call.deadline, *version);
    if (!row) co_return row.error();
    co_return one_row(*row);
}

Answer remove(const Call& call) {
    if (call.app.webhooks == nullptr) co_return not_served();
    auto id = parse_path_id<WebhookId>(call.id);
    if (!id) co_return id.error();
    auto version = expected_version(call.request);
    if (!version) co_return version.error();
    const auto removed =
        co_await call.app.webhooks->remove(*id, call.scope, call.deadline, *version);
    if (!removed) co_return removed.error();
    co_return nothing();
}

Answer rotate_secret(const Call& call) {
    if (call.app.webhooks == nullptr) co_return not_served();
    auto id = parse_path_id<WebhookId>(call.id);
    if (!id) co_return id.error();
    const auto secret = co_await call.app.webhooks->rotate_secret(*id, call.scope, call.deadline);
    if (!secret) co_return secret.error();
    Response response{.body = fmt::format(R"({{"secret":"{}"}})", *secret)};
    add_header(response, "cache-control", "no-store");
    co_return response;
}

Answer status(const Call& call) {
    if (call.app.webhooks == nullptr) co_return not_served();
    auto id = parse_path_id<WebhookId>(call.id);
    if (!id) co_return id.error();
    const auto status = co_await call.app.webhooks->status(*id, call.scope, call.deadline);
    if (!status) co_return status.error();
    co_return Response{.body = boost::json::serialize(*status)};
}

Answer test(const Call& call) {
    if (call.app.webhooks == nullptr) co_return not_served();
    auto id = parse_path_id<WebhookId>(call.id);
    if (!id) co_return id.error();
    const auto sent = co_await call.app.webhooks->test(*id, call.scope, call.deadline);
    if (!sent) co_return sent.error();
    co_return nothing();
}

Answer replay(const Call& call) {
    if (call.app.webhooks == nullptr) co_return not_served();
    auto id = parse_path_id<WebhookId>(call.id);
    if (!id) co_return id.error();
    const auto since = parse_only_text(call.request, "since");
    if (!since) co_return since.error();
    if (!*since) co_return fail(Errc::missing_field, "since is required", "since");
    auto place = feed::parse_position(**since);
    if (!place) co_return place.error();
    const auto done =
        co_await call.app.webhooks->replay(*id, std::move(*place), call.scope, call.deadline);
    if (!done) co_return done.error();
    co_return nothing();
}

Answer dead_letters(const Call& call) {
    if (call.app.webhooks == nullptr) co_return not_served();
    auto id = parse_path_id<WebhookId>(call.id);
    if (!id) co_return id.error();
    auto wanted = parse_page(call.target);
    if (!wanted) co_return wanted.error();
    const auto page = co_await call.app.webhooks->dead_letters(*id, call.scope, std::move(*wanted),
                                                               call.deadline);
    if (!page) co_return page.error();
    co_return page_of("dead_letters", *page);
}

Answer redeliver(const Call& call) { return with_letter<&Webhooks::redeliver>(call); }
Answer discard(const Call& call) { return with_letter<&Webhooks::discard>(call); }

}  // namespace tenantry::http::webhooks
