// Around Beast's parser, which takes bytes as they come and calls back for each part it has read.
// Three things about it shape this file (Boost 1.81):
//
// - It consumes a header field by field and limits each, not their sum; so the sum is kept here.
// - It unfolds folded fields into a buffer of its own; a value that lies outside of the input is
//   how folding is noticed, and refused.
// - Fed three or four bytes of a `0\r\n\r\n` that is all of a chunked body, it fails an assertion.
//   Nothing shorter than those five can end a chunked body, so it isn't fed less.

#include "http/request_reader.hpp"

#include "base/text.hpp"
#include "http/spool.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <limits>
#include <optional>

namespace tenantry::http {
namespace {

namespace beast = boost::beast;
namespace wire = boost::beast::http;
using wire::field;
using ErrorCode = beast::error_code;
using Refusal = RequestReader::Refusal;

constexpr std::size_t chunked_end_bytes = 5;
constexpr std::size_t body_reserve_max = 64UL * 1024;

Method method_of(wire::verb verb) {
    switch (verb) {
    case wire::verb::get: return Method::get;
    case wire::verb::head: return Method::head;
    case wire::verb::post: return Method::post;
    case wire::verb::put: return Method::put;
    case wire::verb::patch: return Method::patch;
    case wire::verb::delete_: return Method::delete_;
    case wire::verb::options: return Method::options;
    default: return Method::other;
    }
}

Refusal malformed(std::string_view what) {
    return {Status::bad_request,
            fail(Errc::bad_request, fmt::format("this is not well-formed HTTP/1.1: {}", what))};
}
Refusal header_too_large(const Limits& limits) {
    return {Status::request_header_fields_too_large,
            fail(Errc::headers_too_large,
                 fmt::format("the request line and headers have more than {} bytes",
                             limits.header_bytes_max))};
}
Refusal body_too_large(std::size_t bytes_max) {
    return {Status::payload_too_large,
            fail(Errc::body_too_large, fmt::format("the body has more than {} bytes", bytes_max))};
}
Refusal target_too_long(const Limits& limits) {
    return {Status::uri_too_long,
            fail(Errc::headers_too_large, fmt::format("the request target has more than {} bytes",
                                                      limits.target_bytes_max))};
}

Refusal refusal_of(const ErrorCode& error, const Limits& limits, std::size_t body_bytes_max) {
    if (error == wire::error::header_limit) return header_too_large(limits);
    if (error == wire::error::body_limit) return body_too_large(body_bytes_max);
    if (error == wire::error::bad_version) {
        return malformed("a request line reads `METHOD target HTTP/1.1`, or 1.0");
    }
    return malformed(error.message());
}

bool is_number(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

/// Beast's parser with what this server makes of the parts, for one request after the other.
class RequestReader::Parser {
public:
    Parser(const Limits& limits, TakesFile chooser) : limits_{limits}, takes_file_{chooser} {
        restart();
    }

    void restart() {
        request.clear();
        refusal.reset();
        expects_continue = false;
        takes_file = false;
        header_bytes_ = 0;
        head_told_ = false;
        grammar_.emplace(*this);
    }

    Step feed(std::string_view input) {
        if (refusal) return {State::refused, 0};
        std::size_t used = 0;
        while (true) {
            const auto rest = input.substr(used);
            if (rest.size() < least_input()) return starve(used, rest.size());
            input_ = rest;
            ErrorCode error;
            const auto taken =
                grammar_->put(boost::asio::const_buffer{rest.data(), rest.size()}, error);
            used += taken;
            if (!refusal) note(error, taken);
            if (refusal) return {State::refused, used};
            if (error == wire::error::need_more) return starve(used, rest.size() - taken);
            if (grammar_->is_done()) return {State::complete, used};
            if (grammar_->is_header_done() && !head_told_) {
                head_told_ = true;
                // Nothing has to be said of a head whose body is here already.
                if (!has_whole_body(input.size() - used)) return {State::head, used};
            }
        }
    }

    bool started() const { return grammar_->got_some(); }
    bool keep_alive() const { return grammar_->keep_alive(); }

    Request request;
    std::optional<Refusal> refusal;
    bool expects_continue = false;
    bool takes_file = false;
    bool http_1_0 = false;

private:
    class Grammar final : public wire::basic_parser<true> {
    public:
        explicit Grammar(Parser& parser) : parser_{parser} {
            constexpr std::size_t largest = std::numeric_limits<std::uint32_t>::max();
            header_limit(
                static_cast<std::uint32_t>(std::min(parser.limits_.header_bytes_max, largest)));
            body_limit(parser.limits_.body_bytes_max);
        }

    private:
        void on_request_impl(wire::verb verb, beast::string_view, beast::string_view target,
                             int version, ErrorCode&) override {
            parser_.start(verb, target, version);
        }
        void on_response_impl(int, beast::string_view, int, ErrorCode&) override { std::abort(); }
        void on_field_impl(field name, beast::string_view text, beast::string_view value,
                           ErrorCode& error) override {
            // After the body these are trailers, which nobody here has a use for.
            if (is_header_done()) return;
            parser_.take_field(name, text, value);
            if (parser_.refusal) error = wire::error::bad_field;
        }
        void on_header_impl(ErrorCode& error) override {
            parser_.finish_head(chunked());
            if (parser_.refusal) error = wire::error::bad_field;
        }
        void on_body_init_impl(const boost::optional<std::uint64_t>& length, ErrorCode&) override {
            if (length && !parser_.request.spool)
                parser_.request.body.reserve(std::min<std::uint64_t>(*length, body_reserve_max));
        }
        std::size_t on_body_impl(beast::string_view bytes, ErrorCode&) override {
            parser_.take_body(bytes);
            return bytes.size();
        }
        void on_chunk_header_impl(std::uint64_t, beast::string_view, ErrorCode&) override {}
        std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view bytes,
                                       ErrorCode&) override {
            parser_.take_body(bytes);
            return bytes.size();
        }
        void on_finish_impl(ErrorCode&) override {}

        Parser& parser_;
    };

    bool in_chunked_body() const { return grammar_->is_header_done() && grammar_->chunked(); }
    std::size_t least_input() const { return in_chunked_body() ? chunked_end_bytes : 1; }
    bool has_whole_body(std::size_t available) const {
        const auto length = grammar_->content_length_remaining();
        return length && *length <= available;
    }

    /// A line that goes on and on without an end is refused before the connection's buffer is full.
    Step starve(std::size_t used, std::size_t kept) {
        if (kept < limits_.header_bytes_max) return {State::need_more, used};
        refusal = in_chunked_body() ? malformed("a chunk's header is too long")
                                    : header_too_large(limits_);
        return {State::refused, used};
    }

    void note(const ErrorCode& error, std::size_t taken) {
        if (!head_told_) {
            header_bytes_ += taken;
            if (header_bytes_ > limits_.header_bytes_max) refusal = header_too_large(limits_);
        }
        if (error && error != wire::error::need_more && !refusal)
            refusal = refusal_of(error, limits_,
                                 takes_file ? limits_.import_bytes_max : limits_.body_bytes_max);
    }

    void start(wire::verb verb, std::string_view target, int version) {
        request.method = method_of(verb);
        http_1_0 = version < 11;
        hosts_ = lengths_ = codings_ = authorizations_ = content_types_ = 0;
        if_matches_ = idempotency_keys_ = apikeys_ = 0;
        if (target.size() > limits_.target_bytes_max) {
            refusal = target_too_long(limits_);
            return;
        }
        request.target = target;
        takes_file = takes_file_ != nullptr && takes_file_(request.method, target);
        if (takes_file) grammar_->body_limit(limits_.import_bytes_max);
    }

    void take_body(std::string_view bytes) {
        if (request.spool) {
            request.spool->append(bytes);
        } else {
            request.body += bytes;
        }
    }

    void take_field(field name, std::string_view text, std::string_view value) {
        const auto inside = [&](const char* at) {
            return !std::less<>{}(at, input_.data()) &&
                   !std::less<>{}(input_.data() + input_.size(), at);
        };
        if (!value.empty() && !inside(value.data())) {
            refusal = malformed("a header field goes on in a second line");
            return;
        }
        switch (name) {
        case field::host: ++hosts_; break;
        case field::authorization: take_once(authorizations_, request.authorization, value); break;
        case field::content_type: take_once(content_types_, request.content_type, value); break;
        case field::origin: request.origin = value; break;
        case field::if_match: take_once(if_matches_, request.if_match, value); break;
        case field::accept: append_to_list(request.accept, value); break;
        case field::prefer: append_to_list(request.prefer, value); break;
        case field::range: request.range = value; break;
        case field::if_none_match: append_to_list(request.if_none_match, value); break;
        case field::content_length:
            if (++lengths_ > 1 || !is_number(value)) {
                refusal = malformed("Content-Length must be one number, once");
            } else {
                std::from_chars(value.data(), value.data() + value.size(),
                                request.body_bytes_announced);
            }
            break;
        case field::upgrade:
        case field::connection:
        case field::sec_websocket_key:
        case field::sec_websocket_version: take_wish(name, value); break;
        case field::forwarded:
        case field::via: request.forwarded = true; break;
        case field::transfer_encoding:
            if (++codings_ > 1 || http_1_0 || !equals_ignoring_case(value, "chunked")) {
                refusal = malformed("chunked, once, is the only transfer coding understood");
            }
            break;
        case field::expect: take_expectation(value); break;
        case field::unknown:
            if (equals_ignoring_case(text, "x-tenant-id")) take_tenant(value);
            if (equals_ignoring_case(text, "idempotency-key"))
                take_once(idempotency_keys_, request.idempotency_key, value);
            if (equals_ignoring_case(text, "x-request-id")) request.id = value;
            if (equals_ignoring_case(text, "apikey")) take_once(apikeys_, request.apikey, value);
            if (equals_ignoring_case(text, "last-event-id")) request.last_event_id = value;
            if (equals_ignoring_case(text, "accept-profile")) request.accept_profile = value;
            if (equals_ignoring_case(text, "content-profile")) request.content_profile = value;
            if (equals_ignoring_case(text, "x-supabase-api-version")) request.api_version = value;
            if (equals_ignoring_case(text, "x-forwarded-for"))
                append_to_list(request.forwarded_for, value);
            if (equals_ignoring_case(text.substr(0, 12), "x-forwarded-")) request.forwarded = true;
            break;
        default: break;
        }
    }

    /// Connection alone says nothing of a WebSocket; every client sends it.
    void take_wish(field name, std::string_view value) {
        if (name == field::connection && !names(value, "upgrade")) return;
        auto& wish = request.websocket ? *request.websocket : request.websocket.emplace();
        if (name == field::connection) wish.connection = true;
        if (name == field::upgrade && names(value, "websocket")) wish.upgrade = true;
        if (name == field::sec_websocket_key) wish.key = value;
        if (name == field::sec_websocket_version) wish.version = value;
    }
    /// Whether `word` is in the comma-separated list.
    static bool names(std::string_view list, std::string_view word) {
        while (!list.empty()) {
            const auto comma = std::min(list.find(','), list.size());
            if (equals_ignoring_case(trim(list.substr(0, comma)), word)) return true;
            list.remove_prefix(std::min(comma + 1, list.size()));
        }
        return false;
    }

    void take_once(unsigned& count, std::string& to, std::string_view value) {
        if (++count > 1) {
            refusal = malformed("a header that can stand only once stands twice");
        } else {
            to = value;
        }
    }
    /// A list may go on in another field of the same name (RFC 9110 §5.3).
    static void append_to_list(std::string& list, std::string_view value) {
        if (!list.empty()) list += ", ";
        list += value;
    }
    void take_tenant(std::string_view value) {
        if (request.tenant_selector) {
            refusal = malformed("x-tenant-id stands twice");
        } else {
            request.tenant_selector = value;
        }
    }
    void take_expectation(std::string_view value) {
        if (equals_ignoring_case(value, "100-continue")) {
            expects_continue = !http_1_0;
        } else {
            refusal =
                Refusal{Status::expectation_failed,
                        fail(Errc::bad_request, "100-continue is the only expectation understood")};
        }
    }

    void finish_head(bool chunked) {
        if (hosts_ > 1 || (hosts_ == 0 && !http_1_0)) {
            refusal = malformed("a request has exactly one Host header");
        } else if (lengths_ > 0 && codings_ > 0) {
            refusal = malformed("Content-Length and Transfer-Encoding exclude each other");
        } else if (codings_ > 0 && !chunked) {
            refusal = malformed("the transfer coding can't be understood");
        }
    }

    const Limits& limits_;
    TakesFile takes_file_;
    std::optional<Grammar> grammar_;
    std::string_view input_;
    std::size_t header_bytes_ = 0;
    bool head_told_ = false;
    unsigned hosts_ = 0;
    unsigned lengths_ = 0;
    unsigned codings_ = 0;
    unsigned authorizations_ = 0;
    unsigned content_types_ = 0;
    unsigned if_matches_ = 0;
    unsigned idempotency_keys_ = 0;
    unsigned apikeys_ = 0;
};

RequestReader::RequestReader(const Limits& limits, TakesFile chooser)
    : parser_{std::make_unique<Parser>(limits, chooser)} {}
RequestReader::~RequestReader() = default;

auto RequestReader::feed(std::string_view input) -> Step { return parser_->feed(input); }
void RequestReader::restart() { parser_->restart(); }
bool RequestReader::started() const noexcept { return parser_->started(); }
Request& RequestReader::request() noexcept { return parser_->request; }
auto RequestReader::refusal() const noexcept -> const Refusal& { return *parser_->refusal; }
bool RequestReader::expects_continue() const noexcept { return parser_->expects_continue; }
bool RequestReader::takes_file() const noexcept { return parser_->takes_file; }
bool RequestReader::keep_alive() const noexcept { return parser_->keep_alive(); }
bool RequestReader::is_http_1_0() const noexcept { return parser_->http_1_0; }

}  // namespace tenantry::http
