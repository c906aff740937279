#include "pg/link.hpp"

#include "connect_failure.hpp"
#include "libpq_driver.hpp"
#include "pg/decode.hpp"
#include "session_settings.hpp"
#include "startup.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fcntl.h>

#include <cerrno>
#include <system_error>
#include <unordered_map>
#include <utility>

namespace tenantry::pg {
namespace {

namespace asio = boost::asio;
using Descriptor = asio::posix::stream_descriptor;
using Wait = Descriptor::wait_type;

/// Waits until libpq's socket is ready. The descriptor is let go of before libpq may close it.
asio::awaitable<void> wait_for_socket(asio::io_context& context, PGconn* connection, Wait what,
                                      std::chrono::steady_clock::time_point deadline) {
    Descriptor descriptor{context};
    descriptor.assign(PQsocket(connection));
    asio::steady_timer timer{context, deadline};
    bool late = false;
    timer.async_wait([&](boost::system::error_code error) {
        if (error) return;
        late = true;
        boost::system::error_code ignored;
        descriptor.cancel(ignored);
    });
    boost::system::error_code error;
    co_await descriptor.async_wait(what, asio::redirect_error(asio::use_awaitable, error));
    descriptor.release();
    timer.cancel();
    // The handler above refers to this frame: let it run before the frame goes.
    if (!late) {
        timer.expires_at(std::chrono::steady_clock::time_point::min());
        boost::system::error_code ignored;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    if (late) throw Unreachable{{.message = no_answer}};
    if (error) throw Unreachable{{.message = error.message()}};
}

asio::awaitable<void> finish_connecting(asio::io_context& context, PGconn* connection,
                                        std::chrono::steady_clock::time_point deadline) {
    auto wanted = PGRES_POLLING_WRITING;
    while (true) {
        if (PQstatus(connection) == CONNECTION_BAD) throw unreachable(connection);
        if (wanted == PGRES_POLLING_OK) co_return;
        if (wanted == PGRES_POLLING_FAILED) throw unreachable(connection);
        co_await wait_for_socket(
            context, connection,
            wanted == PGRES_POLLING_READING ? Wait::wait_read : Wait::wait_write, deadline);
        wanted = PQconnectPoll(connection);
    }
}

/// A descriptor of our own for libpq's socket. libpq closes its own as soon as it finds the
/// connection broken, and by the time Asio lets go of that number it may be another thread's file.
int own_descriptor(PGconn* connection) {
    const int descriptor = ::fcntl(PQsocket(connection), F_DUPFD_CLOEXEC, 0);
    if (descriptor < 0)
        throw Unreachable{{.message = std::error_code{errno, std::generic_category()}.message()}};
    return descriptor;
}

}  // namespace

class Link::Impl : public std::enable_shared_from_this<Impl> {
public:
    Impl(asio::io_context& context, ConnectionHandle connection)
        : driver_{std::move(connection)},
          pipeline_{driver_},
          socket_{context, own_descriptor(driver_.handle())} {}
    ~Impl() { let_go(); }

    void start() { watch(Wait::wait_read); }

    void submit(Segment segment, Handler handler) {
        const auto id = ++ids_;
        if (!open_)
            return handler(Outcome{.failure = {.message = "the connection is closed"}},
                           std::move(segment));
        const auto waiting = waiting_.try_emplace(id, std::move(segment), std::move(handler)).first;
        pipeline_.submit(id, waiting->second.segment);
        pipeline_.flush();
        deliver();
    }

    void close(std::string_view why) {
        pipeline_.abandon(why);
        deliver();
    }

    /// As `close`, without telling anybody.
    void drop() {
        waiting_.clear();
        on_closed_ = nullptr;
        let_go();
    }

    bool open() const noexcept { return open_; }
    bool pooled() const noexcept { return pooled_; }
    /// As the other end has told when the connection was made.
    int backend_pid() const noexcept { return PQbackendPID(driver_.handle()); }
    void take_session(bool own, const Startup& startup) {
        pooled_ = !own;
        pipeline_.set_transaction_begin(own ? std::nullopt
                                            : std::optional{startup.transaction_begin});
    }
    void on_closed(OnClosed handler) { on_closed_ = std::move(handler); }

private:
    struct Waiting {
        Segment segment;
        Handler handler;
    };

    void watch(Wait what) {
        socket_.async_wait(what,
                           [self = shared_from_this(), what](boost::system::error_code error) {
                               self->ready(what, error);
                           });
    }

    void ready(Wait what, boost::system::error_code error) {
        if (what == Wait::wait_write) watching_write_ = false;
        if (!open_ || error == asio::error::operation_aborted) return;
        pipeline_.advance();
        deliver();
        if (open_ && what == Wait::wait_read) watch(Wait::wait_read);
    }

    void deliver() {
        const auto self = shared_from_this();
        if (pipeline_.broken() && open_) {
            let_go();
            if (auto told = std::exchange(on_closed_, nullptr)) told();
        }
        // By their ids: a handler may submit, which may break the connection, and what is lost then
        // is told of before the rest of these.
        for (auto& finished : pipeline_.take_finished()) {
            auto waiting = waiting_.extract(finished.id);
            if (waiting.empty()) continue;  // dropped by a handler
            auto& [segment, handler] = waiting.mapped();
            handler(std::move(finished.outcome), std::move(segment));
        }
        if (open_ && pipeline_.wants_write() && !watching_write_) {
            watching_write_ = true;
            watch(Wait::wait_write);
        }
    }

    void let_go() {
        if (!open_) return;
        open_ = false;
        boost::system::error_code ignored;
        socket_.close(ignored);
    }

    LibpqDriver driver_;
    Pipeline pipeline_;
    Descriptor socket_;
    std::unordered_map<std::uint64_t, Waiting> waiting_;  // by the segment's id
    OnClosed on_closed_;
    std::uint64_t ids_ = 0;
    bool open_ = true;
    bool pooled_ = false;
    bool watching_write_ = false;
};

/// Runs one call. Throws: Unreachable, also if `deadline` comes first.
asio::awaitable<Rows> Link::ask(asio::io_context& context, Call call,
                                std::chrono::steady_clock::time_point deadline) {
    asio::steady_timer answered{context, deadline};
    std::optional<Outcome> outcome;
    Segment segment;
    segment.calls.push_back(std::move(call));
    impl_->submit(std::move(segment), [&](Outcome told, const Segment&) {
        outcome = std::move(told);
        answered.cancel();
    });
    boost::system::error_code ignored;
    if (!outcome) co_await answered.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    // The handler above refers to this frame.
    if (!outcome) impl_->close("no answer within the time for a connection");
    if (outcome->kind != Outcome::Kind::done) throw unreachable(std::move(outcome->failure));
    co_return std::move(outcome->answers.front().rows);
}

asio::awaitable<std::unique_ptr<Link>> Link::connect(
    asio::io_context& context, const Startup& startup,
    std::chrono::steady_clock::time_point deadline) {
    auto connection = start_connecting(startup);
    co_await finish_connecting(context, connection.get(), deadline);
    auto impl = std::make_shared<Impl>(context, std::move(connection));
    impl->start();
    // No statement may be left in a session that is perhaps another's.
    impl->take_session(false, {.url = startup.url});
    std::unique_ptr<Link> link{new Link{impl}};
    Call whose{.text = backend_pid_sql};
    const auto pid = co_await link->ask(context, std::move(whose), deadline);
    const bool own = decode_integer(pid.cell(0, 0).value()) == impl->backend_pid();
    impl->take_session(own, startup);
    if (own && !startup.settings.empty()) {
        auto settings = settings_call(startup);
        co_await link->ask(context, std::move(settings), deadline);
    }
    co_return link;
}

Link::Link(std::shared_ptr<Impl> impl) : impl_{std::move(impl)} {}
Link::~Link() { impl_->drop(); }
void Link::on_closed(OnClosed handler) { impl_->on_closed(std::move(handler)); }
void Link::submit(Segment segment, Handler handler) {
    impl_->submit(std::move(segment), std::move(handler));
}
void Link::close(std::string_view why) { impl_->close(why); }
bool Link::open() const noexcept { return impl_->open(); }
bool Link::pooled() const noexcept { return impl_->pooled(); }

}  // namespace tenantry::pg
