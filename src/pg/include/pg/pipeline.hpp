#pragma once
/// One connection in pipeline mode as a state machine: segments in, outcomes out, no I/O of its
/// own.
///
/// A segment is a list of executions that ends with a Sync: one implicit transaction, all or
/// nothing. Statements are prepared once on each connection, under a name that belongs to their
/// text, right before they first run. Several segments may be under way at once;
/// they end in their order.
///
/// What it sees to:
/// - A segment is finished at its Sync only. Rows come before the commit, and a deferred constraint
///   fails after all executions have succeeded, so results are never matched by their number.
/// - What was prepared in vain (an error came before it) or has been overtaken by a change of the
///   schema is forgotten, and the outcome says so (`stale`): the same segment will do when sent
///   again.
/// - When the connection breaks, every segment that is under way ends as `lost`. A server that is
///   shut down, or sleeps, says so before it hangs up. It answers in order, so a segment whose
///   first answer is that, and all behind it, were not begun with.
///
/// Threads: one at a time. Spec: PostgreSQL manual, "Pipelining" in the message flow chapter.

#include "pg/driver.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tenantry::pg {

struct Call {
    std::string text;
    Arguments arguments{};
};

struct Segment {
    std::vector<Call> calls{};
};

struct Outcome {
    enum class Kind {
        done,     // committed; `answers` holds one for each call
        refused,  // by the server, which has taken everything back
        lost,     // the connection broke: whether it has committed is not known
    };
    Kind kind = Kind::lost;
    std::vector<Answer> answers{};
    Failure failure{};
    std::size_t failed_call =
        0;                   // the index of the call that was refused; past the end: the commit
    bool stale = false;      // refused for the sake of a prepared statement: send it again
    bool untouched = false;  // lost, but the server said good-bye before it had begun with it
};

class Pipeline {
public:
    static constexpr std::size_t statements_max = 256;

    explicit Pipeline(Driver& driver, std::size_t statements = statements_max)
        : driver_{driver}, statements_limit_{statements} {}

    /// Where sessions are lent for one transaction each: from now on each segment begins with these
    /// statements, and leaves no statement behind. nullopt: the session is the connection's own.
    void set_transaction_begin(std::optional<std::vector<std::string>> statements);

    /// Sends a segment. Its outcome will carry `id`. Not once it is broken.
    void submit(std::uint64_t id, const Segment& segment);
    /// Hands what was submitted to the socket; to be called after `submit`.
    void flush();
    /// To be called when the socket is readable or writable.
    void advance();

    /// Whether to wait until the socket is writable, beside waiting until it is readable.
    bool wants_write() const noexcept { return wants_write_; }
    bool broken() const noexcept { return broken_; }
    /// Segments that are under way.
    std::size_t in_flight() const noexcept { return open_.size(); }
    /// Gives up: what is under way is lost.
    void abandon(std::string_view why);

    struct Finished {
        std::uint64_t id;
        Outcome outcome;
    };
    /// What has ended since the last call, in the order in which it was submitted.
    std::vector<Finished> take_finished();

private:
    struct Step {
        enum class Kind { prepare, forget, begin, call, sync } kind;
        std::string name{};  // of the statement
        std::string text{};  // prepare: its text
        std::size_t call = 0;
    };
    struct Open {
        std::uint64_t id;
        std::deque<Step> steps{};
        Outcome outcome{};
        bool failed = false;
        bool begun = false;      // some answer has come
        bool dismissed = false;  // the first answer was that the server hangs up
        bool answered = false;   // the first of `steps` has had an answer
    };
    struct Known {
        std::string name;
        std::uint64_t used = 0;
    };

    std::string name_for(const std::string& text, Open& open);
    bool begin_transaction(Open& open);
    void make_room(Open& open);
    void forget(const std::string& name);
    bool send(Step step, Open& open, const Arguments* arguments = nullptr);
    void collect();
    void take(Answer answer);
    void next_step();
    void note_failure(const Step& step, Failure failure);
    void finish();

    Driver& driver_;
    std::size_t statements_limit_;
    std::optional<std::vector<std::string>> transaction_begin_;  // of lent sessions
    std::deque<Open> open_;
    std::vector<Finished> finished_;
    std::unordered_map<std::string, Known> statements_;  // by text
    std::uint64_t names_ = 0;
    std::uint64_t uses_ = 0;
    bool wants_write_ = false;
    bool broken_ = false;
};

}  // namespace tenantry::pg
