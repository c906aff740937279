#pragma once
/// One answer, and its bytes on the wire. Threads: values.

#include "http/body_source.hpp"
#include "http/upgrade.hpp"

#include <boost/beast/http/status.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tenantry::http {

using Status = boost::beast::http::status;

/// Why a request was refused: what `body` says, for who wants it in another form.
struct Refused {
    std::string sentence;
    std::string_view code;  // of static duration
    std::string field;      // empty: none
};

struct Response {
    Status status = Status::ok;
    std::string body{};     // empty: none
    std::string headers{};  // complete lines beside those that every answer has; see add_header
    bool close = false;     // the connection is not used any further
    std::string_view content_type = "application/json";  // this and the next: of static duration
    std::string_view cache_control = "no-store";
    std::optional<Refused> refused{};
    std::unique_ptr<BodySource> stream{};  // makes the body, instead of `body`
    std::unique_ptr<Upgrade> upgrade{};    // takes the connection over, and answers itself
    std::string id{};                      // x-request-id; empty: none
    std::size_t on_behalf = 0;             // a hash of the tenant, for taking turns; 0 without one
};

/// `value` must be free of line breaks: it is one of ours.
void add_header(Response& response, std::string_view name, std::string_view value);

/// How a body without a known length is marked off: in chunks, or for HTTP/1.0, which has none, by
/// the end of the connection.
enum class Delimiting { chunks, close };

/// What the connection adds to an answer.
struct Framing {
    std::string_view date;  // IMF-fixdate, RFC 9110 §5.6.7
    bool head = false;      // answers HEAD: as GET would, without the body
    bool keep_alive = true;
    bool say_keep_alive = false;  // HTTP/1.0 has to be told
    Delimiting stream = Delimiting::chunks;
};

/// Appends the answer as HTTP/1.1 (RFC 9112); of one that streams, what stands before the body.
void append_response(std::string& out, const Response& response, const Framing& framing);
/// Appends a piece of a stream's body, which may be empty; `last` if none follows.
void append_piece(std::string& out, std::string_view piece, bool last, Delimiting delimiting);

}  // namespace tenantry::http
