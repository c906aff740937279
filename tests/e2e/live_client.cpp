#include "live_client.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <fmt/format.h>

#include <map>
#include <stdexcept>

namespace tenantry::e2e {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace json = boost::json;
using ErrorCode = boost::system::error_code;

constexpr std::chrono::seconds patience{60};

}  // namespace

struct LiveClient::Impl {
    asio::io_context context{};
    beast::websocket::stream<asio::ip::tcp::socket> stream{context};
    beast::flat_buffer buffer{};
    int last_ref = 0;
    std::string awaited{};  // for the report of what didn't come
    std::string last{};
    std::map<std::string, std::string, std::less<>> join_refs{};  // by channel

    /// Runs what was begun, and gives its outcome.
    ErrorCode finish(const std::optional<ErrorCode>& outcome) {
        context.restart();
        const auto until = std::chrono::steady_clock::now() + patience;
        while (!outcome && context.run_one_until(until) > 0) {
        }
        if (!outcome) {
            throw std::runtime_error{fmt::format(
                "the server has sent nothing for a minute; {} was awaited last, after {}", awaited,
                last)};
        }
        return *outcome;
    }

    void write(std::string_view bytes) {
        std::optional<ErrorCode> outcome;
        stream.async_write(asio::buffer(bytes.data(), bytes.size()),
                           [&](ErrorCode error, std::size_t) { outcome = error; });
        finish(outcome);  // what became of it, reading tells
    }
};

LiveClient::LiveClient(std::uint16_t port, std::string_view apikey, std::string_view version)
    : impl_{std::make_unique<Impl>()} {
    auto& stream = impl_->stream;
    stream.next_layer().connect({asio::ip::address_v4::loopback(), port});
    stream.next_layer().set_option(asio::ip::tcp::no_delay{true});
    stream.read_message_max(64UL * 1024 * 1024);
    stream.handshake("test", fmt::format("/realtime/v1/websocket?apikey={}&vsn={}&log_level=info",
                                         apikey, version));
}

LiveClient::LiveClient(LiveClient&& other) noexcept = default;
LiveClient::~LiveClient() = default;

void LiveClient::send(std::string_view text) {
    impl_->stream.text(true);
    impl_->write(text);
}

void LiveClient::send_binary(std::string_view bytes) {
    impl_->stream.binary(true);
    impl_->write(bytes);
}

std::optional<std::string> LiveClient::next() {
    std::optional<ErrorCode> outcome;
    impl_->stream.async_read(impl_->buffer, [&](ErrorCode error, std::size_t) { outcome = error; });
    if (impl_->finish(outcome)) return std::nullopt;
    auto message = beast::buffers_to_string(impl_->buffer.data());
    impl_->buffer.clear();
    return message;
}

unsigned LiveClient::close_code() {
    while (next()) {
    }
    return impl_->stream.reason().code;
}

std::string LiveClient::close_reason() {
    const auto& reason = impl_->stream.reason().reason;
    return {reason.data(), reason.size()};
}

void LiveClient::push(std::string_view channel, std::string_view event, std::string_view payload) {
    const auto ref = fmt::to_string(++impl_->last_ref);
    auto& join_ref = impl_->join_refs[std::string{channel}];
    if (event == "phx_join") join_ref = ref;
    send(fmt::format(R"(["{}","{}","realtime:{}","{}",{}])", join_ref, ref, channel, event,
                     payload));
}

json::value LiveClient::join(std::string_view channel, std::string_view config,
                             std::string_view more) {
    push(channel, "phx_join", fmt::format(R"({{"config":{}{}}})", config, more));
    return next_of("phx_reply");
}

void LiveClient::follow(std::string_view channel, std::string_view more) {
    const auto reply = join(
        channel,
        R"({"postgres_changes":[{"event":"*","schema":"public","table":"leads"}],"presence":{"enabled":false}})",
        more);
    if (reply.at("status") != "ok") throw std::runtime_error{"the join was refused"};
    if (next_of("system").at("status") != "ok") throw std::runtime_error{"no changes will come"};
}

json::value LiveClient::next_of(std::string_view event) {
    impl_->awaited = event;
    while (const auto message = next()) {
        impl_->last = *message;
        const auto array = json::parse(*message).as_array();
        if (array.at(3) == json::value(event)) return array.at(4);
    }
    return nullptr;
}

std::vector<std::string> LiveClient::until_now() {
    const auto ref = fmt::format("now-{}", ++impl_->last_ref);
    send(fmt::format(R"([null,"{}","phoenix","heartbeat",{{}}])", ref));
    std::vector<std::string> all;
    while (auto message = next()) {
        if (message->find(ref) != std::string::npos) break;
        all.push_back(std::move(*message));
    }
    return all;
}

}  // namespace tenantry::e2e
