// Changes out of the feed, and the rights that they are given by. A channel ends as soon as what it
// rests on does: at the expiry of its token, which is looked at with every tick, and whenever the
// feed tells that rights may have changed, after which everything is asked anew.

#include "authentication.hpp"
#include "base/text.hpp"
#include "connection.hpp"
#include "frame.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <vector>

namespace tenantry::http::realtime {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr auto tuple_awaitable = asio::as_tuple(asio::use_awaitable);
constexpr auto patience = 30s;  // of one wait for changes; nothing depends on it
constexpr auto retry_pause = 200ms;
constexpr unsigned failures_max = 50;

}  // namespace

/// The scope of a channel, as it is at the moment of the question.
class Connection::Scopes final : public feed::ScopeSource {
public:
    Scopes(Connection& connection, ChannelPtr channel)
        : connection_{connection}, channel_{std::move(channel)} {}
    asio::awaitable<Result<TenantScope>> scope(engine::Deadline) override {
        auto credential = channel_->credential;
        co_return co_await connection_.authorize(credential);
    }

private:
    Connection& connection_;
    ChannelPtr channel_;
};

void Connection::tell(const Channel& channel, const System& system) {
    std::string payload = R"({"extension":)";
    append_json_string(payload, system.extension);
    const auto member = [&payload](std::string_view name, std::string_view value) {
        if (value.empty()) return;
        payload += fmt::format(R"(,"{}":)", name);
        append_json_string(payload, value);
    };
    member("status", system.status);
    member("message", system.message);
    member("channel", channel.name());
    member("code", system.code);
    member("cursor", system.cursor);
    payload += '}';
    send_event(channel, "system", payload);
}

void Connection::end(const ChannelPtr& channel, const Error& why) {
    if (!channel->open) return;
    tell(*channel, {.extension = "system",
                    .status = "error",
                    .message = why.message,
                    .code = code_of(why.code)});
    channel->end();
    send_close(*channel);
    const auto found = channels_.find(channel->topic());
    if (found != channels_.end() && found->second == channel) channels_.erase(found);
}

/// A socket is one tenant's.
void Connection::end_foreign(const ChannelPtr& channel, const Error& why) {
    end(channel, why);
    close(1008, "the token is not of the tenant that this socket belongs to");
}

/// Errors: those of the issuer; tenant_mismatch for a token of another tenant.
asio::awaitable<Result<TenantScope>> Connection::authorize(Credential& credential) {
    const auto time = app_.clock.now();
    const auto selected =
        admitted_.selector ? std::optional<std::string_view>{*admitted_.selector} : std::nullopt;
    const auto findings = co_await app_.issuer.learn(credential.token, admitted_.selector, time,
                                                     now() + limits_.deadline);
    if (!findings) co_return findings.error();
    auto scope = app_.issuer.from_token(credential.token, selected, time, *findings);
    if (!scope) co_return scope.error();
    if (scope->tenant() != admitted_.tenant) {
        co_return fail(Errc::tenant_mismatch,
                       "the token is not of the tenant that this socket belongs to");
    }
    credential.expires_at = app_.issuer.expiry_of(credential.token, time, *findings);
    co_return std::move(*scope);
}

asio::awaitable<Result<feed::Position>> Connection::start_of(const JoinRequest& request,
                                                             TenantScope scope) {
    if (request.since && *request.since != "head") co_return feed::parse_position(*request.since);
    co_return co_await app_.feed->head(std::move(scope), now() + limits_.deadline);
}

asio::awaitable<void> Connection::pause(std::chrono::milliseconds time) {
    Timer timer{socket_->get_executor(), time};
    co_await timer.async_wait(tuple_awaitable);
}

/// One coroutine in one frame: this is what a delivery costs besides the system's call.
asio::awaitable<void> Connection::follow(ChannelPtr channel) {
    Scopes scopes{*this, channel};
    unsigned failures = 0;
    while (channel->open) {
        auto batch = co_await channel->follower->next(scopes, now() + patience);
        if (!channel->open) co_return;
        if (!batch) {
            const bool again = is_passing(batch.error().code) && ++failures <= failures_max;
            if (!again) {
                end_following(channel, batch.error());
                co_return;
            }
            co_await pause(retry_pause);
            continue;
        }
        failures = 0;
        if (batch->authority_changed) {
            const bool allowed = co_await still_allowed(channel);
            if (!allowed) co_return;
        }
        const auto held_back = offer_all(*channel, *batch);
        if (held_back) {
            // Nothing is kept for who can't take it: it is read again.
            channel->follower->go_back(*held_back);
            batch = feed::Batch{};
            do {
                co_await wait_for_room();
            } while (channel->open && !outbox_.has_room());
            continue;
        }
        // The place is of use to those who came with one, beyond changes that don't concern them,
        // too.
        if (channel->request.since && !batch->changes.empty())
            tell_place(*channel, batch->position);
    }
}

void Connection::tell_place(const Channel& channel, const feed::Position& position) {
    tell(channel, {.extension = "postgres_changes",
                   .status = "ok",
                   .message = "Cursor",
                   .cursor = feed::to_text(position)});
}

/// A channel whose place is lost stays, for broadcast and presence.
void Connection::end_following(const ChannelPtr& channel, const Error& why) {
    if (why.code == Errc::shutting_down) return;
    if (why.code != Errc::resync_required) {
        end(channel, why);
        return;
    }
    tell(*channel, {.extension = "postgres_changes",
                    .status = "error",
                    .message = "resync_required: the changes after this place are not kept any "
                               "more, or it is a place in another feed; read the rows anew, and "
                               "join again without since",
                    .code = code_of(why.code)});
}

/// The place before the first change that there is no room for, if there is one.
std::optional<feed::Position> Connection::offer_all(Channel& channel, const feed::Batch& batch) {
    for (const auto& change : batch.changes) {
        if (!offer(channel, change, batch.position.epoch))
            return feed::Position{batch.position.epoch, change->seq - 1};
    }
    return std::nullopt;
}

/// False if there is no room for it.
bool Connection::offer(Channel& channel, const feed::ChangePtr& change, std::string_view epoch) {
    const auto [ids, selected] = channel.bindings.match(*change);
    if (ids.empty()) return true;
    std::string own;
    if (selected != nullptr) own = change_text(*change, epoch, *selected);
    const auto& data = selected != nullptr ? own : home_->texts.of(change, epoch);
    constexpr std::string_view ids_before = R"({"ids":[)";
    constexpr std::string_view data_before = R"(],"data":)";
    const auto& [before, after] = channel.changes;
    const auto size = before.size() + ids_before.size() + ids.size() + data_before.size() +
                      data.size() + 1 + after.size();
    frame_.clear();
    append_frame_header(frame_, Opcode::text, size);
    if (!outbox_.offer({frame_, before, ids_before, ids, data_before, data, "}", after}))
        return false;
    waits_for_room_.reset();
    schedule_flush();
    return true;
}

/// Asks for the channel's rights anew, until there is an answer; ends it if they are gone.
asio::awaitable<bool> Connection::still_allowed(ChannelPtr channel) {
    while (channel->open) {
        auto credential = channel->credential;
        const auto scope = co_await authorize(credential);
        if (!channel->open) break;
        if (credential.token != channel->credential.token) continue;
        if (scope) {
            channel->credential = std::move(credential);
            co_return true;
        }
        if (!is_passing(scope.error().code)) {
            end(channel, scope.error());
            break;
        }
        co_await pause(retry_pause);
    }
    co_return false;
}

/// Channels that wait for room, or have nothing to follow, end no later than the others.
asio::awaitable<void> Connection::watch() {
    watcher_ = app_.feed->follow(admitted_.tenant, {});
    while (!closing_) {
        const auto changed = co_await watcher_->authority_changed(now() + patience);
        if (closing_ || (!changed && changed.error().code == Errc::shutting_down)) co_return;
        if (!changed) {
            co_await pause(retry_pause);
        } else if (*changed) {
            ++authority_changes_;
            auto channels = channels_;
            for (auto& [topic, channel] : channels) co_await still_allowed(channel);
        }
    }
}

void Connection::check_expiry() {
    const auto time = app_.clock.now();
    std::vector<ChannelPtr> expired;
    for (const auto& [topic, channel] : channels_) {
        const auto& until = channel->credential.expires_at;
        if (until && time >= *until) expired.push_back(channel);
    }
    for (const auto& channel : expired)
        end(channel, fail(Errc::token_expired, "the token has expired; bring a new one"));
}

}  // namespace tenantry::http::realtime
