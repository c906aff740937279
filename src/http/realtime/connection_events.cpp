// What clients say, and the answers. Phoenix's rules: an answer repeats `ref` and `join_ref`; what
// can't be understood is dropped, and the socket lives on.

#include "base/text.hpp"
#include "connection.hpp"
#include "frame.hpp"
#include "schema/json.hpp"
#include "schema/lead_schema.hpp"

#include <boost/json/object.hpp>

#include <fmt/format.h>

namespace tenantry::http::realtime {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

std::string reason_of(std::string_view reason) {
    std::string out = R"({"reason":)";
    append_json_string(out, reason);
    return out += '}';
}

/// The word before a reason, by which clients tell what to do about it.
std::string_view kind_of(Errc code) {
    switch (code) {
    case Errc::token_missing:
    case Errc::token_invalid:
    case Errc::token_expired: return "InvalidJWTToken";
    case Errc::tenant_required:
    case Errc::tenant_mismatch:
    case Errc::tenant_unavailable:
    case Errc::not_a_member:
    case Errc::role_insufficient: return "Unauthorized";
    case Errc::out_of_range: return "ChannelRateLimitReached";
    case Errc::bad_request:
    case Errc::bad_query:
    case Errc::bad_cursor:
    case Errc::unknown_field: return "MalformedJoin";
    default: return "UnableToSubscribe";
    }
}

std::string reason_of(const Error& error) {
    return fmt::format("{}: {}", kind_of(error.code), error.message);
}

const json::value* member(const json::value& value, std::string_view name) {
    const auto* object = value.if_object();
    return object == nullptr ? nullptr : object->if_contains(name);
}

bool is_word(const json::value* value, std::string_view word) {
    return value != nullptr && value->is_string() &&
           equals_ignoring_case(std::string_view{value->get_string()}, word);
}

/// What other clients get of a broadcast. Errors: bad_request, body_too_large.
Result<Message> message_of(const std::string& topic, const Inbound& inbound,
                           std::size_t payload_bytes_max) {
    const auto too_large = [payload_bytes_max] {
        return fail(Errc::body_too_large,
                    fmt::format("a broadcast has at most {} bytes", payload_bytes_max));
    };
    if (!inbound.push) {
        if (member(inbound.payload, "event") == nullptr)
            return fail(Errc::bad_request, "a broadcast names its event");
        std::string payload;
        schema::append_json(payload, inbound.payload);
        if (payload.size() > payload_bytes_max) return too_large();
        return text_message(topic, "broadcast", payload);
    }
    const auto& push = *inbound.push;
    if (push.payload.size() > payload_bytes_max) return too_large();
    if (!push.is_json) return binary_message(topic, push.event, push.payload);
    return text_message(topic, "broadcast", broadcast_payload(push.event, push.payload));
}

}  // namespace

void Connection::send(std::string_view text) {
    outbox_.force(frame_of(Opcode::text, text));
    schedule_flush();
}

void Connection::reply(const Inbound& message, std::string_view status, std::string_view response) {
    frame_.clear();
    append_reply(frame_, admitted_.version, {message.join_ref, message.ref, message.topic}, status,
                 response);
    send(frame_);
}

void Connection::reply_error(const Inbound& message, std::string_view reason) {
    reply(message, "error", reason_of(reason));
}

void Connection::send_event(const Channel& channel, std::string_view event,
                            std::string_view payload) {
    frame_.clear();
    const std::optional<std::string> none;
    append_message(frame_, admitted_.version, {none, none, channel.topic()}, event, payload);
    send(frame_);
}

/// Of the one join that the channel is of.
void Connection::send_close(const Channel& channel) {
    frame_.clear();
    append_message(frame_, admitted_.version,
                   {channel.join_ref(), channel.join_ref(), channel.topic()}, "phx_close", "{}");
    send(frame_);
}

asio::awaitable<void> Connection::receive(std::string_view bytes, bool text) {
    if (!text && admitted_.version == Version::v1) co_return;
    auto message = text ? parse_text(admitted_.version, bytes) : parse_binary(bytes);
    if (message) co_await handle(std::move(*message));
}

asio::awaitable<void> Connection::handle(Inbound message) {
    if (message.topic == "phoenix") {
        if (message.event == "heartbeat") reply(message, "ok");
        co_return;
    }
    if (message.event == "phx_join") {
        co_await join(std::move(message));
        co_return;
    }
    const auto found = channels_.find(message.topic);
    if (found == channels_.end()) {
        reply_error(message, "unmatched topic");
        co_return;
    }
    auto channel = found->second;
    // Of a join before: the client has forgotten it as well.
    if (message.join_ref && message.join_ref != channel->join_ref()) co_return;
    co_await handle_event(std::move(channel), std::move(message));
}

asio::awaitable<void> Connection::handle_event(ChannelPtr channel, Inbound message) {
    if (message.event == "phx_leave") {
        leave(channel, message);
        co_return;
    }
    if (!rate_.admit(now())) {
        end(channel,
            fail(Errc::overloaded, fmt::format("Too many messages per second: at most {} are taken",
                                               limits_.events_per_second)));
        co_return;
    }
    if (message.event == "access_token") {
        co_await take_token(std::move(channel), std::move(message));
    } else if (message.event == "broadcast") {
        broadcast(channel, message);
    } else if (message.event == "presence") {
        take_presence(channel, message);
    } else {
        reply_error(message, "unmatched event");
    }
}

asio::awaitable<void> Connection::join(Inbound message) {
    if (!message.topic.starts_with(Channel::prefix) ||
        message.topic.size() == Channel::prefix.size()) {
        reply_error(message, "unmatched topic");
        co_return;
    }
    replace(message.topic);
    if (channels_.size() >= limits_.channels_max) {
        co_await refuse_join(message, "ChannelRateLimitReached: Too many channels");
        co_return;
    }
    if (!rate_.admit(now())) {
        co_await refuse_join(message, "ClientJoinRateLimitReached: Too many joins per second");
        co_return;
    }
    auto request = JoinRequest::parse(message.payload, limits_.bindings_max);
    if (!request) {
        co_await refuse_join(message, reason_of(request.error()));
        co_return;
    }
    auto bindings = Bindings::parse(request->bindings, schema::lead_catalog());
    if (!bindings && request->wait) {
        co_await refuse_join(message, reason_of(bindings.error()));
        co_return;
    }
    auto channel = std::make_shared<Channel>(*this, message.topic, message.join_ref);
    channel->credential.token = request->access_token.value_or(admitted_.token);
    channel->request = std::move(*request);
    co_await settle(std::move(channel), std::move(message), std::move(bindings));
}

/// A second join ends the one before.
void Connection::replace(const std::string& topic) {
    const auto found = channels_.find(topic);
    if (found == channels_.end()) return;
    const auto before = found->second;
    channels_.erase(found);
    before->end();
    send_close(*before);
}

/// Lets the channel in if it may, as of one moment: what is asked while rights change has to be
/// asked again.
asio::awaitable<void> Connection::settle(ChannelPtr channel, Inbound message,
                                         Result<Bindings> bindings) {
    while (true) {
        const auto asked_at = authority_changes_;
        auto scope = co_await authorize(channel->credential);
        if (!scope && scope.error().code == Errc::tenant_mismatch) {
            end_foreign(channel, scope.error());
            co_return;
        }
        Result<feed::Position> from = feed::Position{};
        if (!scope) {
            from = scope.error();
        } else if (bindings && !bindings->empty()) {
            from = co_await start_of(channel->request, std::move(*scope));
        }
        if (closing_) co_return;
        if (!from) {
            co_await refuse_join(message, reason_of(from.error()));
            co_return;
        }
        if (asked_at != authority_changes_) continue;
        admit(channel, message, std::move(bindings), *from);
        co_return;
    }
}

/// The answer comes before anything else of the topic.
void Connection::admit(const ChannelPtr& channel, const Inbound& message, Result<Bindings> bindings,
                       const feed::Position& from) {
    channels_[channel->topic()] = channel;
    const auto& request = channel->request;
    reply(message, "ok", fmt::format(R"({{"postgres_changes":{}}})", echo(request.bindings)));
    if (!bindings) {
        tell(*channel, {.extension = "postgres_changes",
                        .status = "error",
                        .message = bindings.error().message,
                        .code = code_of(bindings.error().code)});
    } else if (!bindings->empty()) {
        channel->bindings = std::move(*bindings);
        channel->changes = envelope_of(admitted_.version, channel->topic(), "postgres_changes");
        channel->follower = app_.feed->follow(admitted_.tenant, from);
        tell(*channel, {.extension = "postgres_changes",
                        .status = "ok",
                        .message = "Subscribed to PostgreSQL",
                        .cursor = feed::to_text(from)});
    }
    channel->membership = realtime_.hub().join(admitted_.tenant.text(), channel->topic(), home_,
                                               channel, request.presence);
    if (request.presence)
        send_event(*channel, "presence_state", channel->membership->presence_state());
    if (channel->follower) spawn(follow(channel));
}

/// Refusals take a while, so that nobody is busy with a client that only asks again.
asio::awaitable<void> Connection::refuse_join(const Inbound& message, std::string_view reason) {
    const Inbound address{.join_ref = message.join_ref, .ref = message.ref, .topic = message.topic};
    const std::string told{reason};
    co_await pause(app_.refusal_pause);
    if (!closing_) reply_error(address, told);
}

void Connection::leave(const ChannelPtr& channel, const Inbound& message) {
    channel->end();
    channels_.erase(channel->topic());
    reply(message, "ok");
    send_close(*channel);
}

/// All of the channel rests on the new token from now on, or ends with it.
asio::awaitable<void> Connection::take_token(ChannelPtr channel, Inbound message) {
    const auto token = access_token_of(message.payload);
    if (!token || *token == channel->credential.token) co_return;
    Credential credential{.token = *token};
    auto asked_at = authority_changes_;
    auto scope = co_await authorize(credential);
    while (asked_at != authority_changes_) {
        asked_at = authority_changes_;
        scope = co_await authorize(credential);
    }
    if (closing_ || !channel->open) co_return;
    if (scope) {
        channel->credential = std::move(credential);
    } else if (scope.error().code == Errc::tenant_mismatch) {
        end_foreign(channel, scope.error());
    } else {
        end(channel, scope.error());
    }
}

void Connection::broadcast(const ChannelPtr& channel, const Inbound& message) {
    auto told = message_of(channel->topic(), message, limits_.payload_bytes_max);
    if (!told && told.error().code == Errc::body_too_large) {
        end(channel, told.error());
        return;
    }
    if (!told) {
        reply_error(message, told.error().message);
        return;
    }
    const bool sent = channel->membership->broadcast(std::move(*told), channel->request.self);
    if (!channel->request.ack) return;
    if (sent) {
        reply(message, "ok");
    } else {
        reply_error(message, "clients of this tenant have too much waiting; try again shortly");
    }
}

void Connection::take_presence(const ChannelPtr& channel, const Inbound& message) {
    const auto* event = member(message.payload, "event");
    if (is_word(event, "untrack")) {
        channel->membership->untrack();
        reply(message, "ok");
        return;
    }
    if (!is_word(event, "track")) {
        reply_error(message, "presence takes the events track and untrack");
        return;
    }
    const auto* payload = member(message.payload, "payload");
    json::object meta;
    if (payload != nullptr && payload->is_object()) meta = payload->get_object();
    meta.erase("phx_ref");  // the server's
    std::string text;
    schema::append_json(text, meta);
    if (text.size() > limits_.presence_bytes_max) {
        reply_error(message, fmt::format("what is tracked has at most {} bytes",
                                         limits_.presence_bytes_max));
        return;
    }
    auto& key = channel->request.presence_key;
    if (key.empty()) {
        append_uuid(key, app_.clock.new_id());
    }
    if (const auto tracked = channel->membership->track(key, text); tracked) {
        reply(message, "ok");
    } else {
        reply_error(message, tracked.error().message);
    }
}

}  // namespace tenantry::http::realtime
