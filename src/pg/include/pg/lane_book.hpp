#pragma once
/// Which job runs on which connection, as a state machine: no I/O, no clock of its own.
///
/// Connections are opened as jobs need them, as many at a time as are open already, lest many new
/// sessions hold up the old ones while they warm up; and stay open. A job goes to the connection
/// with the fewest under way; when all are full it waits, and tenants take turns. What the server
/// has taken back for no fault of the request (a deadlock, a statement overtaken by a change of the
/// schema) is sent again; so is a read whose connection broke. A write whose connection broke is
/// not, since it may have been committed, unless the server said good-bye before it had begun with
/// it.
///
/// Threads: one at a time.

#include "pg/backoff.hpp"
#include "pg/pipeline.hpp"
#include "pg/turn_queue.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace tenantry::pg {

using TimePoint = std::chrono::steady_clock::time_point;

/// How a job ended.
struct Settled {
    enum class Kind {
        done,         // committed; the outcome's answers are those of its calls
        refused,      // by the server, for what the job asks
        lost,         // the connection broke: a write may or may not have been committed
        expired,      // its deadline came first, and it was not done
        overloaded,   // too many wait
        unreachable,  // no connection could be had
        unfit,        // no connection may be had until somebody mends what `failure` says
        closed,       // nothing is accepted any more
    };
    Kind kind = Kind::closed;
    Outcome outcome{};
};

struct Job {
    using Handler = std::move_only_function<void(Settled)>;

    std::string tenant;
    Segment segment;
    TimePoint deadline;
    bool repeatable = false;  // doing it twice does no harm
    /// The database does one of its tenant's such jobs at a time: the next is sent behind the one
    /// under way, where it holds up nobody while it waits.
    bool serial = false;
    Handler handler{};
    /// Whether the answers are this job's; if not, the connection is closed. Empty: not asked.
    std::function<bool(const Outcome&)> trusted{};
    int attempts = 0;
};

class LaneBook {
public:
    struct Limits {
        std::size_t connections = 4;
        std::size_t depth = 8;  // segments under way on one
        std::size_t waiting_max = 10'000;
        std::size_t turn = 4;  // jobs of one tenant before the next one's
        /// How long jobs wait while no connection can be had.
        std::chrono::milliseconds patience{10'000};
    };
    static constexpr int attempts_max = 5;

    explicit LaneBook(Limits limits, Backoff::Jitter jitter = Backoff::random_jitter());

    /// The first connection is opened although no job needs it yet; once, so that a database which
    /// ends idle sessions may fall asleep.
    void warm_up() noexcept { eager_ = open_lanes() == 0; }
    /// Takes a job, or returns how it ended.
    std::optional<Settled> submit(Job& job, TimePoint now);

    struct Start {
        std::size_t lane;
        Job job;
    };
    /// A job to be sent now.
    std::optional<Start> next_start();
    /// A connection to be opened now; it counts as being opened.
    std::optional<std::size_t> next_opening(TimePoint now);

    void opened(std::size_t lane);
    /// `lasting`: not for want of time. Then every job ends with `why`, until a connection is had.
    void opening_failed(std::size_t lane, Failure why, TimePoint now, bool lasting = false);
    /// The connection broke; its jobs will end by `finished` before it is opened again.
    void broke(std::size_t lane);

    struct Ended {
        Job job;
        Settled settled;
    };
    /// A job has ended, or nullopt if it will be sent again.
    std::optional<Ended> finished(std::size_t lane, Job job, Outcome outcome, TimePoint now);
    /// Those for which waiting has no sense any more.
    std::vector<Ended> expire(TimePoint now);
    /// Nothing is accepted from now on; what waits ends.
    std::vector<Ended> close();

    std::size_t waiting() const noexcept { return queue_.size(); }
    std::size_t under_way() const noexcept;
    bool idle() const noexcept { return queue_.empty() && under_way() == 0; }
    std::size_t open_lanes() const noexcept;

private:
    enum class State { closed, opening, open };
    struct Lane {
        State state = State::closed;
        std::size_t jobs = 0;
    };
    struct Serial {
        std::size_t lane;
        std::size_t jobs;
    };
    bool has_room(const Lane& lane) const noexcept {
        return lane.state == State::open && lane.jobs < limits_.depth;
    }
    std::optional<std::size_t> idlest_lane() const;
    std::optional<std::size_t> lane_for(const Job& job) const;
    void take_place(const Job& job, std::size_t lane);
    void leave_place(const Job& job, std::size_t lane);
    std::optional<Settled> verdict_on_waiting(const Job& job, TimePoint now) const;
    bool given_up(TimePoint now) const;

    Limits limits_;
    std::vector<Lane> lanes_;
    TurnQueue<Job> queue_;
    std::unordered_map<std::string, Serial> serial_;  // under way, by tenant
    bool eager_ = false;
    bool closing_ = false;
    bool lasting_ = false;  // last_failure_ is
    std::optional<TimePoint> failing_since_;
    TimePoint failed_at_ = TimePoint::min();
    TimePoint retry_at_ = TimePoint::min();
    Backoff backoff_;
    Failure last_failure_;
};

}  // namespace tenantry::pg
