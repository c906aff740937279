#pragma once
/// One answer, and its bytes on the wire. Threads: values.

#include <boost/beast/http/status.hpp>

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
};

/// `value` must be free of line breaks: it is one of ours.
void add_header(Response& response, std::string_view name, std::string_view value);

/// What the connection adds to an answer.
struct Framing {
    std::string_view date;  // IMF-fixdate, RFC 9110 §5.6.7
    bool head = false;      // answers HEAD: as GET would, without the body
    bool keep_alive = true;
    bool say_keep_alive = false;  // HTTP/1.0 has to be told
};

/// Appends the answer as HTTP/1.1 (RFC 9112).
void append_response(std::string& out, const Response& response, const Framing& framing);

}  // namespace tenantry::http
