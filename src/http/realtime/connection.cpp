#include "connection.hpp"

#include "frame.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <array>
#include <tuple>

namespace tenantry::http::realtime {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using ErrorCode = boost::system::error_code;

constexpr auto tuple_awaitable = asio::as_tuple(asio::use_awaitable);

constexpr std::uint16_t going_away = 1001;
constexpr std::uint16_t policy_violation = 1008;
constexpr std::uint16_t internal_error_code = 1011;

/// Besides a payload: the envelope, and escapes within it.
constexpr std::size_t message_overhead = 64UL * 1024;
constexpr std::size_t kept_bytes_max = 16UL * 1024;
/// Pongs that a client leaves lying.
constexpr std::size_t control_bytes_max = 64UL * 1024;

}  // namespace

void Channel::deliver(const Message& message) {
    if (open) connection_.deliver(message);
}

void Channel::end() {
    open = false;
    membership.reset();
    if (follower) follower->cancel();
}

Connection::Connection(App& app, Admitted admitted)
    : app_{app},
      realtime_{*app.realtime},
      limits_{realtime_.limits()},
      admitted_{std::move(admitted)},
      outbox_{limits_.outbox_bytes_max, realtime_.hub().budget(admitted_.tenant.text())},
      rate_{limits_.events_per_second} {
    ++realtime_.hub().counts().sockets;
}

Connection::~Connection() { --realtime_.hub().counts().sockets; }

asio::awaitable<void> Connection::run(Socket socket, std::string received, bool draining) {
    socket_.emplace(std::move(socket));
    auto& context = socket_->get_executor().context();
    home_ = realtime_.hub().home(context);
    room_.emplace(context.get_executor(), SteadyTime::max());
    finished_.emplace(context.get_executor(), SteadyTime::max());
    received_at_ = progress_at_ = now();
    stream_ =
        std::make_unique<Stream>(*socket_, static_cast<ControlSink&>(*this), std::move(received));
    if (co_await shake_hands()) {
        open_ = true;
        if (draining) {
            go_away();
        } else {
            spawn(watch());
        }
        co_await read_messages();
    }
    co_await finish();
}

/// The request has been read already: what Beast looks at in it is given once more.
asio::awaitable<bool> Connection::shake_hands() {
    namespace wire = beast::http;
    wire::request<wire::empty_body> request{wire::verb::get, "/", 11};
    request.set(wire::field::host, "-");
    request.set(wire::field::connection, "upgrade");
    request.set(wire::field::upgrade, "websocket");
    request.set(wire::field::sec_websocket_version, "13");
    request.set(wire::field::sec_websocket_key, admitted_.key);
    stream_->set_option(
        websocket::stream_base::decorator([id = admitted_.id](websocket::response_type& response) {
            response.erase(wire::field::server);
            if (!id.empty()) response.set("x-request-id", id);
        }));
    stream_->read_message_max(limits_.payload_bytes_max + message_overhead);
    const auto [error] = co_await stream_->async_accept(request, tuple_awaitable);
    co_return !error;
}

asio::awaitable<void> Connection::read_messages() {
    beast::flat_buffer buffer;
    while (!broken_) {
        const auto [error, bytes] = co_await stream_->async_read(buffer, tuple_awaitable);
        if (error) co_return;
        const auto data = buffer.cdata();
        // What comes after the server has ended its side is only read to its end.
        if (!closing_) {
            co_await receive({static_cast<const char*>(data.data()), data.size()},
                             stream_->got_text());
        }
        buffer.clear();
        if (buffer.capacity() > kept_bytes_max) buffer.shrink_to_fit();
        // A client that doesn't take its answers isn't asked for more.
        while (!outbox_.below_bound() && !closing_) co_await wait_for_room();
        waits_for_room_.reset();
    }
}

/// Nothing of it goes on afterwards.
asio::awaitable<void> Connection::finish() {
    if (!closing_) {
        closing_ = true;
        close_by_ = now() + limits_.close_timeout;
    }
    end_channels();
    flush();
    while (tasks_ > 0) co_await finished_->async_wait(tuple_awaitable);
    // A socket that is closed with bytes unread resets the connection, perhaps before the client
    // has seen why.
    std::array<char, kept_bytes_max> unread;
    ErrorCode error;
    while (!broken_ && !error) {
        std::tie(error, std::ignore) =
            co_await socket_->async_read_some(asio::buffer(unread), tuple_awaitable);
    }
    socket_->close(error);
}

void Connection::spawn(asio::awaitable<void> work) {
    ++tasks_;
    asio::co_spawn(socket_->get_executor(), std::move(work),
                   [this](const std::exception_ptr& thrown) { note_end(thrown); });
}

void Connection::note_end(const std::exception_ptr& thrown) {
    --tasks_;
    if (thrown) {
        try {
            std::rethrow_exception(thrown);
        } catch (const std::exception& fault) {
            app_.observer.observe(SessionFaulted{fault.what()});
        } catch (...) {
            app_.observer.observe(SessionFaulted{"an exception of an unknown type"});
        }
        close(internal_error_code, "something went wrong on the server");
    }
    if (tasks_ == 0) finished_->cancel();
}

bool Connection::take_control(std::string_view bytes) {
    if (closing_) return true;  // the server has said its last word
    if (outbox_.bytes() > limits_.outbox_bytes_max + control_bytes_max) return false;
    outbox_.force(bytes);
    schedule_flush();
    return true;
}

void Connection::note_received() { received_at_ = now(); }

/// All that is ready in this turn of the thread goes out at once.
void Connection::schedule_flush() {
    if (flush_posted_ || writing_) return;
    flush_posted_ = true;
    ++tasks_;
    asio::post(socket_->get_executor(), [this] {
        flush_posted_ = false;
        flush();
        note_end(nullptr);
    });
}

void Connection::flush() {
    if (writing_ || broken_) return;
    if (outbox_.empty()) progress_at_ = now();
    for (auto rest = outbox_.next(); !rest.empty(); rest = outbox_.next()) {
        ErrorCode error;
        const auto bytes = socket_->write_some(asio::buffer(rest.data(), rest.size()), error);
        outbox_.sent(bytes);
        if (bytes > 0) progress_at_ = now();
        if (error == asio::error::would_block || error == asio::error::try_again) {
            writing_ = true;
            ++tasks_;
            socket_->async_wait(asio::socket_base::wait_write, [this](const ErrorCode& failed) {
                writing_ = false;
                broken_ = broken_ || failed.failed();
                flush();
                note_end(nullptr);
            });
            break;
        }
        if (error) {
            cut_off();
            return;
        }
    }
    if (waits_for_room_) room_->cancel();
    if (closing_ && outbox_.empty()) {
        ErrorCode ignored;
        socket_->shutdown(asio::socket_base::shutdown_send, ignored);
    }
}

asio::awaitable<void> Connection::wait_for_room() {
    if (!waits_for_room_) waits_for_room_ = now();
    schedule_flush();
    co_await room_->async_wait(tuple_awaitable);
}

void Connection::deliver(const Message& message) {
    const auto& frame = message.frames.at(static_cast<std::size_t>(admitted_.version));
    if (closing_ || frame.empty()) return;
    if (outbox_.push(frame)) {
        schedule_flush();
    } else if (!outbox_.below_bound()) {
        cut_slow("this client takes messages more slowly than they come");
    }
}

void Connection::close(std::uint16_t code, std::string_view reason) {
    if (closing_) return;
    if (!open_) {
        cut_off();
        return;
    }
    outbox_.force(close_frame(code, reason));
    closing_ = true;
    close_by_ = now() + limits_.close_timeout;
    end_channels();
    schedule_flush();
}

/// What has not begun to be sent makes room for the reason, which a client that reads on finds.
void Connection::cut_slow(std::string_view why) {
    if (closing_) return;
    ++realtime_.hub().counts().too_slow;
    outbox_.drop_waiting();
    for (const auto& [topic, channel] : channels_)
        tell(*channel,
             {.extension = "system", .status = "error", .message = why, .code = "too_slow"});
    close(policy_violation, why);
}

void Connection::end_channels() {
    auto channels = std::move(channels_);
    channels_.clear();
    for (const auto& [topic, channel] : channels) channel->end();
    if (watcher_) watcher_->cancel();
    room_->cancel();
}

void Connection::go_away() { close(going_away, "the server is shutting down; connect again"); }

void Connection::cut_off() {
    broken_ = true;
    closing_ = true;
    if (!socket_) return;
    end_channels();
    ErrorCode ignored;
    if (!outbox_.empty()) socket_->set_option(asio::socket_base::linger{true, 0}, ignored);
    socket_->close(ignored);
}

void Connection::check_deadline(SteadyTime now) {
    if (!socket_ || broken_) return;
    if (closing_) {
        if (now >= close_by_) cut_off();
        return;
    }
    const bool stuck = writing_ && now - progress_at_ > limits_.write_timeout;
    const bool full =
        waits_for_room_ && !outbox_.empty() && now - *waits_for_room_ > limits_.write_timeout;
    if (stuck || full) {
        cut_slow("this client has not taken what was sent to it for too long");
    } else if (now - received_at_ > limits_.idle_timeout) {
        close(policy_violation, "nothing has come from this client for too long");
    } else {
        check_expiry();
        // Room may have come about at other clients of the tenant.
        if (waits_for_room_) room_->cancel();
    }
}

}  // namespace tenantry::http::realtime
