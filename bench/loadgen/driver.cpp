#include "driver.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <vector>

#include "answer.hpp"
#include "cpu_time.hpp"
#include "sockets.hpp"

namespace tenantry::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds answer_timeout{20};
constexpr std::size_t shown_bytes = 600;

struct Connection {
    explicit Connection(const Target& target)
        : socket{connect_to(target.port)}, in(64U << 10), framer{target.chunks_allowed} {}

    FileDescriptor socket;
    std::string out;
    std::vector<char> in;
    std::size_t in_size = 0;
    AnswerFramer framer;
    Request request;
    Clock::time_point sent;
};

class Loop {
public:
    Loop(const Target& target, const Scenario& scenario, Workload& workload)
        : target_{target},
          kind_{scenario.kind},
          workload_{workload},
          epoll_{::epoll_create1(EPOLL_CLOEXEC)} {
        if (epoll_.get() < 0) {
            throw_errno("epoll_create1");
        }
        std::vector<Request*> requests;
        for (unsigned i = 0; i < scenario.connections; ++i) {
            auto& connection = *connections_.emplace_back(std::make_unique<Connection>(target));
            epoll_event event{.events = EPOLLIN, .data = {.ptr = &connection}};
            if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connection.socket.get(), &event) != 0) {
                throw_errno("epoll_ctl");
            }
            requests.push_back(&connection.request);
        }
        workload_.track(std::move(requests));
    }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;
    Loop(Loop&&) = delete;
    Loop& operator=(Loop&&) = delete;
    ~Loop() { workload_.track({}); }

    std::unique_ptr<Measurement> run(const Timing& timing) {
        stop_ = timing.stop;
        quota_ = timing.quota;
        for (auto& connection : connections_) {
            send_next(*connection);
        }
        serve_until(Clock::now() + timing.warm_up);

        if (timing.on_measuring) {
            timing.on_measuring();
        }
        measurement_ = std::make_unique<Measurement>();
        const auto begin = Clock::now();
        const auto server_begin = cpu_of(target_.pid);
        const auto database_begin = database_cpu();
        const auto own_begin = own_cpu();
        serve_until(begin + timing.duration);
        measurement_->elapsed = Clock::now() - begin;
        measurement_->server_cpu = cpu_of(target_.pid) - server_begin;
        measurement_->database_cpu = database_cpu() - database_begin;
        measurement_->own_cpu = own_cpu() - own_begin;

        auto result = std::move(measurement_);
        draining_ = true;
        while (in_flight_ > 0) {
            serve_once();
        }
        return result;
    }

private:
    std::chrono::nanoseconds database_cpu() const {
        return target_.database_pid == 0 ? std::chrono::nanoseconds{0}
                                         : cpu_of_family(target_.database_pid);
    }

    void serve_until(Clock::time_point end) {
        while (Clock::now() < end && (stop_ == nullptr || !*stop_)) {
            serve_once();
        }
    }

    void serve_once() {
        std::array<epoll_event, 64> events{};
        constexpr auto timeout = std::chrono::milliseconds{answer_timeout}.count();
        const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                       static_cast<int>(timeout));
        if (count < 0 && errno != EINTR) {
            throw_errno("epoll_wait");
        }
        if (count == 0) {
            throw std::runtime_error{"no answer within " + std::to_string(answer_timeout.count()) +
                                     " s"};
        }
        for (int i = 0; i < count; ++i) {
            receive(*static_cast<Connection*>(events.at(static_cast<std::size_t>(i)).data.ptr));
        }
    }

    void send_next(Connection& connection) {
        workload_.start(kind_, connection.request, connection.out);
        connection.framer.reset();
        connection.in_size = 0;
        in_flight_ += 1;
        connection.sent = Clock::now();
        const auto sent = ::send(connection.socket.get(), connection.out.data(),
                                 connection.out.size(), MSG_NOSIGNAL);
        // A request is smaller than any socket buffer, and the one before it was answered.
        if (sent != static_cast<ssize_t>(connection.out.size())) {
            throw_errno("send");
        }
    }

    void receive(Connection& connection) {
        if (connection.in_size == connection.in.size()) {
            connection.in.resize(connection.in.size() * 2);
        }
        const auto got = ::recv(connection.socket.get(), connection.in.data() + connection.in_size,
                                connection.in.size() - connection.in_size, 0);
        if (got < 0) {
            throw_errno("recv");
        }
        if (got == 0) {
            fail(connection, "the server closed the connection");
        }
        if (!connection.request.in_flight) {
            fail(connection, "bytes that nobody asked for");
        }
        connection.in_size += static_cast<std::size_t>(got);
        const auto answer = connection.framer.feed({connection.in.data(), connection.in_size});
        if (!answer) {
            fail(connection, answer.error());
        }
        if (*answer) {
            finish(connection, **answer);
        }
    }

    void finish(Connection& connection, const Answer& answer) {
        const auto latency = Clock::now() - connection.sent;
        const bool refused = quota_ && answer.status == 429;
        if (refused) {
            workload_.refuse(connection.request);
        } else if (const auto checked = workload_.finish(connection.request, answer); !checked) {
            fail(connection, checked.error());
        }
        in_flight_ -= 1;
        if (measurement_ && refused) {
            measurement_->refused += 1;
        } else if (measurement_) {
            measurement_->latencies.add(latency);
        }
        if (!draining_) {
            send_next(connection);
        }
    }

    // The token is the part of a request that must not be printed.
    [[noreturn]] static void fail(const Connection& connection, const std::string& what) {
        const std::string received{connection.in.data(), std::min(connection.in_size, shown_bytes)};
        throw std::runtime_error{"WRONG ANSWER: " + what + "\n--- request\n" +
                                 connection.out.substr(0, connection.out.find('\r')) +
                                 "\n--- answer\n" + received};
    }

    Target target_;
    Kind kind_;
    Workload& workload_;
    FileDescriptor epoll_;
    std::vector<std::unique_ptr<Connection>> connections_;
    std::unique_ptr<Measurement> measurement_;
    const std::atomic<bool>* stop_ = nullptr;
    std::size_t in_flight_ = 0;
    bool draining_ = false;
    bool quota_ = false;
};

}  // namespace

std::unique_ptr<Measurement> run_scenario(const Target& target, const Scenario& scenario,
                                          Workload& workload, const Timing& timing) {
    return Loop{target, scenario, workload}.run(timing);
}

}  // namespace tenantry::bench
