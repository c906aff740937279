#include "session.hpp"

#include "http/handle.hpp"
#include "http/problem.hpp"
#include "routes.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tenantry::http {
namespace {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;

constexpr std::size_t read_bytes = 4UL * 1024;
constexpr std::size_t read_bytes_within_body = 64UL * 1024;
constexpr std::size_t output_bytes_max = 256UL * 1024;  // before it is sent, whatever may follow
constexpr std::size_t kept_bytes_max = 16UL * 1024;     // of buffers, between requests
constexpr std::size_t free_body_bytes = 64UL * 1024;
constexpr unsigned requests_a_turn = 16;

constexpr auto tuple_awaitable = asio::as_tuple(asio::use_awaitable);

asio::awaitable<Result<void>> store_now(Spool& spool) { co_return spool.store(); }

/// Disks make one wait, and others are served on this thread.
asio::awaitable<Result<void>> store_elsewhere(Transfers& transfers, Spool& spool) {
    return asio::co_spawn(transfers.disk(), store_now(spool), asio::use_awaitable);
}

}  // namespace

asio::awaitable<void> run_session(Socket socket, Worker& worker, Admission admission) {
    Session session{std::move(socket), worker};
    co_await session.run(admission);
}

bool BodyReservation::grow_to(std::size_t bytes) {
    if (bytes <= std::max(held_, free_body_bytes)) return true;
    const auto more = bytes - held_;
    if (shared_.waiting_body_bytes.fetch_add(more) + more > shared_.limits.waiting_body_bytes_max) {
        shared_.waiting_body_bytes -= more;
        return false;
    }
    held_ = bytes;
    return true;
}

void BodyReservation::release() {
    shared_.waiting_body_bytes -= held_;
    held_ = 0;
}

Session::Session(Socket socket, Worker& worker)
    : worker_{worker},
      shared_{worker.shared()},
      socket_{std::move(socket)},
      reader_{shared_.limits, shared_.app.transfers == nullptr ? nullptr : takes_file},
      body_bytes_{shared_},
      input_{shared_.limits.header_bytes_max + read_bytes_within_body} {
    worker_.enter(*this);
}

Session::~Session() {
    worker_.leave(*this);
    --shared_.connections;
}

asio::awaitable<void> Session::run(Admission admission) {
    ErrorCode ignored;
    socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);
    socket_.non_blocking(true, ignored);
    const auto other_end = socket_.remote_endpoint(ignored).address();
    from_loopback_ = other_end.is_loopback();
    remote_ = other_end.to_string();
    if (admission == Admission::one_too_many) {
        refuse(
            Status::service_unavailable,
            fail(Errc::overloaded,
                 "the server has as many connections as it is configured for; try again shortly"));
        co_await send();
    } else {
        co_await serve();
    }
    if (upgrade_ && !broken_) {
        co_await hand_over();
    } else if (!broken_) {
        co_await linger();
    }
}

asio::awaitable<void> Session::serve() {
    while (!closing_ && !broken_) {
        const auto received = co_await receive();
        switch (received) {
        case Received::bytes: co_await answer_what_is_there(); break;
        case Received::end:
            if (!reader_.started()) co_return;
            refuse(Status::bad_request,
                   fail(Errc::bad_request, "the connection ended before the request did"));
            break;
        case Received::late:
            refuse(Status::request_timeout,
                   fail(Errc::deadline_exceeded,
                        fmt::format("the request took longer than {} ms to arrive",
                                    shared_.limits.request_deadline.count())));
            break;
        case Received::failed: broken_ = true; co_return;
        }
        if (!send_at_once()) co_await send();
        tidy();
    }
}

/// Waits for bytes, as long as the phase allows.
auto Session::receive() -> asio::awaitable<Received> {
    if (!reader_.started()) {
        if (worker_.draining()) co_return receive_rest();
        phase_ = Phase::idle;
        deadline_ = std::chrono::steady_clock::now() + shared_.limits.idle_timeout;
    } else {
        phase_ = Phase::reading;
        deadline_ = arrival_deadline();
    }
    const auto [error, bytes] = co_await socket_.async_read_some(space(), tuple_awaitable);
    if (!error) {
        note_arrival(bytes);
        co_return Received::bytes;
    }
    if (error == asio::error::eof) co_return Received::end;
    if (error != asio::error::operation_aborted || cut_) co_return Received::failed;
    if (phase_ == Phase::reading) co_return Received::late;
    co_return worker_.draining() ? receive_rest() : Received::failed;
}

/// A file has long to come in, as long as it does come in.
SteadyTime Session::arrival_deadline() {
    const auto& limits = shared_.limits;
    if (!reader_.request().spool) return began_ + limits.request_deadline;
    return std::min(began_ + limits.import_deadline,
                    std::chrono::steady_clock::now() + limits.request_deadline);
}

/// A shutdown closes idle connections, but not over a request that is here already.
auto Session::receive_rest() -> Received {
    ErrorCode error;
    const auto bytes = socket_.read_some(space(), error);
    if (error) return Received::failed;
    note_arrival(bytes);
    return Received::bytes;
}

void Session::note_arrival(std::size_t bytes) {
    input_.commit(bytes);
    if (!reader_.started()) began_ = std::chrono::steady_clock::now();
}

std::string_view Session::input() const noexcept {
    const auto bytes = input_.cdata();
    return {static_cast<const char*>(bytes.data()), bytes.size()};
}

asio::mutable_buffer Session::space() {
    const auto& request = reader_.request();
    const bool within_body = request.spool || !request.body.empty();
    return input_.prepare(within_body ? read_bytes_within_body : read_bytes);
}

asio::awaitable<void> Session::answer_what_is_there() {
    phase_ = Phase::handling;
    auto began = std::chrono::steady_clock::now();
    auto& turns = worker_.turns();
    if (turns.heavy(on_behalf_, began)) {
        co_await turns.wait(on_behalf_);
        began = std::chrono::steady_clock::now();
    }
    unsigned answered = 0;
    while (!closing_ && !broken_) {
        const auto step = reader_.feed(input());
        input_.consume(step.used);
        switch (step.state) {
        case RequestReader::State::need_more:
            note_use(began);
            co_await hold_body();
            co_return;
        case RequestReader::State::head: co_await judge_head(); break;
        case RequestReader::State::complete:
            co_await answer_request();
            if (++answered % requests_a_turn == 0) {
                note_use(began);
                co_await turns.wait(on_behalf_);
                began = std::chrono::steady_clock::now();
            }
            break;
        case RequestReader::State::refused:
            refuse(reader_.refusal().status, reader_.refusal().error);
            break;
        }
        if (output_.size() >= output_bytes_max) co_await send();
    }
}

/// How long the thread has been at it since `began`, for whoever it was.
void Session::note_use(SteadyTime began) {
    const auto now = std::chrono::steady_clock::now();
    worker_.turns().used(on_behalf_, now - began, now);
}

asio::awaitable<void> Session::answer_request() {
    reader_.request().from_loopback = from_loopback_;
    reader_.request().remote = remote_;
    auto response =
        co_await handle(shared_.app, reader_.request(), began_ + shared_.limits.request_deadline);
    // During a shutdown the last request that is here gets the last answer.
    const bool last = worker_.draining() && input_.size() == 0;
    const bool ends_by_closing = response.stream && delimiting() == Delimiting::close;
    const bool keep_alive = reader_.keep_alive() && !response.close && !last && !ends_by_closing;
    on_behalf_ = response.on_behalf;
    if (response.upgrade) {
        upgrade_ = std::move(response.upgrade);
        closing_ = true;
        co_return;
    }
    append(response, keep_alive);
    closing_ = !keep_alive;
    if (response.stream && reader_.request().method != Method::head)
        co_await stream(*response.stream, delimiting());
    body_bytes_.release();
    reader_.restart();
}

asio::awaitable<void> Session::judge_head() {
    const auto deadline = began_ + shared_.limits.request_deadline;
    auto response = co_await refuse_early(shared_.app, reader_.request(), deadline);
    if (!response && reader_.takes_file())
        response = co_await open_spool(shared_.app, reader_.request(), deadline);
    if (response) {
        append(*response, false);
        closing_ = true;
    } else if (reader_.expects_continue() && input_.size() == 0) {
        output_ += "HTTP/1.1 100 Continue\r\n\r\n";
    }
}

asio::awaitable<void> Session::hold_body() {
    if (const auto& spool = reader_.request().spool) {
        if (!spool->wants_to_store()) co_return;
        const auto stored = co_await store_elsewhere(*shared_.app.transfers, *spool);
        if (!stored) refuse(status_of(stored.error().code), stored.error());
        co_return;
    }
    if (body_bytes_.grow_to(reader_.request().body.capacity())) co_return;
    refuse(Status::service_unavailable,
           fail(Errc::overloaded,
                "the server is taking in as many large bodies as it can; try again shortly"));
}

void Session::refuse(Status status, const Error& error) {
    append(refuse_malformed(shared_.app, reader_.request(), status, error), false);
    closing_ = true;
}

void Session::append(const Response& response, bool keep_alive) {
    append_response(output_, response,
                    Framing{.date = worker_.date(),
                            .head = reader_.request().method == Method::head,
                            .keep_alive = keep_alive,
                            .say_keep_alive = keep_alive && reader_.is_http_1_0(),
                            .stream = delimiting()});
}

Delimiting Session::delimiting() const noexcept {
    return reader_.is_http_1_0() ? Delimiting::close : Delimiting::chunks;
}

/// One piece at a time: the next one is made when the client's system has taken this one.
asio::awaitable<void> Session::stream(BodySource& source, Delimiting delimiting) {
    std::string piece;
    bool more = true;
    while (more && !broken_) {
        piece.clear();
        const auto made = co_await source.next(piece);
        if (!made) {
            co_await break_off(delimiting);
            co_return;
        }
        more = *made;
        append_piece(output_, piece, !more, delimiting);
        co_await send();
    }
}

/// An answer that can't be finished must not look as if it were. Of a chunked one the last chunk is
/// missing; the end of the other is the end of the connection, so that has to be an unclean one.
asio::awaitable<void> Session::break_off(Delimiting delimiting) {
    closing_ = true;
    co_await send();
    if (delimiting == Delimiting::chunks) co_return;
    ErrorCode ignored;
    socket_.set_option(asio::socket_base::linger{true, 0}, ignored);
    socket_.close(ignored);
    broken_ = true;
}

/// The socket's buffer nearly always has room, which saves waiting for it.
bool Session::send_at_once() {
    if (output_.empty() || broken_) return true;
    ErrorCode error;
    sent_ +=
        socket_.write_some(asio::buffer(output_.data() + sent_, output_.size() - sent_), error);
    if (error && error != asio::error::would_block) broken_ = true;
    if (broken_ || sent_ == output_.size()) {
        output_.clear();
        sent_ = 0;
    }
    return output_.empty();
}

asio::awaitable<void> Session::send() {
    phase_ = Phase::writing;
    const auto size_allowance =
        std::chrono::seconds{output_.size() / shared_.limits.least_bytes_per_second};
    deadline_ = std::chrono::steady_clock::now() + shared_.limits.write_timeout + size_allowance;
    while (!broken_ && sent_ < output_.size()) {
        const auto rest = asio::buffer(output_.data() + sent_, output_.size() - sent_);
        const auto [error, bytes] = co_await socket_.async_write_some(rest, tuple_awaitable);
        sent_ += bytes;
        broken_ = error.failed();
    }
    output_.clear();
    sent_ = 0;
    phase_ = Phase::handling;
}

/// The answers to requests before have been sent; what has come behind this one is the other's.
asio::awaitable<void> Session::hand_over() {
    std::string received{input()};
    input_.clear();
    input_.shrink_to_fit();
    std::string{}.swap(output_);
    body_bytes_.release();
    phase_ = Phase::upgraded;
    co_await upgrade_->run(std::move(socket_), std::move(received), worker_.draining());
}

/// Closing a socket with unread bytes resets the connection, and the reset may overtake the answer
/// in the client's system. So: end our side, then read until the client has ended its own.
asio::awaitable<void> Session::linger() {
    input_.clear();
    reader_.restart();
    body_bytes_.release();
    phase_ = Phase::lingering;
    deadline_ = std::chrono::steady_clock::now() + shared_.limits.linger_timeout;
    ErrorCode error;
    socket_.shutdown(asio::socket_base::shutdown_send, error);
    while (!error) {
        std::tie(error, std::ignore) = co_await socket_.async_read_some(
            input_.prepare(read_bytes_within_body), tuple_awaitable);
    }
}

/// Gives back what one large request made grow.
void Session::tidy() {
    if (output_.capacity() > kept_bytes_max && output_.empty()) std::string{}.swap(output_);
    if (input_.size() == 0 && input_.capacity() > kept_bytes_max && !reader_.started())
        input_.shrink_to_fit();
}

void Session::check_deadline(SteadyTime now) {
    if (phase_ != Phase::upgraded && now < deadline_) return;
    ErrorCode ignored;
    switch (phase_) {
    case Phase::idle:
    case Phase::reading: socket_.cancel(ignored); break;
    case Phase::handling: break;
    case Phase::upgraded: upgrade_->check_deadline(now); break;
    case Phase::writing:
    case Phase::lingering: socket_.close(ignored); break;
    }
}

void Session::leave_when_idle() {
    ErrorCode ignored;
    if (phase_ == Phase::idle) socket_.cancel(ignored);
    if (phase_ == Phase::upgraded) upgrade_->go_away();
}

bool Session::cut_off() {
    if (cut_) return false;
    cut_ = true;
    broken_ = true;
    ErrorCode ignored;
    if (phase_ == Phase::upgraded) {
        upgrade_->cut_off();
    } else {
        socket_.close(ignored);
    }
    return phase_ != Phase::lingering;
}

}  // namespace tenantry::http
