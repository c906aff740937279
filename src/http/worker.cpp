#include "worker.hpp"

#include "session.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/chrono.h>

namespace tenantry::http {
namespace {

namespace asio = boost::asio;

/// What became of a session's coroutine, told where the coroutine ends.
void tell_end(Observer& observer, const std::exception_ptr& thrown) {
    if (!thrown) return;
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& fault) {
        observer.observe(SessionFaulted{fault.what()});
    } catch (...) {
        observer.observe(SessionFaulted{"an exception of an unknown type"});
    }
}

}  // namespace

void end_with_process(const std::exception_ptr& thrown) {
    if (thrown) std::rethrow_exception(thrown);
}

Worker::Worker(Shared& shared)
    : shared_{shared}, guard_{context_.get_executor()}, timer_{context_.get_executor()} {}
Worker::~Worker() = default;

void Worker::start() {
    asio::co_spawn(context_, keep_time(), end_with_process);
    thread_ = std::thread{[this] {
        if (shared_.app.on_thread) kept_ = shared_.app.on_thread(context_);
        context_.run();
    }};
}

void Worker::adopt(Socket socket, Admission admission) {
    asio::co_spawn(
        context_, run_session(std::move(socket), *this, admission),
        [this](const std::exception_ptr& thrown) { tell_end(shared_.app.observer, thrown); });
}

void Worker::drain() {
    asio::post(context_, [this] { begin_drain(); });
}

void Worker::join() {
    if (thread_.joinable()) thread_.join();
}

std::string_view Worker::date() {
    const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    if (now != date_second_) {
        date_second_ = now;
        date_ = fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(now));
    }
    return date_;
}

void Worker::enter(Session& session) { sessions_.push_back(session); }

void Worker::leave(Session& session) {
    sessions_.erase(sessions_.iterator_to(session));
    if (draining_ && sessions_.empty()) timer_.cancel();
}

/// The one timer of all connections: deadlines need not be exact, and a timer each would cost two
/// system calls a request.
asio::awaitable<void> Worker::keep_time() {
    while (!draining_ || !sessions_.empty()) {
        timer_.expires_after(shared_.limits.tick);
        co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
        const auto now = std::chrono::steady_clock::now();
        if (draining_ && now >= drain_until_) {
            cut_off_all();
        } else {
            for (auto& session : sessions_) session.check_deadline(now);
        }
    }
    kept_.reset();
}

void Worker::begin_drain() {
    if (draining_) return;
    draining_ = true;
    drain_until_ = std::chrono::steady_clock::now() + shared_.limits.shutdown_timeout;
    guard_.reset();
    for (auto& session : sessions_) session.leave_when_idle();
    if (sessions_.empty()) timer_.cancel();
}

void Worker::cut_off_all() {
    for (auto& session : sessions_) {
        if (session.cut_off()) ++shared_.cut_off;
    }
}

}  // namespace tenantry::http
