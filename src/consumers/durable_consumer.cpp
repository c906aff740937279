#include "consumers/durable_consumer.hpp"

#include "base/limits.hpp"
#include "consumers/dead_letters.hpp"
#include "query/scoped.hpp"

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <random>

namespace tenantry::consumers {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using std::chrono::milliseconds;

constexpr std::chrono::seconds patience{15};

engine::Deadline soon() { return std::chrono::steady_clock::now() + patience; }

/// Between half and three halves of it, so that what failed together doesn't come back together.
milliseconds jittered(milliseconds pause) {
    static thread_local std::minstd_rand random{std::random_device{}()};
    std::uniform_real_distribution<double> factor{0.5, 1.5};
    return milliseconds{
        static_cast<std::int64_t>(static_cast<double>(pause.count()) * factor(random))};
}

}  // namespace

DurableConsumer::DurableConsumer(ConsumerTools tools, TenantId tenant, Uuid consumer, Uuid version,
                                 Sink& sink, const asio::any_io_executor& executor)
    : tools_{std::move(tools)},
      tenant_{std::move(tenant)},
      consumer_{consumer},
      version_{version},
      sink_{sink},
      timer_{executor} {}

awaitable<DurableConsumer::End> DurableConsumer::run() {
    while (!stopped_ && !woken_) {
        bool trouble = false;
        try {
            const auto end = co_await step();
            if (end && *end) co_return **end;
            if (!end && end.error().code == Errc::tenant_unavailable) co_return End::unavailable;
            // Cancelled waits end as shutting_down; all else is the database's.
            trouble = !end && end.error().code != Errc::shutting_down;
        } catch (const engine::Fault&) {
            trouble = true;
        }
        if (trouble) {
            follower_.reset();
            co_await pause(jittered(tools_.options.trouble_pause));
        }
    }
    follower_.reset();
    woken_ = false;
    if (stopped_) co_await give_up_lease();
    co_return stopped_ ? End::stopped : End::woken;
}

/// So that another server goes on at once. If it can't be told, it does so when the lease ends.
awaitable<void> DurableConsumer::give_up_lease() {
    if (!held_) co_return;
    try {
        query::Request change = release(turn(*held_));
        const auto released = co_await write(std::move(change));
        if (released) held_.reset();
    } catch (const engine::Fault&) {  // NOLINT(bugprone-empty-catch)
    }
}

void DurableConsumer::wake() {
    woken_ = true;
    timer_.cancel();
    if (follower_) follower_->cancel();
}

void DurableConsumer::stop() {
    stopped_ = true;
    wake();
}

std::chrono::microseconds DurableConsumer::lag(Timestamp now) const noexcept {
    const auto since = waiting_since_.load(std::memory_order_relaxed);
    if (since == 0) return {};
    return std::max(now.time_since_epoch() - std::chrono::microseconds{since},
                    std::chrono::microseconds{0});
}

awaitable<Result<TenantScope>> DurableConsumer::scope(engine::Deadline deadline) {
    return tools_.issuer.learn_job(tenant_, tools_.job, deadline);
}

/// One message, or one wait.
awaitable<Result<std::optional<DurableConsumer::End>>> DurableConsumer::step() {
    auto rights = co_await scope(soon());
    if (!rights) co_return rights.error();
    auto found = co_await find_progress(tools_.executor, consumer_, std::move(*rights), soon());
    if (!found) co_return found.error();
    if (!*found) co_return End::gone;
    const auto& progress = **found;
    // Perhaps by way of another server.
    if (progress.version != version_) co_return End::woken;
    const auto now = tools_.clock.now();
    if (progress.held_by_other(tools_.holder, now)) {
        waiting_since_ = 0;
        co_await pause(*progress.leased_until - now + jittered(milliseconds{500}));
        co_return std::nullopt;
    }
    if (progress.due_at && *progress.due_at > now) {
        co_await pause(
            std::min<std::chrono::microseconds>(*progress.due_at - now, tools_.options.idle));
        co_return std::nullopt;
    }
    if (!follower_ || progress.position != kept_) go_to(progress.position);
    auto message = co_await gather(progress);
    if (!message) co_return message.error();
    if (message->changes.empty() && !message->resync_required) {
        waiting_since_ = 0;
        const bool far = message->next.epoch != progress.position.epoch ||
                         message->next.seq - progress.position.seq > tools_.options.unsaved_max;
        if (!far) co_return std::nullopt;
        query::Request change = skip(turn(progress.position), message->next);
        const auto noted = co_await write(std::move(change));
        if (!noted) co_return noted.error();
        if (*noted) kept_ = message->next;
        co_return std::nullopt;
    }
    co_return co_await pass_on(progress, std::move(*message));
}

/// What comes next and is wanted, or what was begun before; waits for it.
awaitable<Result<Message>> DurableConsumer::gather(const Progress& progress) {
    Message message{.next = seen_};
    const auto until = std::chrono::steady_clock::now() + tools_.options.idle;
    const auto& end = progress.message_end;
    std::size_t bytes = 0;
    std::size_t taken = 0;
    do {
        // A follower that is made after `wake` doesn't know of it.
        if (woken_) co_return fail(Errc::shutting_down, "the consumer was woken");
        const auto batch = co_await follower_->next(*this, until);
        if (!batch && batch.error().code == Errc::resync_required) {
            auto rights = co_await scope(soon());
            if (!rights) co_return rights.error();
            auto head = co_await tools_.feed.head(std::move(*rights), soon());
            if (!head) co_return head.error();
            co_return Message{.id = id_of(progress.position, *head),
                              .next = std::move(*head),
                              .resync_required = true};
        }
        if (!batch) co_return batch.error();
        message.next.epoch = batch->position.epoch;
        if (batch->changes.empty()) message.next = batch->position;
        for (const auto& change : batch->changes) {
            if (end && change->seq > *end) break;
            bytes += bytes_of(*change);
            const bool full =
                taken == tools_.options.changes_max || bytes > tools_.options.bytes_max;
            if (!end && taken > 0 && full) break;
            ++taken;
            message.next.seq = change->seq;
            if (sink_.wants(*change)) message.changes.push_back(change);
        }
        if (message.next != batch->position) follower_->go_back(message.next);
    } while (end && message.next.seq < *end && std::chrono::steady_clock::now() < until);
    seen_ = message.next;
    message.id = id_of(progress.position, message.next);
    co_return message;
}

awaitable<Result<std::optional<DurableConsumer::End>>> DurableConsumer::pass_on(
    const Progress& progress, Message message) {
    const auto since =
        message.resync_required ? tools_.clock.now() : message.changes.front()->committed_at;
    waiting_since_ = since.time_since_epoch().count();
    const auto& from = progress.position;
    co_await tools_.turns.wait();
    const feed::Turns::Turn sending{tools_.turns};
    query::Request begun =
        lease(turn(from), tools_.clock.now() + tools_.options.lease, message.next.seq);
    const auto held = co_await write(std::move(begun));
    if (!held) co_return held.error();
    if (!*held) {
        follower_.reset();
        co_return std::nullopt;
    }
    held_ = from;
    auto body = sink_.encode(message);
    auto outcome = co_await sink_.deliver(message.id, body);
    if (outcome.kind == Outcome::Kind::delivered) {
        ++tools_.counts.delivered;
        waiting_since_ = 0;
        const auto until = tools_.clock.now() + tools_.options.lease;
        query::Request done = consumers::delivered(turn(from), message.next, until);
        const auto noted = co_await write(std::move(done));
        if (!noted) co_return noted.error();
        held_ = kept_ = message.next;
        if (!*noted || message.resync_required) follower_.reset();
        co_return std::nullopt;
    }
    // Not the receiver's failure.
    if (stopped_) co_return std::nullopt;
    ++tools_.counts.failed;
    const bool refused = outcome.kind == Outcome::Kind::refused;
    const auto noted = co_await fail_once(progress, message, std::move(body), std::move(outcome));
    if (!noted) co_return noted.error();
    follower_.reset();
    if (refused) co_return End::refused;
    co_return std::nullopt;
}

/// Sent again later, or given up.
awaitable<Result<void>> DurableConsumer::fail_once(const Progress& progress, const Message& message,
                                                   std::string body, Outcome outcome) {
    const auto failures = progress.failures + 1;
    const auto own = turn(progress.position);
    std::vector<query::Request> changes;
    const bool last = failures >= tools_.options.attempts_max &&
                      outcome.kind == Outcome::Kind::failed &&
                      body.size() <= limits::letter_bytes_max;
    std::int64_t letters = limits::dead_letters_max;
    if (last) {
        auto rights = co_await scope(soon());
        if (!rights) co_return rights.error();
        const auto counted =
            co_await count_letters(tools_.executor, consumer_, std::move(*rights), soon());
        if (!counted) co_return counted.error();
        letters = *counted;
    }
    const bool given_up = letters < static_cast<std::int64_t>(limits::dead_letters_max);
    if (given_up) {
        changes.emplace_back(
            bury(consumer_, {message.id, std::move(body), failures, std::move(outcome.error)}));
        changes.emplace_back(skip(own, message.next));
    } else {
        const auto wait =
            std::max(pause_after(failures), outcome.retry_after.value_or(milliseconds{0}));
        changes.emplace_back(postpone(own, failures, own.now + wait, std::move(outcome.error)));
    }
    const auto noted = co_await write(std::move(changes));
    if (!noted) co_return noted.error();
    if (*noted && given_up) ++tools_.counts.buried;
    co_return Result<void>{};
}

awaitable<Result<bool>> DurableConsumer::write(query::Request request) {
    std::vector<query::Request> one;
    one.push_back(std::move(request));
    co_return co_await write(std::move(one));
}

awaitable<Result<bool>> DurableConsumer::write(std::vector<query::Request> requests) {
    auto rights = co_await scope(soon());
    if (!rights) co_return rights.error();
    const auto& clock = tools_.clock;
    co_return co_await consumers::write(tools_.executor, std::move(requests),
                                        {clock.now(), [&clock] { return clock.new_id(); }},
                                        std::move(*rights), soon());
}

awaitable<void> DurableConsumer::pause(std::chrono::microseconds time) {
    if (woken_) co_return;
    timer_.expires_after(time);
    co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
}

void DurableConsumer::go_to(const feed::Position& position) {
    follower_ = tools_.feed.follow(tenant_, position);
    kept_ = seen_ = position;
}

std::string DurableConsumer::id_of(const feed::Position& from, const feed::Position& to) const {
    std::string out = "msg_";
    append_uuid(out, consumer_);
    return out + fmt::format("_{}_{}-{}", to.epoch, from.seq + 1, to.seq);
}

milliseconds DurableConsumer::pause_after(std::int64_t failures) const {
    const auto& options = tools_.options;
    auto pause = options.first_pause;
    for (std::int64_t i = 1; i < failures && pause < options.longest_pause; ++i) pause *= 2;
    return jittered(std::min(pause, options.longest_pause));
}

Turn DurableConsumer::turn(const feed::Position& from) const {
    return {consumer_, version_, from, tools_.holder, tools_.clock.now()};
}

}  // namespace tenantry::consumers
