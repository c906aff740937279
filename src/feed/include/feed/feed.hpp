#pragma once
/// The live feed of a server: who follows a tenant's changes gets each of them once, in order.
///
/// Followers pull. Each knows its own place; what is new is kept once for all of them, in a ring
/// of bounded size per tenant that somebody follows. Whoever is further behind than the ring goes
/// reads from the database, page by page. So a follower that stops costs no memory, however long.

#include "auth/scope_issuer.hpp"
#include "engine/engine.hpp"
#include "feed/change.hpp"
#include "feed/position.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

namespace tenantry::feed {

using SteadyTime = std::chrono::steady_clock::time_point;

struct FeedOptions {
    std::size_t ring_changes_max = 4096;             // kept per tenant that is followed
    std::size_t ring_bytes_max = 4UL * 1024 * 1024;  // likewise, of JSON
    std::size_t page = 200;                          // changes read from the database at a time
    std::size_t page_bytes_max = 256UL * 1024;       // likewise of one follower, but for one change
    std::size_t readers = 16;                        // followers that read it at the same time
    std::chrono::milliseconds poll_interval{150};    // for what nobody tells of
    std::chrono::milliseconds authority_interval{400};
    std::chrono::milliseconds read_deadline{15'000};
};

/// Gives the scope of a follower anew each time, from what holds at that moment.
class ScopeSource {
public:
    virtual ~ScopeSource() = default;
    /// Errors: those of the scope issuer, which end the following.
    virtual boost::asio::awaitable<Result<TenantScope>> scope(engine::Deadline deadline) = 0;
};

struct Batch {
    std::vector<ChangePtr> changes{};  // may be empty
    Position position{};               // after them
    /// Whether the follower's rights may have changed since it was last told: ask again.
    bool authority_changed = false;
};

/// One follower's place. Threads: one executor's; it resumes there.
class Follower {
public:
    virtual ~Follower() = default;

    /// What comes after the place, at most a page; waits for it until `until` (met up to a quarter
    /// of a second late). Comes back early, also without changes, when the authority may have
    /// changed. Errors: resync_required, if what comes next is no longer kept, or the place is of
    /// another feed; shutting_down, also after `cancel`; those of `scopes` and the executor.
    virtual boost::asio::awaitable<Result<Batch>> next(ScopeSource& scopes, SteadyTime until) = 0;

    /// Goes on after `place`, which it has been at: changes that can't be used yet need not be
    /// kept.
    virtual void go_back(Position place) = 0;

    /// Waits until the authority may have changed (true) or the time has come (false), without
    /// regard to changes. Errors: shutting_down, also after `cancel`.
    virtual boost::asio::awaitable<Result<bool>> authority_changed(SteadyTime until) = 0;

    /// Ends the wait, now and from now on. From the follower's own executor.
    virtual void cancel() = 0;
};

/// Threads: any.
class Feed {
public:
    virtual ~Feed() = default;

    /// Where the feed ends now. Errors: those of the executor. Throws: engine faults.
    virtual boost::asio::awaitable<Result<Position>> head(TenantScope scope,
                                                          engine::Deadline deadline) = 0;
    /// From `from` on. To begin at the head, ask `head` first.
    virtual std::unique_ptr<Follower> follow(const TenantId& tenant, Position from) = 0;
    /// Ends all waits with shutting_down, and takes no more.
    virtual void stop() = 0;
};

/// `engine`, `issuer` and `catalog` outlive it. It has a thread of its own.
std::unique_ptr<Feed> make_feed(engine::Engine& engine, const auth::ScopeIssuer& issuer,
                                const schema::Catalog& catalog, const FeedOptions& options = {});

}  // namespace tenantry::feed
