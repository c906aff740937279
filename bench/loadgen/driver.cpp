#include "driver.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "answer.hpp"
#include "arrivals.hpp"
#include "cpu_time.hpp"
#include "sockets.hpp"

namespace tenantry::bench {
namespace {

using namespace std::chrono_literals;
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
    Clock::time_point begun;  // when the request was sent, or came
};

class Loop {
public:
    Loop(const Target& target, const Scenario& scenario, Workload& workload)
        : target_{target},
          scenario_{scenario},
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
        if (scenario_.per_second > 0) {
            arrivals_.emplace(scenario_.per_second, Clock::now());
        }
        for (auto& connection : connections_) {
            go_on(*connection);
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
            send_what_came();
        }
    }

    void serve_once() {
        std::array<epoll_event, 64> events{};
        const bool coming = arrivals_ && !free_.empty() && !draining_;
        const std::chrono::nanoseconds timeout =
            coming ? std::max(arrivals_->next() - Clock::now(), Clock::duration::zero())
                   : answer_timeout;
        const timespec time{.tv_sec = timeout / 1s, .tv_nsec = (timeout % 1s).count()};
        const int count = ::epoll_pwait2(epoll_.get(), events.data(),
                                         static_cast<int>(events.size()), &time, nullptr);
        if (count < 0 && errno != EINTR) {
            throw_errno("epoll_pwait2");
        }
        if (count == 0 && !coming) {
            throw std::runtime_error{"no answer within " + std::to_string(answer_timeout.count()) +
                                     " s"};
        }
        for (int i = 0; i < count; ++i) {
            receive(*static_cast<Connection*>(events.at(static_cast<std::size_t>(i)).data.ptr));
        }
    }

    /// The connection is free.
    void go_on(Connection& connection) {
        if (arrivals_) {
            free_.push_back(&connection);
        } else {
            send_next(connection, Clock::now());
        }
    }

    void send_what_came() {
        while (arrivals_ && !free_.empty() && arrivals_->next() <= Clock::now()) {
            auto& connection = *free_.front();
            free_.pop_front();
            send_next(connection, arrivals_->take());
        }
    }

    void send_next(Connection& connection, Clock::time_point begun) {
        workload_.start(scenario_.kind, connection.request, connection.out);
        connection.framer.reset();
        connection.in_size = 0;
        in_flight_ += 1;
        connection.begun = begun;
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
        const auto latency = Clock::now() - connection.begun;
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
            go_on(connection);
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
    Scenario scenario_;
    Workload& workload_;
    FileDescriptor epoll_;
    std::vector<std::unique_ptr<Connection>> connections_;
    std::optional<Arrivals> arrivals_;
    std::deque<Connection*> free_;  // where requests come by themselves
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
