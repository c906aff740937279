#include "pg/pipeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace tenantry::pg {
namespace {

constexpr std::string_view no_such_statement = "26000";
constexpr std::string_view feature_not_supported = "0A000";

/// The server has the statement no more, or no longer as it was prepared.
bool is_about_statement(const Failure& failure) {
    return failure.sqlstate == no_such_statement || (failure.sqlstate == feature_not_supported &&
                                                     failure.routine == "RevalidateCachedQuery");
}

/// The server hangs up: it is told to stop, or an idle session is ended.
bool is_goodbye(const Failure& failure) {
    return failure.fatal && (failure.sqlstate == "57P01" || failure.sqlstate == "57P05");
}

}  // namespace

void Pipeline::set_transaction_begin(std::optional<std::vector<std::string>> statements) {
    transaction_begin_ = std::move(statements);
}

void Pipeline::submit(std::uint64_t id, const Segment& segment) {
    if (broken_) std::abort();
    auto& open = open_.emplace_back();
    open.id = id;
    open.outcome.answers.resize(segment.calls.size());
    bool sent = begin_transaction(open);
    // Each statement is prepared right before it runs: what the calls before it have set, such as a
    // statement_timeout, holds for preparing as well, which may have to wait for a lock.
    for (std::size_t i = 0; sent && i < segment.calls.size(); ++i) {
        const auto& call = segment.calls[i];
        auto name = name_for(call.text, open);
        sent = send({.kind = Step::Kind::call, .name = std::move(name), .text = {}, .call = i},
                    open, &call.arguments);
    }
    sent = sent && send({.kind = Step::Kind::sync}, open);
    if (!sent || broken_) return abandon(driver_.last_error());
}

bool Pipeline::begin_transaction(Open& open) {
    if (!transaction_begin_) return true;
    static const Arguments none;
    for (const auto& text : *transaction_begin_) {
        auto name = name_for(text, open);
        if (!send({.kind = Step::Kind::begin, .name = std::move(name)}, open, &none)) return false;
    }
    return true;
}

/// Where sessions are lent, the statement without a name, which the next one replaces.
std::string Pipeline::name_for(const std::string& text, Open& open) {
    if (transaction_begin_) {
        if (!send({.kind = Step::Kind::prepare, .text = text}, open)) broken_ = true;
        return {};
    }
    if (const auto found = statements_.find(text); found != statements_.end()) {
        found->second.used = ++uses_;
        return found->second.name;
    }
    make_room(open);
    auto name = fmt::format("s{}", ++names_);
    statements_.emplace(text, Known{name, ++uses_});
    if (!send({.kind = Step::Kind::prepare, .name = name, .text = text}, open)) broken_ = true;
    return name;
}

/// Segments that were sent before run before: what they use may go.
void Pipeline::make_room(Open& open) {
    if (statements_.size() < statements_limit_) return;
    const auto oldest = std::ranges::min_element(
        statements_, {}, [](const auto& entry) { return entry.second.used; });
    if (!send({.kind = Step::Kind::forget, .name = oldest->second.name}, open)) broken_ = true;
    statements_.erase(oldest);
}

bool Pipeline::send(Step step, Open& open, const Arguments* arguments) {
    bool sent = false;
    switch (step.kind) {
    case Step::Kind::prepare: sent = driver_.send_prepare(step.name, step.text); break;
    case Step::Kind::forget: sent = driver_.send_command("DEALLOCATE " + step.name); break;
    case Step::Kind::begin:
    case Step::Kind::call: sent = driver_.send_execute(step.name, *arguments); break;
    case Step::Kind::sync: sent = driver_.send_sync(); break;
    }
    open.steps.push_back(std::move(step));
    return sent;
}

void Pipeline::advance() {
    if (broken_) return;
    const bool readable = driver_.consume();
    collect();
    if (broken_) return;
    if (!readable) return abandon(driver_.last_error());
    flush();
}

void Pipeline::flush() {
    if (broken_) return;
    switch (driver_.flush()) {
    case Driver::Flushed::all: wants_write_ = false; break;
    case Driver::Flushed::some: wants_write_ = true; break;
    case Driver::Flushed::broken: abandon(driver_.last_error()); break;
    }
}

void Pipeline::collect() {
    int empty = 0;
    while (!open_.empty() && !broken_ && !driver_.busy()) {
        auto answer = driver_.next();
        if (answer.kind != Answer::Kind::none) {
            empty = 0;
            take(std::move(answer));
            continue;
        }
        if (open_.front().answered) {
            next_step();
        } else if (++empty > 1) {
            return abandon("the server's answers ended early");
        }
    }
}

void Pipeline::take(Answer answer) {
    auto& open = open_.front();
    const auto& step = open.steps.front();
    if (answer.kind == Answer::Kind::synced) {
        if (step.kind != Step::Kind::sync) return abandon("the server's answers don't match");
        return finish();
    }
    if (answer.kind == Answer::Kind::failed && answer.failure.sqlstate.empty())
        return abandon(answer.failure.message);
    if (!std::exchange(open.begun, true))
        open.dismissed = answer.kind == Answer::Kind::failed && is_goodbye(answer.failure);
    open.answered = step.kind != Step::Kind::sync;
    switch (answer.kind) {
    case Answer::Kind::failed: note_failure(step, std::move(answer.failure)); break;
    case Answer::Kind::skipped:
        if (step.kind == Step::Kind::prepare) forget(step.name);
        break;
    case Answer::Kind::rows:
    case Answer::Kind::done:
        if (step.kind == Step::Kind::sync) return abandon("an answer that nothing was asked for");
        if (step.kind == Step::Kind::call) open.outcome.answers[step.call] = std::move(answer);
        break;
    case Answer::Kind::none:
    case Answer::Kind::synced: std::abort();
    }
}

void Pipeline::note_failure(const Step& step, Failure failure) {
    auto& open = open_.front();
    if (step.kind == Step::Kind::prepare) forget(step.name);
    const bool names_it = step.kind == Step::Kind::call || step.kind == Step::Kind::forget;
    if (names_it && is_about_statement(failure)) {
        open.outcome.stale = true;
        forget(step.name);
    }
    if (open.failed) return;  // the first says why
    open.failed = true;
    open.outcome.failed_call =
        step.kind == Step::Kind::call ? step.call : open.outcome.answers.size();
    open.outcome.failure = std::move(failure);
}

void Pipeline::forget(const std::string& name) {
    std::erase_if(statements_, [&](const auto& entry) { return entry.second.name == name; });
}

void Pipeline::next_step() {
    auto& open = open_.front();
    open.steps.pop_front();
    open.answered = false;
}

void Pipeline::finish() {
    auto& open = open_.front();
    open.outcome.kind = open.failed ? Outcome::Kind::refused : Outcome::Kind::done;
    if (open.failed) open.outcome.answers.clear();
    finished_.push_back({open.id, std::move(open.outcome)});
    open_.pop_front();
}

void Pipeline::abandon(std::string_view why) {
    broken_ = true;
    wants_write_ = false;
    const bool untouched = !open_.empty() && open_.front().dismissed;
    for (auto& open : open_) {
        // What the server said last tells more than that it went away.
        if (!open.failed) open.outcome.failure = {.message = std::string{why}};
        open.outcome.kind = Outcome::Kind::lost;
        open.outcome.untouched = untouched;
        open.outcome.answers.clear();
        finished_.push_back({open.id, std::move(open.outcome)});
    }
    open_.clear();
}

std::vector<Pipeline::Finished> Pipeline::take_finished() { return std::exchange(finished_, {}); }

}  // namespace tenantry::pg
