// GET /api/sync and GET /api/changes/stream: the tenant's feed, for programs that ask now and then
// and for those that listen.

#include "authentication.hpp"
#include "change_query.hpp"
#include "feed/feed.hpp"
#include "http/problem.hpp"
#include "renewal.hpp"
#include "resources.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace tenantry::http::changes {
namespace {

using boost::asio::awaitable;
using feed::SteadyTime;

constexpr std::size_t limit_default = 200;
constexpr std::size_t limit_max = 1000;
constexpr std::chrono::seconds wait_max{60};
/// Pages without a change that is asked for, before the client is told how far it has come.
constexpr int fruitless_pages_max = 50;
constexpr std::chrono::seconds heartbeat{15};
/// How late the end of a token may be noticed.
constexpr std::chrono::milliseconds token_interval{500};

/// The follower's scope, from the token that the request came with.
class RenewedScopes final : public feed::ScopeSource {
public:
    explicit RenewedScopes(const Call& call) : renewal_{call, Renewal::Token::of_each_time} {}
    awaitable<Result<TenantScope>> scope(engine::Deadline deadline) override {
        return renewal_.renewed(deadline);
    }
    /// Whether the token still holds, as far as that is known without asking.
    Result<void> token_holds() const {
        const auto scope = renewal_.remembered();
        if (!scope && scope.error().code != Errc::standing_unknown) return scope.error();
        return {};
    }

private:
    Renewal renewal_;
};

Result<std::uint64_t> number(const Target& target, std::string_view name, std::uint64_t least,
                             std::uint64_t most, std::uint64_t otherwise) {
    const auto* text = target.find(name);
    if (text == nullptr) return otherwise;
    std::uint64_t value = 0;
    const auto* const end = text->data() + text->size();
    const auto [stopped, error] = std::from_chars(text->data(), end, value);
    if (error != std::errc{} || stopped != end || value < least || value > most) {
        return fail(Errc::out_of_range,
                    fmt::format("{} must be a whole number from {} to {}", name, least, most),
                    std::string{name});
    }
    return value;
}

Error not_served() { return fail(Errc::no_such_route, "this server doesn't serve changes"); }

struct SyncAnswer {
    std::string changes{};  // JSON, commas between them
    std::size_t count = 0;
    feed::Position next{};
    bool has_more = false;
};

/// Takes what is asked for out of a batch, up to `limit`; the place goes on as far as it was looked
/// at.
void take(SyncAnswer& answer, const feed::Batch& batch, const ChangeQuery& query,
          std::size_t limit) {
    answer.next = batch.position;
    for (const auto& change : batch.changes) {
        if (answer.count == limit) {
            answer.next.seq = change->seq - 1;
            answer.has_more = true;
            return;
        }
        if (!query.wants(*change)) continue;
        if (answer.count++ > 0) answer.changes += ',';
        append_json(answer.changes, *change);
    }
}

Response answer_of(const SyncAnswer& answer) {
    Response response;
    response.body = fmt::format(R"({{"changes":[{}],"next":"{}","has_more":{}}})", answer.changes,
                                to_text(answer.next), answer.has_more);
    return response;
}

/// Up to where the feed ended when it began, or until there is something if that is to be waited
/// for.
awaitable<Result<SyncAnswer>> collect(const Call& call, const ChangeQuery& query, std::size_t limit,
                                      SteadyTime until) {
    auto head = co_await call.app.feed->head(call.scope, call.deadline);
    if (!head) co_return head.error();
    SyncAnswer answer{.next = query.since().value_or(*head)};
    RenewedScopes scopes{call};
    const auto follower = call.app.feed->follow(call.scope.tenant(), answer.next);
    for (int pages = 0; pages < fruitless_pages_max;) {
        // A place that was given has to be looked up; the head is one.
        const bool unknown = pages == 0 && query.since();
        const bool behind = answer.next.seq < head->seq || unknown;
        const auto now = std::chrono::steady_clock::now();
        if (!behind && (answer.count > 0 || now >= until)) co_return answer;
        auto batch = co_await follower->next(scopes, behind ? now : until);
        if (!batch) co_return batch.error();
        take(answer, *batch, query, limit);
        if (answer.has_more) co_return answer;
        pages += batch->changes.empty() && pages > 0 ? 0 : 1;
    }
    answer.has_more = answer.next.seq < head->seq;
    co_return answer;
}

/// One event a change, with the place behind it as its id. A browser that comes back names the last
/// one by itself (HTML Living Standard, "Server-sent events").
class ChangeEvents final : public BodySource {
public:
    ChangeEvents(const Call& call, ChangeQuery query, feed::Position from)
        : query_{std::move(query)},
          scopes_{call},
          follower_{call.app.feed->follow(call.scope.tenant(), std::move(from))} {}

    /// What can be found out at once has a status of its own.
    awaitable<Result<void>> begin() {
        auto batch = co_await follower_->next(scopes_, std::chrono::steady_clock::now());
        if (!batch) co_return batch.error();
        first_ = ": the feed of a tenant; each event is one committed change\nretry: 1000\n";
        append_place(first_, batch->position);
        append(first_, *batch);
        co_return Result<void>{};
    }

    awaitable<Result<bool>> next(std::string& out) override {
        if (!first_.empty()) {
            out += first_;
            first_.clear();
            co_return true;
        }
        const auto beat = std::chrono::steady_clock::now() + heartbeat;
        while (true) {
            auto batch = co_await wait(beat);
            if (!batch) {
                append_end(out, batch.error());
                co_return false;
            }
            append(out, *batch);
            if (!out.empty()) co_return true;
            if (std::chrono::steady_clock::now() < beat) continue;
            // Also says where it is, so that nobody who asked for little has to go far back.
            append_place(out += ": still here\n", batch->position);
            co_return true;
        }
    }

private:
    awaitable<Result<feed::Batch>> wait(SteadyTime beat) {
        const auto now = std::chrono::steady_clock::now();
        auto batch = co_await follower_->next(scopes_, std::min(beat, now + token_interval));
        if (!batch) co_return batch;
        if (batch->authority_changed) {
            const auto scope = co_await scopes_.scope(now + std::chrono::seconds{15});
            if (!scope && !is_passing(scope.error().code)) co_return scope.error();
        } else if (const auto holds = scopes_.token_holds(); !holds) {
            co_return holds.error();
        }
        co_return batch;
    }

    void append(std::string& out, const feed::Batch& batch) const {
        for (const auto& change : batch.changes) {
            if (!query_.wants(*change)) continue;
            fmt::format_to(std::back_inserter(out),
                           "id: {}\ndata: ", feed::to_text({batch.position.epoch, change->seq}));
            append_json(out, *change);
            out += "\n\n";
        }
    }

    static void append_place(std::string& out, const feed::Position& position) {
        fmt::format_to(std::back_inserter(out), "id: {}\n\n", to_text(position));
    }

    static void append_end(std::string& out, const Error& error) {
        out += "event: end\ndata: ";
        out += problem(error).body;
        out += "\n\n";
    }

    ChangeQuery query_;
    RenewedScopes scopes_;
    std::unique_ptr<feed::Follower> follower_;
    std::string first_;
};

}  // namespace

Answer sync(const Call& call) {
    if (call.app.feed == nullptr) co_return not_served();
    const auto query = ChangeQuery::parse(call.target);
    if (!query) co_return query.error();
    const auto limit = number(call.target, "limit", 1, limit_max, limit_default);
    if (!limit) co_return limit.error();
    const auto wait = number(call.target, "wait", 0, wait_max.count(), 0);
    if (!wait) co_return wait.error();
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{*wait};
    const auto answer = co_await collect(call, *query, *limit, until);
    if (!answer) co_return answer.error();
    co_return answer_of(*answer);
}

Answer stream(const Call& call) {
    if (call.app.feed == nullptr) co_return not_served();
    auto query = ChangeQuery::parse(call.target);
    if (!query) co_return query.error();
    auto from = query->since();
    if (const auto& last = call.request.last_event_id; !last.empty()) {
        auto position = feed::parse_position(last);
        if (!position) co_return position.error();
        from = std::move(*position);
    }
    if (!from) {
        auto head = co_await call.app.feed->head(call.scope, call.deadline);
        if (!head) co_return head.error();
        from = std::move(*head);
    }
    auto events = std::make_unique<ChangeEvents>(call, std::move(*query), std::move(*from));
    const auto begun = co_await events->begin();
    if (!begun) co_return begun.error();
    Response response{.content_type = "text/event-stream"};
    response.stream = std::move(events);
    co_return response;
}

}  // namespace tenantry::http::changes
