#include "pg/lanes.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <map>
#include <set>
#include <utility>
#include <vector>

namespace tenantry::pg {
namespace {

namespace asio = boost::asio;
constexpr std::chrono::milliseconds tick{50};

TimePoint now() { return std::chrono::steady_clock::now(); }

}  // namespace

class Lanes::Impl : public std::enable_shared_from_this<Impl> {
public:
    Impl(asio::io_context& context, LaneOptions options)
        : context_{context},
          options_{std::move(options)},
          attempt_timeout_{attempt_timeout(options_.startup)},
          book_{options_.limits},
          links_(std::max<std::size_t>(1, options_.limits.connections)),
          timer_{context} {}

    void warm_up() {
        book_.warm_up();
        work();
    }

    void submit(Job job) {
        if (auto verdict = book_.submit(job, now())) return job.handler(std::move(*verdict));
        work();
    }

    void close() {
        settle(book_.close());
        work();
    }

    bool idle() const noexcept { return book_.idle(); }

    void shut_down() {
        close();
        down_ = true;
        for (auto& link : links_) {
            if (link.link) link.link->close("the server is shutting down");
        }
        timer_.cancel();
        links_.clear();
    }

private:
    struct Slot {
        std::unique_ptr<Link> link{};
        std::multimap<TimePoint, int> deadlines{};  // of what is under way on it
    };

    /// Sends what can be sent, opens what is worth opening, and sees to the timer.
    void work() {
        if (down_) return;
        while (auto start = book_.next_start()) send(start->lane, std::move(start->job));
        while (const auto lane = book_.next_opening(now())) {
            asio::co_spawn(context_, open(shared_from_this(), *lane), asio::detached);
        }
        if (!book_.idle() && !ticking_) run_timer();
        tell_waiting();
    }

    void tell_waiting() {
        if (options_.waiting == nullptr) return;
        const auto waiting = book_.waiting();
        *options_.waiting += waiting - std::exchange(told_waiting_, waiting);
    }

    void send(std::size_t lane, Job job) {
        auto& slot = links_[lane];
        const auto deadline = slot.deadlines.emplace(job.deadline, 0);
        auto segment = std::exchange(job.segment, {});
        auto ended = [self = shared_from_this(), lane, deadline, link = slot.link.get(),
                      job = std::move(job)](Outcome outcome, Segment returned) mutable {
            if (self->down_) return job.handler(Settled{Settled::Kind::lost, std::move(outcome)});
            if (self->links_[lane].link.get() == link) self->links_[lane].deadlines.erase(deadline);
            if (job.trusted && outcome.kind == Outcome::Kind::done && !job.trusted(outcome))
                self->distrust(lane, link);
            job.segment = std::move(returned);
            self->finish(lane, std::move(job), std::move(outcome));
        };
        slot.link->submit(std::move(segment), std::move(ended));
    }

    /// What this connection says next may be somebody else's as well. Not closed here: it is in the
    /// middle of telling us.
    void distrust(std::size_t lane, const Link* link) {
        asio::post(context_, [self = shared_from_this(), lane, link] {
            if (self->down_ || self->links_[lane].link.get() != link) return;
            self->links_[lane].link->close("its answers were somebody else's");
        });
    }

    void finish(std::size_t lane, Job job, Outcome outcome) {
        auto ended = book_.finished(lane, std::move(job), std::move(outcome), now());
        // First the next segment, then the answer: the connection need not wait for it.
        if (links_[lane].link && links_[lane].link->open()) work();
        if (ended) ended->job.handler(std::move(ended->settled));
    }

    static asio::awaitable<void> open(std::shared_ptr<Impl> self, std::size_t lane) {
        try {
            auto link = co_await Link::connect(self->context_, self->options_.startup,
                                               now() + self->attempt_timeout_);
            if (self->down_) co_return;
            self->links_[lane] = {std::move(link)};
            self->greet(lane);
        } catch (const Unreachable& unreachable) {
            if (self->down_) co_return;
            self->book_.opening_failed(lane, unreachable.failure(), now(), unreachable.lasting());
            self->after_failure();
        }
    }

    void greet(std::size_t lane) {
        auto& link = *links_[lane].link;
        link.on_closed([weak = weak_from_this(), lane] {
            if (const auto self = weak.lock()) self->broke(lane);
        });
        if (options_.greeting.calls.empty()) return admit(lane);
        links_[lane].deadlines.emplace(now() + attempt_timeout_ - options_.grace, 0);
        auto answered = [weak = weak_from_this(), lane](Outcome outcome, const Segment&) {
            if (const auto self = weak.lock()) self->judge(lane, std::move(outcome));
        };
        link.submit(options_.greeting, std::move(answered));
    }

    void judge(std::size_t lane, Outcome outcome) {
        std::optional<Failure> failure;
        const bool lasting = outcome.kind == Outcome::Kind::done;
        if (lasting) {
            if (options_.objection) failure = options_.objection(outcome);
            if (!failure) return admit(lane);
        } else {
            failure = std::move(outcome.failure);
        }
        // Not here: the link is in the middle of telling us.
        asio::post(context_, [self = shared_from_this(), lane, lasting, why = std::move(*failure)] {
            if (self->down_) return;
            self->links_[lane] = {};
            self->book_.opening_failed(lane, why, now(), lasting);
            self->after_failure();
        });
    }

    void admit(std::size_t lane) {
        links_[lane].deadlines.clear();
        ready_.insert(lane);
        book_.opened(lane);
        work();
    }

    /// The link broke. While it was greeted, `judge` has heard of it.
    void broke(std::size_t lane) {
        if (down_ || ready_.erase(lane) == 0) return;
        book_.broke(lane);
        // The link itself goes when it is through with telling.
        asio::post(context_, [self = shared_from_this(), lane, link = links_[lane].link.get()] {
            if (self->down_ || self->links_[lane].link.get() != link) return;
            self->links_[lane] = {};
            self->work();
        });
    }

    void after_failure() {
        settle(book_.expire(now()));
        work();
    }

    void settle(std::vector<LaneBook::Ended> ended) {
        for (auto& each : ended) each.job.handler(std::move(each.settled));
    }

    void run_timer() {
        ticking_ = true;
        timer_.expires_after(tick);
        timer_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
            const auto self = weak.lock();
            if (!self || error) return;
            self->ticking_ = false;
            self->settle(self->book_.expire(now()));
            self->close_silent_links();
            self->work();
        });
    }

    /// Those that owe an answer that nobody waits for any more.
    void close_silent_links() {
        for (auto& slot : links_) {
            if (!slot.link || !slot.link->open() || slot.deadlines.empty()) continue;
            const auto earliest = slot.deadlines.begin()->first;
            if (earliest == TimePoint::max() || now() - earliest < options_.grace) continue;
            slot.link->close("no answer within the deadline");
            if (down_) return;
        }
    }

    asio::io_context& context_;
    LaneOptions options_;
    std::chrono::milliseconds attempt_timeout_;
    LaneBook book_;
    std::vector<Slot> links_;
    std::set<std::size_t> ready_;
    asio::steady_timer timer_;
    std::size_t told_waiting_ = 0;
    bool ticking_ = false;
    bool down_ = false;
};

Lanes::Lanes(asio::io_context& context, LaneOptions options)
    : impl_{std::make_shared<Impl>(context, std::move(options))} {}
Lanes::~Lanes() { impl_->shut_down(); }
void Lanes::warm_up() { impl_->warm_up(); }
void Lanes::submit(Job job) { impl_->submit(std::move(job)); }
void Lanes::close() { impl_->close(); }
bool Lanes::idle() const noexcept { return impl_->idle(); }
void Lanes::shut_down() { impl_->shut_down(); }

}  // namespace tenantry::pg
