#include "engine/faulty_proxy.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <functional>
#include <future>
#include <optional>
#include <set>
#include <thread>

namespace tenantry::engine::testing {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;

tcp::endpoint loopback(int port) {
    return {asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(port)};
}

}  // namespace

class FaultyProxy::Impl {
public:
    explicit Impl(int upstream_port) : upstream_{loopback(upstream_port)} {
        open_acceptor(0);
        acceptor_.listen();
        port_ = acceptor_.local_endpoint().port();
        accept();
        thread_ = std::thread{[this] { context_.run(); }};
    }
    ~Impl() {
        context_.stop();
        thread_.join();
    }

    int port() const noexcept { return port_; }

    /// Runs on the proxy's thread, and waits for it.
    template <class Work>
    auto on_thread(Work work) {
        std::packaged_task<decltype(work())()> task{std::move(work)};
        auto done = task.get_future();
        asio::post(context_, std::move(task));
        return done.get();
    }

    /// A port that is bound and not listened on refuses, and nobody else can take it.
    void refuse_for(milliseconds time) {
        cut_all();
        acceptor_.close();
        open_acceptor(port_);
        timer_.expires_after(time);
        timer_.async_wait([this](error_code error) {
            if (error) return;
            acceptor_.listen();
            accept();
        });
    }

    void hang_up_for(milliseconds time) {
        cut_all();
        hanging_up_ = true;
        timer_.expires_after(time);
        timer_.async_wait([this](error_code error) {
            if (!error) hanging_up_ = false;
        });
    }

    void stall(bool stalled) {
        stalled_ = stalled;
        if (stalled) return;
        for (auto& resume : std::exchange(held_, {})) resume();
    }

    void cut_all() {
        for (const auto& session : std::set{sessions_}) close(*session);
    }

    milliseconds pause{0};
    std::optional<std::size_t> bytes_left;  // from servers, until a connection is cut
    std::vector<std::string> names;
    std::size_t connections() const { return sessions_.size(); }

private:
    struct Session;
    using SessionPointer = std::shared_ptr<Session>;
    /// One way of a connection.
    struct Direction {
        tcp::socket& from;
        tcp::socket& to;
        std::array<char, 16384> bytes{};
        std::size_t size = 0;
        asio::steady_timer timer;
    };
    struct Session {
        explicit Session(tcp::socket socket)
            : client{std::move(socket)}, server{client.get_executor()} {}
        tcp::socket client;
        tcp::socket server;
        std::string hello;  // the client's first bytes, until its server name is known
        bool named = false;
        Direction up{client, server, {}, 0, asio::steady_timer{client.get_executor()}};
        Direction down{server, client, {}, 0, asio::steady_timer{client.get_executor()}};
    };

    void open_acceptor(int port) {
        acceptor_.open(tcp::v4());
        acceptor_.set_option(tcp::acceptor::reuse_address{true});
        acceptor_.bind(loopback(port));
    }

    void accept() {
        acceptor_.async_accept([this](error_code error, tcp::socket socket) {
            if (error) return;
            accept();
            if (!hanging_up_) connect(std::make_shared<Session>(std::move(socket)));
        });
    }

    void connect(const SessionPointer& session) {
        sessions_.insert(session);
        session->server.async_connect(upstream_, [this, session](error_code error) {
            if (error) return close(*session);
            error_code ignored;
            session->client.set_option(tcp::no_delay{true}, ignored);
            session->server.set_option(tcp::no_delay{true}, ignored);
            read(session, session->up);
            read(session, session->down);
        });
    }

    void read(const SessionPointer& session, Direction& way) {
        way.from.async_read_some(asio::buffer(way.bytes),
                                 [this, session, &way](error_code error, std::size_t size) {
                                     if (error) return close(*session);
                                     way.size = size;
                                     pass(session, way);
                                 });
    }

    void pass(const SessionPointer& session, Direction& way) {
        if (&way == &session->up) look_for_name(*session);
        if (stalled_) {
            held_.emplace_back([this, session, &way] { hold_back(session, way); });
        } else {
            hold_back(session, way);
        }
    }

    void hold_back(const SessionPointer& session, Direction& way) {
        if (pause.count() == 0) return write(session, way);
        way.timer.expires_after(pause);
        way.timer.async_wait([this, session, &way](error_code error) {
            if (!error) write(session, way);
        });
    }

    void write(const SessionPointer& session, Direction& way) {
        bool last = false;
        if (&way == &session->down && bytes_left) {
            last = *bytes_left <= way.size;
            way.size = std::min(way.size, *bytes_left);
            *bytes_left -= way.size;
            if (last) bytes_left.reset();
        }
        asio::async_write(way.to, asio::buffer(way.bytes, way.size),
                          [this, session, &way, last](error_code error, std::size_t) {
                              if (error || last) return close(*session);
                              read(session, way);
                          });
    }

    void look_for_name(Session& session) {
        constexpr std::size_t hello_max = 4096;
        if (session.named || session.hello.size() > hello_max) return;
        session.hello.append(session.up.bytes.data(), session.up.size);
        auto name = server_name_in(session.hello);
        if (name.empty()) return;
        session.named = true;
        names.push_back(std::move(name));
    }

    void close(Session& session) {
        error_code ignored;
        session.client.close(ignored);
        session.server.close(ignored);
        session.up.timer.cancel();
        session.down.timer.cancel();
        std::erase_if(sessions_, [&](const auto& each) { return each.get() == &session; });
    }

    asio::io_context context_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
    tcp::endpoint upstream_;
    tcp::acceptor acceptor_{context_};
    asio::steady_timer timer_{context_};
    int port_ = 0;
    std::set<SessionPointer> sessions_;
    std::vector<std::function<void()>> held_;
    bool stalled_ = false;
    bool hanging_up_ = false;
    std::thread thread_;
};

FaultyProxy::FaultyProxy(int upstream_port) : impl_{std::make_unique<Impl>(upstream_port)} {}
FaultyProxy::~FaultyProxy() = default;

int FaultyProxy::port() const noexcept { return impl_->port(); }
void FaultyProxy::refuse_for(milliseconds time) {
    impl_->on_thread([&] { impl_->refuse_for(time); });
}
void FaultyProxy::hang_up_for(milliseconds time) {
    impl_->on_thread([&] { impl_->hang_up_for(time); });
}
void FaultyProxy::delay(milliseconds time) {
    impl_->on_thread([&] { impl_->pause = time; });
}
void FaultyProxy::stall(bool stalled) {
    impl_->on_thread([&] { impl_->stall(stalled); });
}
void FaultyProxy::cut_after(std::size_t bytes) {
    impl_->on_thread([&] { impl_->bytes_left = bytes; });
}
void FaultyProxy::cut_all() {
    impl_->on_thread([&] { impl_->cut_all(); });
}
std::size_t FaultyProxy::connections() const {
    return impl_->on_thread([&] { return impl_->connections(); });
}
std::vector<std::string> FaultyProxy::server_names() const {
    return impl_->on_thread([&] { return impl_->names; });
}

}  // namespace tenantry::engine::testing
