// The HTTP side of /realtime/v1: the request that becomes a WebSocket, and broadcasts that come by
// plain requests.

#include "authentication.hpp"
#include "http/problem.hpp"
#include "realtime/connection.hpp"
#include "realtime/message.hpp"
#include "request_id.hpp"
#include "resources.hpp"
#include "schema/json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <fmt/format.h>

namespace tenantry::http::realtime {
namespace {

namespace json = boost::json;

constexpr std::size_t messages_max = 1000;

bool is_served(const Call& call) {
    return call.app.feed != nullptr && call.app.realtime != nullptr;
}
Error not_served() { return fail(Errc::no_such_route, "there is nothing at this path"); }

/// Spec: RFC 6455 §4.2.1.
bool is_wish(const std::optional<WebSocketWish>& wish) {
    constexpr std::size_t key_bytes = 24;
    return wish && wish->upgrade && wish->connection && wish->version == "13" &&
           wish->key.size() == key_bytes;
}

Response upgrade_required() {
    auto response =
        problem(Status::upgrade_required,
                fail(Errc::bad_request, "this path is for WebSockets of version 13 (RFC 6455)"));
    add_header(response, "upgrade", "websocket");
    add_header(response, "sec-websocket-version", "13");
    return response;
}

Response malformed(std::string message) {
    return problem(Status::unprocessable_entity, fail(Errc::bad_request, std::move(message)));
}

struct Broadcast {
    std::string topic;
    Message message;
};

std::string topic_of(std::string_view name) { return std::string{Channel::prefix}.append(name); }

bool fits(std::string_view name, std::string_view event) {
    constexpr std::size_t bytes_max = 255;
    return !name.empty() && Channel::prefix.size() + name.size() <= bytes_max && !event.empty() &&
           event.size() <= bytes_max;
}

/// nullopt: it has another form.
std::optional<Broadcast> parse_message(const json::value& value, std::size_t payload_bytes_max) {
    const auto* object = value.if_object();
    const auto text = [object](std::string_view name) -> std::string_view {
        const auto* member = object == nullptr ? nullptr : object->if_contains(name);
        return member != nullptr && member->is_string() ? std::string_view{member->get_string()}
                                                        : std::string_view{};
    };
    const auto name = text("topic");
    const auto event = text("event");
    if (!fits(name, event)) return std::nullopt;
    std::string payload = "{}";
    if (const auto* given = object->if_contains("payload")) {
        payload.clear();
        schema::append_json(payload, *given);
    }
    if (payload.size() > payload_bytes_max) return std::nullopt;
    auto topic = topic_of(name);
    auto message = text_message(topic, "broadcast", broadcast_payload(event, payload));
    return Broadcast{std::move(topic), std::move(message)};
}

/// Nobody gets a part of it.
Result<Response> send(const Call& call, std::vector<Broadcast> all) {
    auto& hub = call.app.realtime->hub();
    for (auto& [topic, message] : all) {
        if (!hub.broadcast(call.scope.tenant().text(), topic, std::move(message))) {
            return fail(Errc::overloaded,
                        "clients of this tenant have too much waiting; try again shortly");
        }
    }
    return Response{.status = Status::accepted};
}

}  // namespace

Answer open_socket(const Call& call) {
    if (!is_served(call)) co_return not_served();
    if (!is_wish(call.request.websocket)) co_return upgrade_required();
    const auto* vsn = call.target.find("vsn");
    const auto version = version_of(vsn == nullptr ? std::string_view{} : *vsn);
    if (!version)
        co_return fail(Errc::bad_query, "vsn, the version of the protocol, is 1.0.0 or 2.0.0",
                       "vsn");
    auto token = credential_of(call.request, call.route);
    if (!token) co_return token.error();
    Admitted admitted{.tenant = call.scope.tenant(),
                      .token = std::move(*token),
                      .selector = call.request.tenant_selector,
                      .version = *version,
                      .key = call.request.websocket->key,
                      .id = request_id_of(call.request.id)};
    Response response{.status = Status::switching_protocols};
    response.upgrade = std::make_unique<Connection>(call.app, std::move(admitted));
    co_return response;
}

Answer broadcast_many(const Call& call) {
    if (!is_served(call)) co_return not_served();
    const auto body = schema::read_json(call.request.body);
    const auto* object = body ? body->if_object() : nullptr;
    const auto* messages = object == nullptr ? nullptr : object->if_contains("messages");
    const auto* list = messages == nullptr ? nullptr : messages->if_array();
    if (list == nullptr || list->size() > messages_max)
        co_return malformed("the body is {\"messages\": […]}, with at most 1000 of them");
    std::vector<Broadcast> all;
    for (const auto& entry : *list) {
        auto message = parse_message(entry, call.app.realtime->limits().payload_bytes_max);
        if (!message) {
            co_return malformed(
                "each message has a topic and an event, which are texts of at most 255 bytes, and "
                "a payload of at most 3 MB");
        }
        all.push_back(std::move(*message));
    }
    co_return send(call, std::move(all));
}

Answer broadcast_one(const Call& call) {
    if (!is_served(call)) co_return not_served();
    // /realtime/v1/api/broadcast/{topic}/events/{event}
    const auto& name = call.target.segments.at(4);
    const auto& event = call.target.segments.at(6);
    const auto& body = call.request.body;
    if (!fits(name, event)) co_return malformed("a topic or an event has at most 255 bytes");
    if (body.size() > call.app.realtime->limits().payload_bytes_max)
        co_return malformed("the payload has too many bytes");
    std::vector<Broadcast> all;
    const auto topic = topic_of(name);
    if (call.request.content_type.starts_with("application/octet-stream")) {
        all.push_back({topic, binary_message(topic, event, body)});
    } else if (schema::read_json(body)) {
        all.push_back({topic, text_message(topic, "broadcast", broadcast_payload(event, body))});
    } else {
        co_return malformed("the body is neither JSON nor an application/octet-stream");
    }
    co_return send(call, std::move(all));
}

}  // namespace tenantry::http::realtime
