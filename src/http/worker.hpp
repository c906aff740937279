#pragma once
/// One thread with an io_context of its own, and the connections that were dealt to it. Everything
/// about a connection happens on that thread.

#include "http/app.hpp"
#include "http/limits.hpp"
#include "http/socket.hpp"
#include "turns.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

#include <atomic>
#include <chrono>
#include <ctime>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace tenantry::http {

class Session;
struct SessionTag;
using SessionHook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<SessionTag>,
                                     boost::intrusive::link_mode<boost::intrusive::safe_link>>;

/// What all workers of a listener have in common.
struct Shared {
    App& app;
    const Limits limits;
    std::atomic<std::size_t>& connections = app.connections;
    std::atomic<std::size_t> waiting_body_bytes = 0;
    std::atomic<std::size_t> cut_off = 0;
};

/// For coroutines without which there is no serving: an exception in one ends the process instead
/// of leaving it half alive.
void end_with_process(const std::exception_ptr& thrown);

enum class Admission {
    welcome,
    one_too_many,  // only to be told so
};

class Worker {
public:
    /// `shared` must outlive it.
    explicit Worker(Shared& shared);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // From any thread.
    boost::asio::io_context& context() noexcept { return context_; }
    void start();
    /// Runs a connection from here to its end. It has been counted in `shared.connections`.
    void adopt(Socket socket, Admission admission);
    /// Lets the connections finish, and the thread with the last of them.
    void drain();
    void join();

    // From its own thread, for sessions.
    Shared& shared() noexcept { return shared_; }
    bool draining() const noexcept { return draining_; }
    /// The `Date` of answers now.
    std::string_view date();
    void enter(Session& session);
    void leave(Session& session);
    Turns& turns() noexcept { return turns_; }

private:
    using Context = boost::asio::io_context;
    using Timer =
        boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                          boost::asio::wait_traits<std::chrono::steady_clock>,
                                          Context::executor_type>;
    using SessionList = boost::intrusive::list<Session, boost::intrusive::base_hook<SessionHook>,
                                               boost::intrusive::constant_time_size<false>>;

    boost::asio::awaitable<void> keep_time();
    void begin_drain();
    void cut_off_all();

    Shared& shared_;
    Context context_{1};
    boost::asio::executor_work_guard<Context::executor_type> guard_;
    Timer timer_;
    SessionList sessions_;
    bool draining_ = false;
    SteadyTime drain_until_{};
    std::time_t date_second_ = -1;
    std::string date_;
    std::shared_ptr<void> kept_;  // of App::on_thread
    Turns turns_{context_};       // after `sessions_`: what waits in it belongs to them
    std::thread thread_;
};

}  // namespace tenantry::http
