#include "message.hpp"

#include "base/text.hpp"
#include "schema/json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <array>

namespace tenantry::http::realtime {
namespace {

namespace json = boost::json;
using Reference = std::optional<std::string>;

constexpr char client_broadcast = 3;
constexpr char server_broadcast = 4;
constexpr char encoding_bytes = 0;
constexpr char encoding_json = 1;
constexpr std::size_t reference_bytes_max = 255;

Error malformed(std::string_view what) {
    return fail(Errc::bad_request, "this is no message: " + std::string{what});
}

bool is_text(const json::value* value, std::size_t bytes_max) {
    return value != nullptr && value->is_string() && value->get_string().size() <= bytes_max;
}

/// Absent and null are the same.
Result<Reference> reference_of(const json::value* value) {
    if (value == nullptr || value->is_null()) return Reference{};
    if (!is_text(value, reference_bytes_max)) return malformed("a ref is a string or null");
    return Reference{value->get_string()};
}

struct Parts {
    const json::value* join_ref = nullptr;
    const json::value* ref = nullptr;
    const json::value* topic = nullptr;
    const json::value* event = nullptr;
    const json::value* payload = nullptr;
};

Result<Parts> parts_of(Version version, const json::value& whole) {
    if (version == Version::v1) {
        const auto* object = whole.if_object();
        if (object == nullptr) return malformed("1.0.0 has objects");
        return Parts{object->if_contains("join_ref"), object->if_contains("ref"),
                     object->if_contains("topic"), object->if_contains("event"),
                     object->if_contains("payload")};
    }
    const auto* array = whole.if_array();
    if (array == nullptr || array->size() != 5) return malformed("2.0.0 has arrays of five");
    return Parts{array->if_contains(0), array->if_contains(1), array->if_contains(2),
                 array->if_contains(3), array->if_contains(4)};
}

void append_reference(std::string& out, const Reference& reference) {
    if (reference) {
        append_json_string(out, *reference);
    } else {
        out += "null";
    }
}

}  // namespace

std::optional<Version> version_of(std::string_view vsn) noexcept {
    if (vsn.empty() || vsn == "1.0.0") return Version::v1;
    if (vsn == "2.0.0") return Version::v2;
    return std::nullopt;
}

Result<Inbound> parse_text(Version version, std::string_view text) {
    TENANTRY_TRY(whole, schema::read_json(text));
    TENANTRY_TRY(parts, parts_of(version, whole));
    if (!is_text(parts.topic, topic_bytes_max)) return malformed("the topic is a string");
    if (!is_text(parts.event, event_bytes_max)) return malformed("the event is a string");
    TENANTRY_TRY(join_ref, reference_of(parts.join_ref));
    TENANTRY_TRY(ref, reference_of(parts.ref));
    Inbound message{.join_ref = std::move(join_ref),
                    .ref = std::move(ref),
                    .topic = std::string{parts.topic->get_string()},
                    .event = std::string{parts.event->get_string()}};
    if (parts.payload != nullptr) message.payload = *parts.payload;
    return message;
}

Result<Inbound> parse_binary(std::string_view bytes) {
    constexpr std::size_t head = 7;
    if (bytes.size() < head || bytes[0] != client_broadcast)
        return malformed("binary frames are broadcasts of kind 3");
    const char encoding = bytes[6];
    if (encoding != encoding_bytes && encoding != encoding_json)
        return malformed("the encoding is 0 or 1");
    std::array<std::string_view, 5> fields;
    std::size_t at = head;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const auto size = static_cast<unsigned char>(bytes[i + 1]);
        if (bytes.size() - at < size) return malformed("it ends within its head");
        fields[i] = bytes.substr(at, size);
        at += size;
        if (!is_clean_utf8(fields[i])) return fail(Errc::bad_utf8, "a field is not UTF-8");
    }
    const auto payload = bytes.substr(at);
    if (encoding == encoding_json) TENANTRY_TRY_VOID(schema::read_json(payload));
    const auto reference = [](std::string_view text) {
        return text.empty() ? Reference{} : Reference{text};
    };
    return Inbound{.join_ref = reference(fields[0]),
                   .ref = reference(fields[1]),
                   .topic = std::string{fields[2]},
                   .event = "broadcast",
                   .push = BinaryPush{std::string{fields[3]}, encoding == encoding_json,
                                      std::string{payload}}};
}

void append_message(std::string& out, Version version, const Address& address,
                    std::string_view event, std::string_view payload) {
    if (version == Version::v1) {
        out += R"({"topic":)";
        append_json_string(out, address.topic);
        out += R"(,"event":)";
        append_json_string(out, event);
        (out += R"(,"payload":)") += payload;
        out += R"(,"ref":)";
        append_reference(out, address.ref);
        out += R"(,"join_ref":)";
        append_reference(out, address.join_ref);
        out += '}';
        return;
    }
    out += '[';
    append_reference(out, address.join_ref);
    out += ',';
    append_reference(out, address.ref);
    out += ',';
    append_json_string(out, address.topic);
    out += ',';
    append_json_string(out, event);
    ((out += ',') += payload) += ']';
}

Envelope envelope_of(Version version, std::string_view topic, std::string_view event) {
    const Reference none;
    std::string whole;
    append_message(whole, version, {none, none, topic}, event, "");
    // The payload stands at the end, or before the two refs.
    const std::string_view after = version == Version::v1 ? R"(,"ref":null,"join_ref":null})" : "]";
    Envelope envelope{.before = whole, .after = std::string{after}};
    envelope.before.resize(whole.size() - after.size());
    return envelope;
}

void append_reply(std::string& out, Version version, const Address& address,
                  std::string_view status, std::string_view response) {
    std::string payload = R"({"status":")";
    ((payload += status) += R"(","response":)") += response;
    payload += '}';
    append_message(out, version, address, "phx_reply", payload);
}

std::string broadcast_payload(std::string_view event, std::string_view payload) {
    std::string out = R"({"type":"broadcast","event":)";
    append_json_string(out, event);
    return ((out += R"(,"payload":)") += payload) += '}';
}

std::string binary_broadcast(std::string_view topic, std::string_view event,
                             std::string_view payload) {
    std::string out;
    out.reserve(5 + topic.size() + event.size() + payload.size());
    out += server_broadcast;
    out += static_cast<char>(topic.size());
    out += static_cast<char>(event.size());
    out += '\0';  // no metadata
    out += encoding_bytes;
    return ((out += topic) += event) += payload;
}

}  // namespace tenantry::http::realtime
