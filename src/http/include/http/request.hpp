#pragma once
/// One request, as the wire gave it, and its target taken apart. Threads: values.

#include "base/error.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::http {

class Spool;

/// That the connection shall go on as a WebSocket (RFC 6455 §4.2.1).
struct WebSocketWish {
    std::string key{};        // Sec-WebSocket-Key, as sent
    std::string version{};    // Sec-WebSocket-Version
    bool upgrade = false;     // Upgrade names websocket
    bool connection = false;  // and Connection the upgrade
};

enum class Method { get, head, post, put, patch, delete_, options, other };

/// As in a request line; "OTHER" for `other`.
std::string_view name_of(Method method) noexcept;

/// The parts of a request that answers depend on. Owns its bytes. Field values are as sent: not
/// checked for UTF-8, without line breaks and other control characters but tab.
struct Request {
    Method method = Method::other;
    std::string target{};                          // the request line's, as sent
    std::string authorization{};                   // empty if absent
    std::optional<std::string> tenant_selector{};  // x-tenant-id
    std::string content_type{};
    std::string origin{};
    std::string if_match{};
    std::string idempotency_key{};
    std::string accept{};
    std::string if_none_match{};
    std::string last_event_id{};
    std::string apikey{};
    std::string prefer{};
    std::string range{};
    std::string accept_profile{};  // the schema that is meant, of Supabase's clients
    std::string content_profile{};
    std::string api_version{};                 // x-supabase-api-version
    std::string forwarded_for{};               // x-forwarded-for
    std::string remote{};                      // the address of the connection's other end, as text
    std::optional<WebSocketWish> websocket{};  // if any of its headers is there
    std::string id{};                          // x-request-id, as sent
    std::size_t body_bytes_announced = 0;      // Content-Length; 0 without
    bool forwarded = false;                    // a proxy says that it speaks for somebody else
    bool from_loopback = false;                // the connection comes from this machine
    std::string body{};
    std::shared_ptr<Spool> spool{};  // has the body instead, where that goes to disk

    /// Makes it a new one and keeps memory where that is little.
    void clear();
};

/// The token of `Authorization: Bearer …`; empty if there is no such header.
/// Errors: token_invalid for another scheme.
Result<std::string_view> bearer_of(const Request& request);

struct Parameter {
    std::string name;
    std::string value;
};

/// A request's target in origin or absolute form (RFC 9112 §3.2), percent-decoded: a path of
/// segments, and query parameters in their order, where `+` is a space. All of it is clean UTF-8.
struct Target {
    std::vector<std::string> segments{};
    std::vector<Parameter> parameters{};
    bool asterisk = false;  // `*`, for OPTIONS of the whole server

    /// Errors: bad_request (form, escapes), bad_utf8.
    static Result<Target> parse(std::string_view text);

    /// nullptr if there is none of that name, or its value is empty.
    const std::string* find(std::string_view name) const noexcept;
};

}  // namespace tenantry::http
