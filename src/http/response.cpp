#include "http/response.hpp"

#include <charconv>
#include <cstdlib>

namespace tenantry::http {
namespace {

constexpr std::string_view line_end = "\r\n";

void append_number(std::string& out, std::size_t number) {
    char digits[24];
    const auto written = std::to_chars(digits, digits + sizeof digits, number);
    out.append(digits, written.ptr);
}

void append_line(std::string& out, std::string_view name, std::string_view value) {
    out += name;
    out += value;
    out += line_end;
}

void append_status_line(std::string& out, Status status) {
    if (status == Status::ok) {
        out += "HTTP/1.1 200 OK\r\n";
        return;
    }
    out += "HTTP/1.1 ";
    append_number(out, static_cast<unsigned>(status));
    out += ' ';
    out += std::string_view{boost::beast::http::obsolete_reason(status)};
    out += line_end;
}

/// Answers that have no body by definition carry no length either (RFC 9110 §8.6).
bool may_have_body(Status status) {
    return status != Status::no_content && status != Status::not_modified;
}

void append_body_headers(std::string& out, const Response& response, const Framing& framing) {
    if (response.stream || !response.body.empty())
        append_line(out, "content-type: ", response.content_type);
    if (!response.stream) {
        out += "content-length: ";
        append_number(out, response.body.size());
        out += line_end;
    } else if (framing.stream == Delimiting::chunks) {
        out += "transfer-encoding: chunked\r\n";
    }
}

}  // namespace

void add_header(Response& response, std::string_view name, std::string_view value) {
    if (value.find_first_of("\r\n") != std::string_view::npos) std::abort();
    response.headers += name;
    response.headers += ": ";
    response.headers += value;
    response.headers += line_end;
}

void append_response(std::string& out, const Response& response, const Framing& framing) {
    append_status_line(out, response.status);
    if (may_have_body(response.status)) {
        append_body_headers(out, response, framing);
    }
    append_line(out, "cache-control: ", response.cache_control);
    append_line(out, "date: ", framing.date);
    if (!response.id.empty()) append_line(out, "x-request-id: ", response.id);
    if (!framing.keep_alive) {
        out += "connection: close\r\n";
    } else if (framing.say_keep_alive) {
        out += "connection: keep-alive\r\n";
    }
    out += response.headers;
    out += line_end;
    if (!framing.head && may_have_body(response.status)) out += response.body;
}

void append_piece(std::string& out, std::string_view piece, bool last, Delimiting delimiting) {
    if (delimiting == Delimiting::close) {
        out += piece;
        return;
    }
    // An empty chunk would be the last one.
    if (!piece.empty()) {
        char digits[16];
        const auto written = std::to_chars(digits, digits + sizeof digits, piece.size(), 16);
        out.append(digits, written.ptr);
        out += line_end;
        out += piece;
        out += line_end;
    }
    if (last) out += "0\r\n\r\n";
}

}  // namespace tenantry::http
