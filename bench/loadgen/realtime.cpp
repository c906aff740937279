#include "realtime.hpp"

#include <algorithm>
#include <random>
#include <stdexcept>
#include <string>

#include "cpu_time.hpp"
#include "patches.hpp"
#include "poller.hpp"
#include "subscribers.hpp"

namespace tenantry::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Time = Poller::Time;

constexpr std::size_t patch_connections = 32;
constexpr std::chrono::seconds patience{5};
constexpr std::chrono::minutes opening_timeout{1};
constexpr std::chrono::milliseconds pause{300};

struct Cpu {
    std::chrono::nanoseconds server{};
    std::chrono::nanoseconds database{};
    std::chrono::nanoseconds own{};
    std::chrono::nanoseconds machine{};
};

Cpu cpu_now(const RealtimeTarget& target) {
    return {.server = cpu_of(target.pid),
            .database = target.database_pid == 0 ? std::chrono::nanoseconds{0}
                                                 : cpu_of_family(target.database_pid),
            .own = own_cpu(),
            .machine = cpu_of_machine()};
}

class Run {
public:
    Run(const RealtimeTarget& target, const std::vector<Tenant>& tenants, const RealtimeLoad& load)
        : target_{target},
          tenants_{tenants},
          load_{load},
          random_{load.seed},
          ledger_{load.seed, load.subscribers},
          subscribers_{poller_, target.port, tenants, load.subscribers,
                       [this](const Seat& seat, std::string_view message) { take(seat, message); }},
          patches_{poller_, target.port, tenants, patch_connections},
          period_{std::chrono::nanoseconds{std::chrono::seconds{1}} / load.changes_a_second} {}

    std::unique_ptr<RealtimeMeasurement> run() {
        open();
        make_changes(Clock::now() + pause, load_.warm_up);
        measure_begin_ = Clock::now() + pause;
        patches_.measure(measure_begin_);
        serve_until(measure_begin_ - pause / 3);  // to look at /proc takes a while
        const auto before = cpu_now(target_);
        make_changes(measure_begin_, load_.duration);
        drain();
        note_cpu(before, cpu_now(target_));
        serve_until(Clock::now() + pause);  // what must not come would come by then
        measured_->answered = patches_.answered();
        measured_->made_late = patches_.made_late();
        measured_->counts = ledger_.counts();
        return std::move(measured_);
    }

private:
    void open() {
        const auto deadline = Clock::now() + opening_timeout;
        while (!subscribers_.complete()) {
            serve(deadline);
            if (Clock::now() >= deadline) {
                throw std::runtime_error{"the subscribers don't get in"};
            }
        }
    }

    void make_changes(Time begin, std::chrono::nanoseconds duration) {
        next_due_ = begin;
        end_ = begin + duration;
        while (next_due_ < end_) {
            serve(next_due_);
        }
    }

    void serve_until(Time end) {
        while (Clock::now() < end) {
            serve(end);
        }
    }

    // What has arrived, or what is due by `wake` and no later than then.
    void serve(Time wake) {
        for (auto* const source : poller_.wait(std::min(wake, subscribers_.next_beat()))) {
            source->receive();
            make_due();  // none waits for the other sources to be served
        }
        make_due();
        subscribers_.beat(Clock::now());
    }

    void make_due() {
        while (next_due_ < end_ && next_due_ <= Clock::now()) {
            const auto tenant = below(tenants_.size());
            const auto tag = ledger_.add(tenant, next_due_);
            patches_.make(
                {.tag = tag, .lead = below(tenants_[tenant].leads.size()), .due = next_due_});
            if (next_due_ >= measure_begin_) {
                measured_->changes += 1;
            }
            next_due_ += period_;
        }
    }

    std::size_t below(std::size_t count) {
        return std::uniform_int_distribution<std::size_t>{0, count - 1}(random_);
    }

    void take(const Seat& seat, std::string_view message) {
        const auto now = Clock::now();
        const auto tag = tag_of(message);
        const auto verdict = tag ? ledger_.take(*tag, seat) : Ledger::Verdict::unknown;
        if (verdict == Ledger::Verdict::unknown) {
            throw std::runtime_error{"WRONG MESSAGE: a change that wasn't made\n--- received\n" +
                                     std::string{message}};
        }
        last_came_ = now;
        if (verdict != Ledger::Verdict::first) {
            return;
        }
        if (has_foreign_row(message, tenants_[seat.tenant].name)) {
            ledger_.note_leak();
        }
        const auto due = ledger_.due(*tag);
        if (due >= measure_begin_) {
            measured_->delivered.add(now - due);
            measured_->delivered_bytes += message.size();
        }
    }

    void drain() {
        last_came_ = Clock::now();
        while (!patches_.all_answered() || ledger_.counts().lost() > 0) {
            const auto until = last_came_ + patience;
            if (Clock::now() >= until) {
                break;
            }
            serve(until);
        }
        if (!patches_.all_answered()) {
            throw std::runtime_error{"a PATCH isn't answered"};
        }
    }

    void note_cpu(const Cpu& before, const Cpu& after) {
        measured_->elapsed = Clock::now() - measure_begin_;
        measured_->server_cpu = after.server - before.server;
        measured_->database_cpu = after.database - before.database;
        measured_->own_cpu = after.own - before.own;
        const auto all = after.machine - before.machine;
        measured_->other_cpu =
            all - measured_->server_cpu - measured_->database_cpu - measured_->own_cpu;
    }

    RealtimeTarget target_;
    const std::vector<Tenant>& tenants_;
    RealtimeLoad load_;
    std::mt19937_64 random_;
    std::unique_ptr<RealtimeMeasurement> measured_ = std::make_unique<RealtimeMeasurement>();
    Poller poller_{};
    Ledger ledger_;
    Subscribers subscribers_;
    Patches patches_;
    std::chrono::nanoseconds period_;
    // Nothing is due from `end_` on, and in the beginning.
    Time next_due_ = Time::max();
    Time end_ = Time::max();
    Time measure_begin_ = Time::max();
    Time last_came_{};
};

}  // namespace

std::unique_ptr<RealtimeMeasurement> measure_realtime(const RealtimeTarget& target,
                                                      const std::vector<Tenant>& tenants,
                                                      const RealtimeLoad& load) {
    return Run{target, tenants, load}.run();
}

void hold_subscribers(std::uint16_t port, const std::vector<Tenant>& tenants,
                      std::size_t subscribers, const std::atomic<bool>& stop,
                      const std::function<void()>& on_complete) {
    Poller poller;
    Subscribers all{poller, port, tenants, subscribers, [](const Seat&, std::string_view) {
                        throw std::runtime_error{"WRONG MESSAGE: a change that wasn't made"};
                    }};
    bool told = false;
    while (!stop) {
        // A signal ends a wait, but may come just before it.
        const auto wake = Clock::now() + std::chrono::seconds{1};
        for (auto* const source : poller.wait(std::min(wake, all.next_beat()))) {
            source->receive();
        }
        all.beat(Clock::now());
        if (!told && all.complete()) {
            told = true;
            on_complete();
        }
    }
}

}  // namespace tenantry::bench
