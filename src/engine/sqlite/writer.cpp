#include "sqlite/writer.hpp"

#include "sqlite/errors.hpp"

#include <algorithm>
#include <array>

namespace tenantry::engine::sqlite {
namespace {

/// Bounds how long the first of a group waits for the last.
constexpr std::size_t group_max = 256;

/// From this many rows on, a request has a transaction of its own.
constexpr std::size_t large_rows = 256;

/// Rows of one tenant in a group while others write too.
constexpr std::size_t shared_rows = 32;
/// After so many groups of one tenant only, it counts as alone.
constexpr std::size_t company_groups = 1024;

constexpr std::array<std::uint64_t, 10> size_bounds{1, 2, 4, 8, 16, 32, 64, 128, 256, 512};
constexpr std::array<std::uint64_t, 14> micros_bounds{
    100,    250,    500,     1'000,   2'500,     5'000,     10'000,
    25'000, 50'000, 100'000, 250'000, 1'000'000, 2'500'000, 10'000'000};

std::size_t rows_of(const std::vector<query::ScopedPlan>& plans) {
    std::size_t rows = 0;
    for (const auto& plan : plans) {
        const auto* insert = std::get_if<query::Insert>(&plan.request());
        rows += insert != nullptr ? insert->rows.size() : 1;
    }
    return std::max<std::size_t>(1, rows);
}

}  // namespace

Writer::Writer(std::unique_ptr<GuardedConnection> connection, std::size_t queue_max,
               const CommitTeller& teller)
    : connection_{std::move(connection)},
      queue_max_{queue_max},
      teller_{teller},
      groups_alone_{company_groups},
      group_sizes_{size_bounds},
      commit_micros_{micros_bounds},
      thread_{[this] { run(); }} {}

Writer::~Writer() {
    drain();
    thread_.join();
}

void Writer::submit(std::vector<query::ScopedPlan> plans, Deadline deadline, WriteDone done) {
    const auto tenant = plans.front().tenant();
    const auto rows = rows_of(plans);
    std::unique_lock lock{mutex_};
    if (stopping_ || queue_.size_of(tenant) >= queue_max_ - queue_.size()) {
        const auto refused =
            stopping_ ? fail(Errc::shutting_down, "the server is shutting down; try again later")
                      : fail(Errc::overloaded, "too many writes are waiting; try again shortly");
        lock.unlock();
        return done(nullptr, refused);
    }
    queue_.push(tenant, Job{std::move(plans), deadline, std::move(done)}, rows);
    lock.unlock();
    changed_.notify_all();
}

void Writer::drain() {
    std::unique_lock lock{mutex_};
    stopping_ = true;
    changed_.notify_all();
    changed_.wait(lock, [&] { return queue_.empty() && !busy_; });
}

WriterStatistics Writer::statistics() const {
    WriterStatistics out{.commits = CommitStatistics{.group_sizes = group_sizes_.counts(),
                                                     .commit_micros = commit_micros_.counts()}};
    const std::lock_guard lock{mutex_};
    out.waiting = queue_.size();
    return out;
}

void Writer::run() {
    while (true) {
        Group group;
        {
            std::unique_lock lock{mutex_};
            changed_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
            if (queue_.empty()) return;
            group = take_group();
            busy_ = true;
        }
        note_company(group);
        commit_group(group);
        tell_commits(group);
        for (auto& [job, lane, rows] : group) job.done(job.fault, std::move(job.result));
        {
            const std::lock_guard lock{mutex_};
            for (const auto& [job, lane, rows] : group) queue_.finish(lane, rows);
            busy_ = false;
        }
        changed_.notify_all();
    }
}

/// Once for several requests of a tenant that lie side by side, as most do.
void Writer::tell_commits(const Group& group) const {
    const TenantId* last = nullptr;
    for (const auto& [job, lane, rows] : group) {
        const auto& tenant = job.plans.front().tenant();
        if (job.fault || !job.result || (last != nullptr && *last == tenant)) continue;
        teller_.tell(tenant);
        last = &tenant;
    }
}

/// What comes first, and what may be committed together with it.
auto Writer::take_group() -> Group {
    const auto share = groups_alone_ < company_groups ? shared_rows : group_max;
    Group group;
    while (group.size() < group_max) {
        if (!group.empty() && group.front().weight >= large_rows) break;
        auto taken = queue_.take(share, group.empty() ? Queue::any_weight : large_rows - 1);
        if (!taken) break;
        group.push_back(std::move(*taken));
    }
    return group;
}

/// Whether tenants write beside each other, as far as it shows.
void Writer::note_company(const Group& group) {
    const auto* const lane = group.front().lane;
    const bool known = last_tenant_.empty() || lane->tenant == last_tenant_;
    const bool alone = known && std::ranges::all_of(group, [lane](const auto& taken) {
                           return taken.lane == lane;
                       });
    groups_alone_ = alone ? groups_alone_ + 1 : 0;
    if (lane->tenant != last_tenant_) last_tenant_ = lane->tenant;
}

void Writer::refuse_all(Group& group, const SqliteFailure& failure) {
    for (auto& [job, lane, rows] : group) {
        if (job.settled) continue;
        job.settled = true;
        try {
            job.result = outcome_of(failure);
        } catch (const Fault&) {
            job.fault = std::current_exception();
        }
    }
}

void Writer::commit_group(Group& group) {
    try {
        while (!run_group(group)) {
        }
    } catch (const SqliteFailure& failure) {
        connection_->rollback();
        refuse_all(group, failure);
    }
}

/// False if a failure took the transaction back and the rest must run again.
bool Writer::run_group(Group& group) {
    if (std::ranges::all_of(group, [](const auto& taken) { return taken.job.settled; }))
        return true;
    const bool alone = group.size() == 1;
    connection_->begin_write();
    for (auto& [job, lane, rows] : group) {
        if (!job.settled && !run_job(job, !alone && rows > 1, alone)) return false;
    }
    commit();
    group_sizes_.add(group.size());
    return true;
}

void Writer::commit() {
    const auto began = std::chrono::steady_clock::now();
    connection_->commit();
    const auto took = std::chrono::steady_clock::now() - began;
    commit_micros_.add(static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
}

/// A single statement undoes itself when it fails, and a job that is alone takes its transaction
/// with it. Only among others does what takes several statements need a savepoint. SQLite keeps the
/// pages that a savepoint would restore in memory, in a list that it walks at the end of every
/// statement: hence no savepoints around many rows.
bool Writer::run_job(Job& job, bool savepoint, bool alone) {
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
