#include "sqlite/writer.hpp"

#include "sqlite/errors.hpp"

#include <algorithm>

namespace tenantry::engine::sqlite {
namespace {

/// Bounds how long the first of a group waits for the last.
constexpr std::size_t group_max = 256;

/// From this many rows on, a request has a transaction of its own.
constexpr std::size_t large_rows = 256;

std::size_t rows_of(const std::vector<query::ScopedPlan>& plans) {
    std::size_t rows = 0;
    for (const auto& plan : plans) {
        const auto* insert = std::get_if<query::Insert>(&plan.request());
        rows += insert != nullptr ? insert->rows.size() : 1;
    }
    return rows;
}

}  // namespace

Writer::Writer(std::unique_ptr<GuardedConnection> connection, std::size_t queue_max)
    : connection_{std::move(connection)}, queue_max_{queue_max}, thread_{[this] { run(); }} {}

Writer::~Writer() {
    drain();
    thread_.join();
}

void Writer::submit(std::vector<query::ScopedPlan> plans, Deadline deadline, WriteDone done) {
    std::unique_lock lock{mutex_};
    if (stopping_ || queue_.size() >= queue_max_) {
        const auto refused =
            stopping_ ? fail(Errc::shutting_down, "the server is shutting down; try again later")
                      : fail(Errc::overloaded, "too many writes are waiting; try again shortly");
        lock.unlock();
        return done(nullptr, refused);
    }
    const auto rows = rows_of(plans);
    queue_.push_back(Job{std::move(plans), rows, deadline, std::move(done)});
    lock.unlock();
    changed_.notify_all();
}

void Writer::drain() {
    std::unique_lock lock{mutex_};
    stopping_ = true;
    changed_.notify_all();
    changed_.wait(lock, [&] { return queue_.empty() && !busy_; });
}

void Writer::run() {
    while (true) {
        std::vector<Job> group;
        {
            std::unique_lock lock{mutex_};
            changed_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
            if (queue_.empty()) return;
            group = take_group();
            busy_ = true;
        }
        commit_group(group);
        for (auto& job : group) job.done(job.fault, std::move(job.result));
        {
            const std::lock_guard lock{mutex_};
            busy_ = false;
        }
        changed_.notify_all();
    }
}

/// What is first in the queue, and what may be committed together with it.
std::vector<Writer::Job> Writer::take_group() {
    const auto is_large = [](const Job& job) { return job.rows >= large_rows; };
    auto end = std::next(queue_.begin());
    if (!is_large(queue_.front())) {
        const auto most = static_cast<std::ptrdiff_t>(std::min(queue_.size(), group_max));
        end = std::find_if(queue_.begin(), queue_.begin() + most, is_large);
    }
    std::vector<Job> group;
    std::move(queue_.begin(), end, std::back_inserter(group));
    queue_.erase(queue_.begin(), end);
    return group;
}

void Writer::refuse_all(std::vector<Job>& group, const SqliteFailure& failure) {
    for (auto& job : group) {
        if (job.settled) continue;
        job.settled = true;
        try {
            job.result = outcome_of(failure);
        } catch (const Fault&) {
            job.fault = std::current_exception();
        }
    }
}

void Writer::commit_group(std::vector<Job>& group) {
    try {
        while (!run_group(group)) {
        }
    } catch (const SqliteFailure& failure) {
        connection_->rollback();
        refuse_all(group, failure);
    }
}

/// False if a failure took the transaction back and the rest must run again.
bool Writer::run_group(std::vector<Job>& group) {
    if (std::ranges::all_of(group, &Job::settled)) return true;
    connection_->begin_write();
    for (auto& job : group) {
        if (!job.settled && !run_job(job, group.size() == 1)) return false;
    }
    connection_->commit();
    return true;
}

/// A single statement undoes itself when it fails, and a job that is alone takes its transaction
/// with it. Only among others does what takes several statements need a savepoint. SQLite keeps the
/// pages that a savepoint would restore in memory, in a list that it walks at the end of every
/// statement: hence no savepoints around many rows.
bool Writer::run_job(Job& job, bool alone) {
    const bool savepoint = !alone && job.rows > 1;
    try {
        if (savepoint) connection_->savepoint();
        job.result = run_plans(job);
        // A refusal stands, whether or not the group has to run again.
        if (!job.result) job.settled = true;
        if (!job.result && alone) connection_->rollback();
        if (!connection_->in_transaction()) return false;
        if (savepoint) {
            if (job.result) {
                connection_->release_savepoint();
            } else {
                connection_->rollback_to_savepoint();
            }
        }
        return true;
    } catch (const Fault&) {
        job.fault = std::current_exception();
        job.settled = true;
        connection_->rollback();
        return false;
    }
}

Result<Replies> Writer::run_plans(Job& job) {
    if (std::chrono::steady_clock::now() >= job.deadline) {
        return fail(Errc::deadline_exceeded,
                    "the request waited longer than its deadline allows; nothing was written");
    }
    Replies replies;
    replies.reserve(job.plans.size());
    for (const auto& plan : job.plans) {
        TENANTRY_TRY(reply, connection_->write(plan));
        replies.push_back(std::move(reply));
    }
    return replies;
}

}  // namespace tenantry::engine::sqlite
