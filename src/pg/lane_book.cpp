#include "pg/lane_book.hpp"

#include <algorithm>
#include <utility>

namespace tenantry::pg {
namespace {

/// Serialization failure, deadlock: taken back, and likely to work the next time.
bool is_transient(const Failure& failure) {
    return failure.sqlstate == "40001" || failure.sqlstate == "40P01";
}

bool may_run_again(const Job& job, const Outcome& outcome) {
    switch (outcome.kind) {
    case Outcome::Kind::done: return false;
    case Outcome::Kind::refused: return outcome.stale || is_transient(outcome.failure);
    case Outcome::Kind::lost: return job.repeatable || outcome.untouched;
    }
    std::abort();
}

/// Of a job that has ended. One that would have run again is late: nothing of it was done.
Settled::Kind kind_of(const Job& job, const Outcome& outcome, TimePoint now) {
    if (may_run_again(job, outcome) && now >= job.deadline) return Settled::Kind::expired;
    switch (outcome.kind) {
    case Outcome::Kind::done: return Settled::Kind::done;
    case Outcome::Kind::refused: return Settled::Kind::refused;
    case Outcome::Kind::lost: return Settled::Kind::lost;
    }
    std::abort();
}

}  // namespace

LaneBook::LaneBook(Limits limits, Backoff::Jitter jitter)
    : limits_{limits},
      lanes_(std::max<std::size_t>(1, limits.connections)),
      queue_{limits.waiting_max, limits.turn},
      backoff_{std::move(jitter)} {}

std::optional<Settled> LaneBook::submit(Job& job, TimePoint now) {
    if (closing_) return Settled{Settled::Kind::closed};
    if (auto verdict = verdict_on_waiting(job, now)) return verdict;
    if (queue_.full()) return Settled{Settled::Kind::overloaded};
    const auto tenant = job.tenant;
    queue_.push(tenant, std::move(job));
    return std::nullopt;
}

std::optional<Settled> LaneBook::verdict_on_waiting(const Job& job, TimePoint now) const {
    const auto with = [](Settled::Kind kind, const Failure& failure) {
        return Settled{kind, Outcome{.failure = failure}};
    };
    // Whoever comes when it is time for another attempt waits for that.
    const bool hopeless = open_lanes() == 0 && now < retry_at_;
    if (hopeless && lasting_) return with(Settled::Kind::unfit, last_failure_);
    if (hopeless && given_up(now)) return with(Settled::Kind::unreachable, last_failure_);
    if (now >= job.deadline) return Settled{Settled::Kind::expired};
    return std::nullopt;
}

bool LaneBook::given_up(TimePoint now) const {
    return failing_since_ && now - *failing_since_ >= limits_.patience;
}

std::optional<std::size_t> LaneBook::idlest_lane() const {
    auto best = lanes_.end();
    for (auto lane = lanes_.begin(); lane != lanes_.end(); ++lane) {
        if (has_room(*lane) && (best == lanes_.end() || lane->jobs < best->jobs)) best = lane;
    }
    if (best == lanes_.end()) return std::nullopt;
    return static_cast<std::size_t>(best - lanes_.begin());
}

std::optional<std::size_t> LaneBook::lane_for(const Job& job) const {
    if (job.serial) {
        if (const auto found = serial_.find(job.tenant); found != serial_.end()) {
            const auto lane = found->second.lane;
            return has_room(lanes_[lane]) ? std::optional{lane} : std::nullopt;
        }
    }
    return idlest_lane();
}

void LaneBook::take_place(const Job& job, std::size_t lane) {
    ++lanes_[lane].jobs;
    if (job.serial) ++serial_.try_emplace(job.tenant, Serial{lane, 0}).first->second.jobs;
}

void LaneBook::leave_place(const Job& job, std::size_t lane) {
    --lanes_[lane].jobs;
    if (!job.serial) return;
    const auto found = serial_.find(job.tenant);
    if (--found->second.jobs == 0) serial_.erase(found);
}

std::optional<LaneBook::Start> LaneBook::next_start() {
    if (queue_.empty() || !idlest_lane()) return std::nullopt;
    auto job = queue_.pop_if([this](const Job& next) { return lane_for(next).has_value(); });
    if (!job) return std::nullopt;
    const auto lane = *lane_for(*job);
    take_place(*job, lane);
    ++job->attempts;
    return Start{lane, std::move(*job)};
}

std::optional<std::size_t> LaneBook::next_opening(TimePoint now) {
    if (closing_ || now < retry_at_) return std::nullopt;
    const auto opening = std::ranges::count(lanes_, State::opening, &Lane::state);
    // One attempt at a time while they fail.
    if (failing_since_ && opening > 0) return std::nullopt;
    const bool all_busy = std::ranges::all_of(
        lanes_, [](const Lane& lane) { return lane.state != State::open || lane.jobs > 0; });
    // What waits although there is room waits for a job of its own tenant.
    const bool full = !queue_.empty() && !idlest_lane();
    const bool needed =
        full || (all_busy && under_way() > open_lanes()) || std::exchange(eager_, false);
    const auto wanted =
        std::max<std::size_t>(1, std::min<std::size_t>(queue_.size(), open_lanes()));
    if (!needed || static_cast<std::size_t>(opening) >= wanted) return std::nullopt;
    const auto closed = std::ranges::find(lanes_, State::closed, &Lane::state);
    if (closed == lanes_.end()) return std::nullopt;
    closed->state = State::opening;
    // Nobody has tried for long: it is not known to have been down all the time.
    if (failing_since_ && now - failed_at_ > limits_.patience) failing_since_.reset();
    return static_cast<std::size_t>(closed - lanes_.begin());
}

void LaneBook::opened(std::size_t lane) {
    lanes_[lane] = {State::open, 0};
    failing_since_.reset();
    lasting_ = false;
    backoff_.reset();
    retry_at_ = TimePoint::min();
}

void LaneBook::opening_failed(std::size_t lane, Failure why, TimePoint now, bool lasting) {
    lanes_[lane] = {};
    last_failure_ = std::move(why);
    lasting_ = lasting;
    if (!failing_since_) {
        failing_since_ = now;
        backoff_.reset();
    }
    failed_at_ = now;
    retry_at_ = now + backoff_.next();
}

void LaneBook::broke(std::size_t lane) { lanes_[lane].state = State::closed; }

std::optional<LaneBook::Ended> LaneBook::finished(std::size_t lane, Job job, Outcome outcome,
                                                  TimePoint now) {
    leave_place(job, lane);
    if (!closing_ && may_run_again(job, outcome) && job.attempts < attempts_max &&
        now < job.deadline) {
        const auto tenant = job.tenant;
        queue_.push_front(tenant, std::move(job));
        return std::nullopt;
    }
    const auto kind = kind_of(job, outcome, now);
    return Ended{std::move(job), Settled{kind, std::move(outcome)}};
}

std::vector<LaneBook::Ended> LaneBook::expire(TimePoint now) {
    auto jobs =
        queue_.extract([&](const Job& job) { return verdict_on_waiting(job, now).has_value(); });
    std::vector<Ended> ended;
    ended.reserve(jobs.size());
    for (auto& job : jobs) {
        auto verdict = *verdict_on_waiting(job, now);
        ended.push_back({std::move(job), std::move(verdict)});
    }
    return ended;
}

std::vector<LaneBook::Ended> LaneBook::close() {
    closing_ = true;
    std::vector<Ended> ended;
    for (auto& job : queue_.extract([](const Job&) { return true; }))
        ended.push_back({std::move(job), Settled{Settled::Kind::closed}});
    return ended;
}

std::size_t LaneBook::under_way() const noexcept {
    std::size_t jobs = 0;
    for (const auto& lane : lanes_) jobs += lane.jobs;
    return jobs;
}

std::size_t LaneBook::open_lanes() const noexcept {
    return static_cast<std::size_t>(std::ranges::count(lanes_, State::open, &Lane::state));
}

}  // namespace tenantry::pg
