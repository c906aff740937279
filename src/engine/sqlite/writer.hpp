#pragma once
/// The one writer: a thread that commits independent requests in groups.
///
/// Requests queue; the thread takes all that wait, runs each in a savepoint of its own inside one
/// transaction, commits once, and only then answers. A refused request undoes its savepoint and
/// leaves the others alone. A request of many rows has a transaction to itself. Some failures (disk
/// full, I/O) take the whole transaction back: then the request that met it is answered, and the
/// others run again from the start; none was acknowledged.
///
/// A commit is durable (`synchronous=FULL`), so what was answered survives a power cut.

#include "engine/executor.hpp"
#include "sqlite/guarded_connection.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace tenantry::engine::sqlite {

using Replies = std::vector<query::Reply>;

/// Called once, on the writer's thread: a fault, or the result.
using WriteDone = std::move_only_function<void(std::exception_ptr, Result<Replies>)>;

class Writer {
public:
    /// Takes the connection over; `queue_max` requests may wait.
    Writer(std::unique_ptr<GuardedConnection> connection, std::size_t queue_max);
    /// Finishes what was accepted.
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    /// Threads: any. `done` may be called before this returns (overloaded, shutting_down).
    void submit(std::vector<query::ScopedPlan> plans, Deadline deadline, WriteDone done);

    /// Accepts no more and waits until all that was accepted is answered.
    void drain();

private:
    struct Job {
        std::vector<query::ScopedPlan> plans;
        std::size_t rows;  // that it writes, about
        Deadline deadline;
        WriteDone done;
        std::exception_ptr fault{};
        Result<Replies> result{Replies{}};
        bool settled = false;  // answered by a failure: not run again
    };

    void run();
    std::vector<Job> take_group();
    void commit_group(std::vector<Job>& group);
    bool run_group(std::vector<Job>& group);
    bool run_job(Job& job, bool alone);
    Result<Replies> run_plans(Job& job);
    static void refuse_all(std::vector<Job>& group, const SqliteFailure& failure);

    std::unique_ptr<GuardedConnection> connection_;
    const std::size_t queue_max_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Job> queue_;  // guarded by mutex_
    bool stopping_ = false;  // guarded by mutex_
    bool busy_ = false;      // guarded by mutex_
    std::thread thread_;     // last: it uses the others
};

}  // namespace tenantry::engine::sqlite
