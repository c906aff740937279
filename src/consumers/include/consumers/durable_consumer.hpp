#pragma once
/// A consumer of a tenant's feed whose place is kept in the database: each change is delivered at
/// least once, and those of a row in their order, whatever ends in between.
///
/// Messages are delivered one after the other. One that fails is sent again, the same under the
/// same id, after pauses that double, with jitter; after `attempts_max` it becomes a dead letter
/// and the next one has its turn. Once there are limits::dead_letters_max of those, messages wait
/// instead, so that a receiver that is gone for good costs neither room nor messages, for as long
/// as the feed keeps its changes.
///
/// Of servers with the same consumer, the one that has something to send takes a lease; the others
/// stand by until it has expired.

#include "auth/scope_issuer.hpp"
#include "consumers/progress.hpp"
#include "feed/feed.hpp"
#include "feed/turns.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tenantry::consumers {

struct DeliveryOptions {
    std::int64_t attempts_max = 16;
    std::chrono::milliseconds first_pause{5'000};
    std::chrono::milliseconds longest_pause{std::chrono::hours{1}};
    /// Longer than a delivery can take.
    std::chrono::milliseconds lease{60'000};
    std::size_t changes_max = 200;           // of a message
    std::size_t bytes_max = 256UL * 1024;    // of its changes, but for a single one
    std::int64_t unsaved_max = 1'000;        // changes that nobody wants, until that is noted
    std::chrono::milliseconds idle{30'000};  // between looks at what is kept
    std::chrono::milliseconds trouble_pause{1'000};  // after the database failed
};

struct Message {
    std::string id{};
    std::vector<feed::ChangePtr> changes{};
    feed::Position next{};  // after them
    /// What lay between is no longer kept: the receiver has to read all rows anew.
    bool resync_required = false;
};

struct Outcome {
    enum class Kind {
        delivered,
        failed,   // to be sent again
        refused,  // for good: the receiver wants nothing more
    };
    Kind kind = Kind::delivered;
    std::string error{};  // a short sentence
    std::optional<std::chrono::milliseconds> retry_after{};
};

/// Where the changes go. From the consumer's executor.
class Sink {
public:
    virtual ~Sink() = default;
    virtual bool wants(const feed::Change& change) const = 0;
    /// The message as it is delivered and, if that fails, kept.
    virtual std::string encode(const Message& message) const = 0;
    /// Takes less than the lease. Throws: nothing.
    virtual boost::asio::awaitable<Outcome> deliver(std::string message_id, std::string body) = 0;
};

/// What several consumers have done since the start. Threads: any.
struct DeliveryCounts {
    std::atomic<std::uint64_t> delivered = 0;
    std::atomic<std::uint64_t> failed = 0;  // attempts
    std::atomic<std::uint64_t> buried = 0;
};

/// All of it outlives the consumer.
struct ConsumerTools {
    engine::Executor& executor;
    const auth::ScopeIssuer& issuer;
    feed::Feed& feed;
    const Clock& clock;
    feed::Turns& turns;  // of those that send
    DeliveryCounts& counts;
    Uuid holder;      // this server
    std::string job;  // whose scope it works with
    DeliveryOptions options{};
};

/// Threads: one executor's, but for `lag`.
class DurableConsumer final : private feed::ScopeSource {
public:
    /// `version`: that of the consumer's row, read before what `sink` is made of.
    DurableConsumer(ConsumerTools tools, TenantId tenant, Uuid consumer, Uuid version, Sink& sink,
                    const boost::asio::any_io_executor& executor);

    enum class End {
        woken,  // what it serves may have changed
        stopped,
        gone,         // it is not there any more
        refused,      // by the receiver
        unavailable,  // the tenant is
    };
    /// Delivers until one of these. What the database throws is tried again.
    boost::asio::awaitable<End> run();

    /// Ends `run`, or the next one: once the delivery that is under way is over.
    void wake();
    void stop();

    /// How old the oldest change is that is waiting to be delivered. Threads: any.
    std::chrono::microseconds lag(Timestamp now) const noexcept;

private:
    boost::asio::awaitable<Result<TenantScope>> scope(engine::Deadline deadline) override;
    boost::asio::awaitable<Result<std::optional<End>>> step();
    boost::asio::awaitable<Result<Message>> gather(const Progress& progress);
    boost::asio::awaitable<Result<std::optional<End>>> pass_on(const Progress& progress,
                                                               Message message);
    boost::asio::awaitable<Result<void>> fail_once(const Progress& progress, const Message& message,
                                                   std::string body, Outcome outcome);
    boost::asio::awaitable<Result<bool>> write(query::Request request);
    boost::asio::awaitable<Result<bool>> write(std::vector<query::Request> requests);
    boost::asio::awaitable<void> give_up_lease();
    boost::asio::awaitable<void> pause(std::chrono::microseconds time);
    void go_to(const feed::Position& position);
    std::string id_of(const feed::Position& from, const feed::Position& to) const;
    std::chrono::milliseconds pause_after(std::int64_t failures) const;
    Turn turn(const feed::Position& from) const;

    ConsumerTools tools_;
    TenantId tenant_;
    Uuid consumer_;
    Uuid version_;
    Sink& sink_;
    boost::asio::steady_timer timer_;
    std::unique_ptr<feed::Follower> follower_;
    feed::Position kept_{};  // the place in the database that the follower goes on from
    feed::Position seen_{};  // where the follower is: nobody wants what lies between
    std::optional<feed::Position> held_{};  // the lease, if any
    bool woken_ = false;
    bool stopped_ = false;
    std::atomic<std::int64_t> waiting_since_ = 0;  // microseconds; 0: nothing waits
};

}  // namespace tenantry::consumers
