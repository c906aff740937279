#pragma once
/// The one writer: a thread that commits independent requests in groups.
///
/// Requests queue; the thread takes what waits, the tenants in turns, runs each in a savepoint of
/// its own inside one transaction, commits once, and only then answers. A refused request undoes
/// its savepoint and leaves the others alone. A request of many rows has a transaction to itself.
/// Some failures (disk full, I/O) take the whole transaction back: then the request that met it is
/// answered, and the others run again from the start; none was acknowledged.
///
/// A commit is durable (`synchronous=FULL`), so what was answered survives a power cut.
///
/// How long a request waits is bounded by what the groups before it may hold. A tenant that writes
/// alone may fill groups, which is the fastest; once others write too, its share of one is small.

#include "base/distribution.hpp"
#include "engine/commits.hpp"
#include "engine/executor.hpp"
#include "engine/statistics.hpp"
#include "sqlite/guarded_connection.hpp"
#include "sqlite/tenant_turns.hpp"

#include <condition_variable>
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
    /// Takes the connection over; `queue_max` requests may wait, of one tenant at most as many as
    /// there is room left, so that there is always a place for another's.
    /// `teller` is told of whom something was committed; it outlives the writer.
    Writer(std::unique_ptr<GuardedConnection> connection, std::size_t queue_max,
           const CommitTeller& teller);
    /// Finishes what was accepted.
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    /// Threads: any. `done` may be called before this returns (overloaded, shutting_down).
    void submit(std::vector<query::ScopedPlan> plans, Deadline deadline, WriteDone done);

    /// Accepts no more and waits until all that was accepted is answered.
    void drain();

    WriterStatistics statistics() const;

private:
    struct Job {
        std::vector<query::ScopedPlan> plans;
        Deadline deadline;
        WriteDone done;
        std::exception_ptr fault{};
        Result<Replies> result{Replies{}};
        bool settled = false;  // answered by a failure: not run again
    };

    using Queue = TenantTurns<Job>;  // a job weighs the rows that it writes, about
    using Group = std::vector<Queue::Taken>;

    void run();
    Group take_group();
    void note_company(const Group& group);
    void commit_group(Group& group);
    bool run_group(Group& group);
    bool run_job(Job& job, bool savepoint, bool alone);
    void commit();
    Result<Replies> run_plans(Job& job);
    void tell_commits(const Group& group) const;
    static void refuse_all(Group& group, const SqliteFailure& failure);

    std::unique_ptr<GuardedConnection> connection_;
    const std::size_t queue_max_;
    const CommitTeller& teller_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    Queue queue_;            // guarded by mutex_
    bool stopping_ = false;  // guarded by mutex_
    bool busy_ = false;      // guarded by mutex_
    // The thread's own: who wrote in the last group, and in how many groups nobody else did.
    std::string last_tenant_{};
    std::size_t groups_alone_;
    Distribution<10> group_sizes_;
    Distribution<14> commit_micros_;
    std::thread thread_;  // last: it uses the others
};

}  // namespace tenantry::engine::sqlite
