#include "http_client.hpp"

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <charconv>

namespace tenantry::webhooks {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::awaitable;
using asio::ip::tcp;
using services::WebhookUrl;
using ErrorCode = boost::system::error_code;

constexpr auto token = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t header_bytes_max = 16UL * 1024;
constexpr std::uint64_t body_bytes_max = 64UL * 1024;
constexpr std::chrono::hours retry_after_max{1};

Error failed(std::string why) { return fail(Errc::webhook_failed, std::move(why)); }

Error failed(std::string_view what, const ErrorCode& error) {
    if (error == beast::error::timeout) return failed(fmt::format("{}: it took too long", what));
    return failed(fmt::format("{}: {}", what, error.message()));
}

/// Those that may be connected to. The addresses are the ones that are used then, so a name can't
/// lead somewhere else meanwhile.
Result<std::vector<tcp::endpoint>> permitted(const tcp::resolver::results_type& found,
                                             services::PrivateAddresses policy) {
    std::vector<tcp::endpoint> out;
    for (const auto& entry : found) {
        const auto endpoint = entry.endpoint();
        if (policy == services::PrivateAddresses::allowed ||
            services::is_public_address(endpoint.address().to_string()))
            out.push_back(endpoint);
    }
    if (out.empty()) return failed("the host has no public address");
    return out;
}

bool is_address(const std::string& host) {
    ErrorCode error;
    static_cast<void>(asio::ip::make_address(host, error));
    return !error;
}

std::optional<std::chrono::seconds> retry_after(std::string_view text) {
    std::int64_t seconds = 0;
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, seconds);
    if (error != std::errc{} || stopped != end || seconds < 0) return std::nullopt;
    return std::min<std::chrono::seconds>(std::chrono::seconds{seconds}, retry_after_max);
}

using Request = http::request<http::string_body>;

template <class Stream>
awaitable<Result<PostAnswer>> exchange(Stream& stream, const Request& request) {
    const auto [unsent, sent] = co_await http::async_write(stream, request, token);
    if (unsent) co_return failed("the connection broke while it was sent", unsent);
    beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.header_limit(header_bytes_max);
    parser.body_limit(body_bytes_max);
    const auto [unread, read] = co_await http::async_read_header(stream, buffer, parser, token);
    if (unread) co_return failed("there was no answer", unread);
    PostAnswer answer{parser.get().result_int(),
                      retry_after(parser.get()[http::field::retry_after])};
    // The rest is of no interest, but a server that is cut off while it answers may take the
    // message for failed.
    static_cast<void>(co_await http::async_read(stream, buffer, parser, token));
    co_return answer;
}

awaitable<Result<PostAnswer>> exchange_by_tls(beast::tcp_stream& tcp, asio::ssl::context& context,
                                              const WebhookUrl& url, const Request& request) {
    asio::ssl::stream<beast::tcp_stream&> stream{tcp, context};
    auto name = url.host;  // OpenSSL's macro for this has a cast in the style of C
    const bool named =
        is_address(name) || SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME,
                                     TLSEXT_NAMETYPE_host_name, name.data()) == 1;
    if (!named) co_return failed("TLS refuses the host's name");
    stream.set_verify_callback(asio::ssl::host_name_verification{url.host});
    const auto [error] = co_await stream.async_handshake(asio::ssl::stream_base::client, token);
    if (error) co_return failed("no TLS connection could be made", error);
    co_return co_await exchange(stream, request);
}

Request make_request(const WebhookUrl& url, const HttpClient::Headers& headers, std::string body) {
    Request request{http::verb::post, url.target, 11};
    request.set(http::field::host, url.authority());
    request.set(http::field::user_agent, "Tenantry");
    request.set(http::field::content_type, "application/json");
    request.set(http::field::connection, "close");
    for (const auto& [name, value] : headers) request.set(name, value);
    request.body() = std::move(body);
    request.prepare_payload();
    return request;
}

}  // namespace

/// Known to `stop` for as long as it lives.
class HttpClient::Registration {
public:
    Registration(HttpClient& of, const std::shared_ptr<Stream>& stream) : of_{of} {
        const std::lock_guard lock{of_.mutex_};
        at_ = of_.streams_.insert(of_.streams_.end(), stream);
    }
    ~Registration() {
        const std::lock_guard lock{of_.mutex_};
        of_.streams_.erase(at_);
    }
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;

private:
    HttpClient& of_;
    Streams::iterator at_;
};

HttpClient::HttpClient(services::PrivateAddresses policy, std::chrono::milliseconds timeout)
    : policy_{policy}, timeout_{timeout}, tls_{asio::ssl::context::tls_client} {
    tls_.set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1);
    tls_.set_default_verify_paths();
    tls_.set_verify_mode(asio::ssl::verify_peer);
}

awaitable<Result<PostAnswer>> HttpClient::post(WebhookUrl url, Headers headers, std::string body) {
    const auto executor = co_await asio::this_coro::executor;
    const auto request = make_request(url, headers, std::move(body));
    tcp::resolver resolver{executor};
    const auto [unknown, found] =
        co_await resolver.async_resolve(url.host, std::to_string(url.port), token);
    if (unknown) co_return failed("the host was not found", unknown);
    const auto endpoints = permitted(found, policy_);
    if (!endpoints) co_return endpoints.error();

    const auto stream = std::make_shared<Stream>(executor);
    const Registration registration{*this, stream};
    if (stopped()) co_return fail(Errc::shutting_down, "the server is shutting down");
    stream->expires_after(timeout_);
    const auto [refused, endpoint] = co_await stream->async_connect(*endpoints, token);
    if (refused) co_return failed("no connection could be made", refused);
    if (url.tls) co_return co_await exchange_by_tls(*stream, tls_, url, request);
    co_return co_await exchange(*stream, request);
}

bool HttpClient::stopped() {
    const std::lock_guard lock{mutex_};
    return stopped_;
}

void HttpClient::stop() {
    const std::lock_guard lock{mutex_};
    stopped_ = true;
    for (const auto& weak : streams_) {
        if (const auto stream = weak.lock())
            asio::post(stream->get_executor(), [stream] { stream->close(); });
    }
}

}  // namespace tenantry::webhooks
