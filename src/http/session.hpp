#pragma once
/// One connection: reads what is there, answers all requests in it in their order, writes the
/// answers with one call. A connection whose tenant keeps the thread busy waits for its turn before
/// it answers, and so does one that has sent many requests at once, between some of them.
///
/// Phases and what ends them besides progress (the worker looks every `limits.tick`):
///
///   idle      no byte of a request yet        idle_timeout: closed; shutdown: closed
///   reading   a request has begun             request_deadline: 408, closed; of a file,
///                                             import_deadline, and request_deadline a piece
///   handling  the services are at work        they keep the deadline themselves; between two
///                                             pieces of a streamed answer, too
///   writing   the client takes the answers    write_timeout: closed
///   upgraded  a WebSocket has taken over     that has limits of its own
///   lingering answered and half-closed        linger_timeout: closed

#include "http/request_reader.hpp"
#include "worker.hpp"

#include <boost/beast/core/flat_buffer.hpp>

namespace tenantry::http {

boost::asio::awaitable<void> run_session(Socket socket, Worker& worker, Admission admission);

/// Body bytes held for requests that haven't come in whole, counted against all connections' sum.
class BodyReservation {
public:
    explicit BodyReservation(Shared& shared) : shared_{shared} {}
    ~BodyReservation() { release(); }
    BodyReservation(const BodyReservation&) = delete;
    BodyReservation& operator=(const BodyReservation&) = delete;

    /// Whether `bytes` may be held; small bodies are not counted.
    bool grow_to(std::size_t bytes);
    void release();

private:
    Shared& shared_;
    std::size_t held_ = 0;
};

/// Lives in its coroutine, on its worker's thread.
class Session : public SessionHook {
public:
    Session(Socket socket, Worker& worker);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    boost::asio::awaitable<void> run(Admission admission);

    // For the worker.
    void check_deadline(SteadyTime now);
    void leave_when_idle();
    /// Closes whatever it is at. Returns false if that had been done before.
    bool cut_off();

private:
    enum class Phase { idle, reading, handling, writing, upgraded, lingering };
    enum class Received { bytes, end, late, failed };

    boost::asio::awaitable<void> serve();
    boost::asio::awaitable<Received> receive();
    boost::asio::awaitable<void> answer_what_is_there();
    boost::asio::awaitable<void> answer_request();
    boost::asio::awaitable<void> stream(BodySource& source, Delimiting delimiting);
    boost::asio::awaitable<void> break_off(Delimiting delimiting);
    boost::asio::awaitable<void> send();
    boost::asio::awaitable<void> hand_over();
    boost::asio::awaitable<void> linger();

    std::string_view input() const noexcept;
    boost::asio::mutable_buffer space();
    Received receive_rest();
    void note_arrival(std::size_t bytes);
    void note_use(SteadyTime began);
    boost::asio::awaitable<void> judge_head();
    boost::asio::awaitable<void> hold_body();
    SteadyTime arrival_deadline();
    void refuse(Status status, const Error& error);
    void append(const Response& response, bool keep_alive);
    /// Of an answer that streams.
    Delimiting delimiting() const noexcept;
    bool send_at_once();
    void tidy();

    Worker& worker_;
    Shared& shared_;
    Socket socket_;
    RequestReader reader_;
    BodyReservation body_bytes_;
    boost::beast::flat_buffer input_;
    std::string output_;
    std::size_t sent_ = 0;
    Phase phase_ = Phase::idle;
    SteadyTime began_{};  // of the request that is being read, or of the batch
    SteadyTime deadline_{};
    bool closing_ = false;  // no more requests are read; what is in `output_` is still sent
    bool broken_ = false;   // nothing can be sent any more
    bool cut_ = false;
    std::unique_ptr<Upgrade> upgrade_{};  // what comes after HTTP
    std::size_t on_behalf_ = 0;           // of whom the last request was; see Turns
    bool from_loopback_ = false;
    std::string remote_;  // the other end's address
};

}  // namespace tenantry::http
