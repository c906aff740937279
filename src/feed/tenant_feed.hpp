#pragma once
/// What a server has of one tenant's feed while somebody follows it: the latest changes, and who
/// waits for the next. Threads: any.

#include "base/id.hpp"
#include "feed/change.hpp"
#include "feed/feed.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace tenantry::feed {

class TenantFeed {
public:
    using Resume = std::move_only_function<void()>;

    TenantFeed(TenantId tenant, const FeedOptions& options)
        : tenant_{std::move(tenant)}, options_{options} {}
    TenantFeed(const TenantFeed&) = delete;
    TenantFeed& operator=(const TenantFeed&) = delete;

    const TenantId& tenant() const noexcept { return tenant_; }

    /// What a follower finds.
    struct Found {
        enum class Kind {
            nothing,  // it has all there is, or all that is known
            changes,
            elsewhere,  // what it wants next is no longer here, but perhaps in the database
            lost,       // its place is in no feed of the tenant
            stopped,
        };
        Kind kind = Kind::nothing;
        std::vector<ChangePtr> changes{};
        std::string epoch{};  // of the changes, where `from` has none
        bool authority_changed = false;
    };
    /// After `from`, up to `max` changes. `authority` is how often the follower has seen it change.
    Found look(const Position& from, std::uint64_t& authority, std::size_t max) const;

    /// Something that a waiter is resumed for.
    enum class Wanted { anything, authority };
    using Ticket = std::uint64_t;
    /// Resumes on `executor` when there is more than `from` and `authority` tell of, when `until`
    /// has come, or at a `withdraw`: perhaps for nothing. Once.
    Ticket wait(Wanted wanted, const Position& from, std::uint64_t authority, SteadyTime until,
                const boost::asio::any_io_executor& executor, Resume resume);
    void withdraw(Ticket ticket);

    // For whoever reads the database.
    /// Where its knowledge ends; nullopt before `begin`.
    std::optional<Position> end() const;
    /// Forgets all, and ends at `head` from now on.
    void begin(Position head);
    /// What comes next, in the order of `seq`, as of a feed of this epoch.
    void append(std::span<const ChangePtr> changes, const std::string& epoch);
    void change_authority();
    void stop();
    /// Resumes those whose time has come.
    void check_time(SteadyTime now);

    /// How many changes are likely to be no more than a page's bytes, as the latest are.
    std::size_t page() const;

    /// Followers there are.
    std::size_t followers() const;
    void enter();
    void leave();

private:
    struct Waiter {
        Ticket ticket;
        Wanted wanted;
        SteadyTime until;
        boost::asio::any_io_executor executor;
        Resume resume;
    };
    using Waiters = std::list<Waiter>;

    bool has_news(Wanted wanted, const Position& from, std::uint64_t authority) const;
    void trim();
    template <class Which>
    Waiters take(Which which);
    static void resume(Waiters waiters);

    const TenantId tenant_;
    const FeedOptions& options_;
    mutable std::mutex mutex_;
    bool known_ = false;
    bool stopped_ = false;
    Position end_{};
    std::deque<ChangePtr> ring_{};  // the last of them is the one at `end_`
    std::size_t ring_bytes_ = 0;
    std::uint64_t authority_ = 0;
    Ticket last_ticket_ = 0;
    Waiters waiters_{};
    std::size_t followers_ = 0;
};

}  // namespace tenantry::feed
