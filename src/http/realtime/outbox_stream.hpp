#pragma once
/// What Beast's WebSocket stream takes for the socket. Reading goes to the socket, after what had
/// been received with the request; what Beast writes (its answer to the handshake, pongs, the
/// answer to a close: each in one piece) goes to the outbox.
///
/// So there is one writer a socket, and a control frame stands between two messages, never within
/// one. The messages themselves don't pass through Beast, which would take a system call for each.

#include "http/socket.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/role.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace tenantry::http::realtime {

/// Whoever owns the outbox.
class ControlSink {
public:
    virtual ~ControlSink() = default;
    /// False if the client leaves too much of it lying.
    virtual bool take_control(std::string_view bytes) = 0;
    virtual void note_received() = 0;
};

class OutboxStream {
public:
    using executor_type = Socket::executor_type;
    using ErrorCode = boost::system::error_code;

    /// Both outlive it.
    OutboxStream(Socket& socket, ControlSink& sink, std::string received)
        : socket_{socket}, sink_{sink}, received_{std::move(received)} {}

    executor_type get_executor() { return socket_.get_executor(); }

    // async_initiate takes tokens by reference.
    // NOLINTBEGIN(cppcoreguidelines-missing-std-forward)
    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token) {
        return boost::asio::async_initiate<Token, void(ErrorCode, std::size_t)>(
            [this](auto handler, const Buffers& into) {
                sink_.note_received();
                if (received_.empty()) {
                    socket_.async_read_some(into, std::move(handler));
                    return;
                }
                const auto bytes = boost::asio::buffer_copy(into, boost::asio::buffer(received_));
                received_.erase(0, bytes);
                complete(std::move(handler), ErrorCode{}, bytes);
            },
            token, buffers);
    }

    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token) {
        return boost::asio::async_initiate<Token, void(ErrorCode, std::size_t)>(
            [this](auto handler, const Buffers& from) {
                const auto bytes = boost::beast::buffers_to_string(from);
                ErrorCode error;
                if (!sink_.take_control(bytes)) error = boost::asio::error::no_buffer_space;
                complete(std::move(handler), error, error ? 0 : bytes.size());
            },
            token, buffers);
    }
    // NOLINTEND(cppcoreguidelines-missing-std-forward)

    /// The owner ends the connection when all has been sent.
    template <class Handler>
    friend void async_teardown(boost::beast::role_type, OutboxStream& stream, Handler&& handler) {
        boost::asio::post(
            stream.get_executor(),
            [handler = std::forward<Handler>(handler)]() mutable { handler(ErrorCode{}); });
    }
    friend void beast_close_socket(OutboxStream& stream) {
        ErrorCode ignored;
        stream.socket_.close(ignored);
    }

private:
    template <class Handler>
    void complete(Handler handler, ErrorCode error, std::size_t bytes) {
        boost::asio::post(socket_.get_executor(), [handler = std::move(handler), error,
                                                   bytes]() mutable { handler(error, bytes); });
    }

    Socket& socket_;
    ControlSink& sink_;
    std::string received_;
};

}  // namespace tenantry::http::realtime
