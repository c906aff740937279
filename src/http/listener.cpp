#include "http/listener.hpp"

#include "worker.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <vector>

namespace tenantry::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;
using Acceptor = asio::basic_socket_acceptor<tcp, asio::io_context::executor_type>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>,
                                         asio::io_context::executor_type>;

constexpr std::chrono::milliseconds accept_pause{100};
/// How many connections over the limit are told so at the same time; more are closed without a
/// word.
constexpr std::size_t turned_away_max = 256;

Error address_refused(const ErrorCode& error, const ListenerOptions& options) {
    const bool v6 = options.host.find(':') != std::string::npos;
    const auto address =
        fmt::format(fmt::runtime(v6 ? "[{}]:{}" : "{}:{}"), options.host, options.port);
    if (error == asio::error::address_in_use) {
        return fail(
            Errc::bad_configuration,
            fmt::format("{} is in use by another program; stop that one or listen on another port",
                        address),
            "listen");
    }
    if (error == asio::error::access_denied) {
        return fail(
            Errc::bad_configuration,
            fmt::format("listening on {} is not permitted; take a port above 1023", address),
            "listen");
    }
    if (error == boost::system::errc::address_not_available) {
        return fail(
            Errc::bad_configuration,
            fmt::format(
                "{} is not an address of this machine; listen on one of its own, or on 127.0.0.1",
                options.host),
            "listen");
    }
    return fail(Errc::bad_configuration,
                fmt::format("can't listen on {}: {}", address, error.message()), "listen");
}

}  // namespace

class Listener::Impl {
public:
    Impl(App& app, const ListenerOptions& options) : shared_{app, options.limits} {
        for (std::size_t i = 0; i < std::max<std::size_t>(options.threads, 1); ++i) {
            workers_.push_back(std::make_unique<Worker>(shared_));
        }
        acceptor_.emplace(front().context().get_executor());
        pause_.emplace(front().context().get_executor());
    }

    Result<void> open(const ListenerOptions& options) {
        ErrorCode error;
        const auto address = asio::ip::make_address(options.host, error);
        if (error) {
            return fail(Errc::bad_configuration,
                        fmt::format("{} is not an IP address to listen on", options.host),
                        "listen");
        }
        const tcp::endpoint endpoint{address, options.port};
        acceptor_->open(endpoint.protocol(), error);
        // A port in TIME_WAIT after a restart may be taken again, one with a listener never.
        if (!error) acceptor_->set_option(asio::socket_base::reuse_address{true}, error);
        if (!error) acceptor_->bind(endpoint, error);
        if (!error) acceptor_->listen(asio::socket_base::max_listen_connections, error);
        if (!error) acceptor_->non_blocking(true, error);
        if (!error) port_ = acceptor_->local_endpoint(error).port();
        if (error) return address_refused(error, options);
        return {};
    }

    void start(const ListenerOptions& options) {
        asio::co_spawn(front().context(), accept(), end_with_process);
        for (auto& worker : workers_) worker->start();
        shared_.app.observer.observe(ListenerStarted{options.host, port_, workers_.size()});
    }

    void stop() {
        std::call_once(stopped_, [this] {
            shared_.app.stopping = true;
            shared_.app.observer.observe(ListenerDraining{shared_.connections});
            asio::post(front().context(), [this] {
                stopping_ = true;
                ErrorCode ignored;
                acceptor_->cancel(ignored);
                pause_->cancel();
            });
            for (auto& worker : workers_) worker->join();
            shared_.app.observer.observe(ListenerStopped{shared_.cut_off});
        });
    }

    std::uint16_t port() const noexcept { return port_; }
    std::size_t connections() const noexcept { return shared_.connections; }

private:
    Worker& front() { return *workers_.front(); }
    Worker& next() {
        turn_ = (turn_ + 1) % workers_.size();
        return *workers_[turn_];
    }

    /// Runs on the first worker until `stop`; then takes what has connected meanwhile, and lets the
    /// workers finish.
    asio::awaitable<void> accept() {
        while (!stopping_) {
            auto& worker = next();
            auto [error, socket] = co_await acceptor_->async_accept(
                worker.context().get_executor(), asio::as_tuple(asio::use_awaitable));
            if (!error) {
                admit(std::move(socket), worker);
            } else if (!stopping_) {
                co_await wait_for_relief(error);
            }
        }
        accept_the_rest();
        ErrorCode ignored;
        acceptor_->close(ignored);
        for (auto& worker : workers_) worker->drain();
    }

    void accept_the_rest() {
        while (true) {
            auto& worker = next();
            ErrorCode error;
            auto socket = acceptor_->accept(worker.context().get_executor(), error);
            if (error) return;
            admit(std::move(socket), worker);
        }
    }

    asio::awaitable<void> wait_for_relief(ErrorCode error) {
        if (!shortage_told_) {
            shortage_told_ = true;
            const auto what = error.message();
            shared_.app.observer.observe(AcceptFailed{what});
        }
        pause_->expires_after(accept_pause);
        co_await pause_->async_wait(asio::as_tuple(asio::use_awaitable));
    }

    void admit(Socket socket, Worker& worker) {
        shortage_told_ = false;
        const auto limit = shared_.limits.connections_max;
        const auto count = ++shared_.connections;
        if (count <= limit) {
            exhaustion_told_ = false;
            adopt(std::move(socket), worker, Admission::welcome);
            return;
        }
        if (!exhaustion_told_) shared_.app.observer.observe(ConnectionsExhausted{limit});
        exhaustion_told_ = true;
        if (count <= limit + turned_away_max) {
            adopt(std::move(socket), worker, Admission::one_too_many);
        } else {
            --shared_.connections;
        }
    }

    /// Short of memory, a connection is lost, but not the next ones.
    void adopt(Socket socket, Worker& worker, Admission admission) {
        try {
            worker.adopt(std::move(socket), admission);
        } catch (const std::exception& fault) {
            --shared_.connections;
            shared_.app.observer.observe(SessionFaulted{fault.what()});
        }
    }

    Shared shared_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::optional<Acceptor> acceptor_;
    std::optional<Timer> pause_;
    std::size_t turn_ = 0;
    std::uint16_t port_ = 0;
    bool stopping_ = false;
    bool shortage_told_ = false;
    bool exhaustion_told_ = false;
    std::once_flag stopped_;
};

Result<std::unique_ptr<Listener>> Listener::start(App& app, const ListenerOptions& options) {
    auto impl = std::make_unique<Impl>(app, options);
    TENANTRY_TRY_VOID(impl->open(options));
    impl->start(options);
    return std::unique_ptr<Listener>{new Listener{std::move(impl)}};
}

Listener::Listener(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Listener::~Listener() { stop(); }
std::uint16_t Listener::port() const noexcept { return impl_->port(); }
std::size_t Listener::connections() const noexcept { return impl_->connections(); }
void Listener::stop() { impl_->stop(); }

}  // namespace tenantry::http
