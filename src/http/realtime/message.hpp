#pragma once
/// The two serializers of Phoenix channels, as @supabase/realtime-js speaks them. Threads: pure
/// functions.
///
///   1.0.0   {"topic":…,"event":…,"payload":…,"ref":…,"join_ref":…}
///   2.0.0   [join_ref, ref, topic, event, payload]
///
/// and, in 2.0.0, two kinds of binary frames for broadcasts. The client's:
///
///   3 | sizes of join_ref, ref, topic, event, metadata | encoding | these five | payload
///
/// and the server's:
///
///   4 | sizes of topic, event, metadata | encoding | these three | payload
///
/// where sizes and the encoding (0 bytes, 1 JSON) are a byte each.

#include "base/error.hpp"

#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace tenantry::http::realtime {

enum class Version { v1, v2 };

/// nullopt if it is neither. Absent is 1.0.0.
std::optional<Version> version_of(std::string_view vsn) noexcept;

/// What a client broadcasts in a binary frame.
struct BinaryPush {
    std::string event;
    bool is_json = false;
    std::string payload;  // JSON text that was checked, or any bytes
};

struct Inbound {
    std::optional<std::string> join_ref{};
    std::optional<std::string> ref{};
    std::string topic{};
    std::string event{};
    boost::json::value payload{};      // null with `push`
    std::optional<BinaryPush> push{};  // of a binary frame; the event is `broadcast` then
};

inline constexpr std::size_t topic_bytes_max = 512;
inline constexpr std::size_t event_bytes_max = 255;

/// Errors: bad_json; bad_request for JSON of another form.
Result<Inbound> parse_text(Version version, std::string_view text);
/// Errors: bad_request, bad_utf8, bad_json.
Result<Inbound> parse_binary(std::string_view bytes);

/// Where an answer belongs.
struct Address {
    const std::optional<std::string>& join_ref;
    const std::optional<std::string>& ref;
    std::string_view topic;
};

/// Appends a message; `payload` is JSON text.
void append_message(std::string& out, Version version, const Address& address,
                    std::string_view event, std::string_view payload);
/// What stands before and after the payload of a message that answers nothing.
struct Envelope {
    std::string before;
    std::string after;
};
Envelope envelope_of(Version version, std::string_view topic, std::string_view event);

/// `{"status":"ok","response":…}` as `phx_reply`.
void append_reply(std::string& out, Version version, const Address& address,
                  std::string_view status, std::string_view response);

/// What a broadcast carries in text; `payload` is JSON text.
std::string broadcast_payload(std::string_view event, std::string_view payload);

/// The server's binary frame; `topic` and `event` have at most 255 bytes.
std::string binary_broadcast(std::string_view topic, std::string_view event,
                             std::string_view payload);

}  // namespace tenantry::http::realtime
