#include "live_feed.hpp"

#include "read_changes.hpp"
#include "tenant_follower.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace tenantry::feed {
namespace {

namespace asio = boost::asio;
using asio::awaitable;

constexpr std::chrono::seconds forgotten_after{30};

void ignore(std::exception_ptr fault) {
    // A database out of order says so to everybody who asks; here it is asked again before long.
    try {
        if (fault) std::rethrow_exception(fault);
    } catch (const engine::Fault&) {  // NOLINT(bugprone-empty-catch): see above
    }
}

}  // namespace

/// What the engine tells, for as long as the feed is there.
class LiveFeed::Hints final : public engine::CommitListener {
public:
    explicit Hints(LiveFeed& feed) : feed_{&feed} {}
    void committed(const TenantId& tenant) override {
        const std::lock_guard lock{mutex_};
        if (feed_ != nullptr) feed_->hint(tenant);
    }
    void committed_by_anybody() override {
        const std::lock_guard lock{mutex_};
        if (feed_ != nullptr) feed_->hint_all();
    }
    void detach() {
        const std::lock_guard lock{mutex_};
        feed_ = nullptr;
    }

private:
    std::mutex mutex_;
    LiveFeed* feed_;
};

std::unique_ptr<Feed> make_feed(engine::Engine& engine, const auth::ScopeIssuer& issuer,
                                const schema::Catalog& catalog, const FeedOptions& options) {
    return std::make_unique<LiveFeed>(engine, issuer, catalog, options);
}

LiveFeed::LiveFeed(engine::Engine& engine, const auth::ScopeIssuer& issuer,
                   const schema::Catalog& catalog, const FeedOptions& options)
    : engine_{engine},
      issuer_{issuer},
      catalog_{catalog},
      options_{options},
      turns_{options.readers},
      hints_{std::make_shared<Hints>(*this)},
      work_{context_.get_executor()} {
    asio::co_spawn(context_, look_around(), asio::detached);
    thread_ = std::thread{[this] { context_.run(); }};
}

LiveFeed::~LiveFeed() {
    stop();
    engine_.set_commit_listener(nullptr);
    hints_->detach();
    work_.reset();
    thread_.join();
}

void LiveFeed::stop() {
    if (stopped_.exchange(true)) return;
    for (const auto& entry : all()) entry->feed->stop();
    turns_.stop();
    asio::post(context_, [this] { timer_.cancel(); });
}

awaitable<Result<Position>> LiveFeed::head(TenantScope scope, engine::Deadline deadline) {
    return read_head(engine_, catalog_, std::move(scope), deadline);
}

std::unique_ptr<Follower> LiveFeed::follow(const TenantId& tenant, Position from) {
    EntryPtr entry;
    bool first = false;
    {
        const std::lock_guard lock{mutex_};
        auto& slot = entries_[tenant.text()];
        if (!slot) {
            slot = std::make_shared<Entry>(
                Entry{.feed = std::make_shared<TenantFeed>(tenant, options_),
                      .followed = std::chrono::steady_clock::now()});
        }
        entry = slot;
        entry->feed->enter();
        first = !std::exchange(listening_, true);
    }
    if (first) engine_.set_commit_listener(hints_);
    if (stopped_) entry->feed->stop();
    if (!entry->feed->end()) hint(tenant);
    return std::make_unique<TenantFollower>(*this, entry->feed, std::move(from));
}

auto LiveFeed::find(const TenantId& tenant) -> EntryPtr {
    const std::lock_guard lock{mutex_};
    const auto found = entries_.find(tenant.text());
    return found == entries_.end() ? nullptr : found->second;
}

auto LiveFeed::all() -> std::vector<EntryPtr> {
    const std::lock_guard lock{mutex_};
    std::vector<EntryPtr> out;
    out.reserve(entries_.size());
    for (const auto& [tenant, entry] : entries_) out.push_back(entry);
    return out;
}

void LiveFeed::hint(const TenantId& tenant) {
    if (auto entry = find(tenant))
        asio::post(context_, [this, entry = std::move(entry)] { want(entry); });
}

void LiveFeed::hint_all() {
    asio::post(context_, [this] {
        for (const auto& entry : all()) want(entry);
    });
}

/// On the thread. What is told while a read is under way makes it read once more.
void LiveFeed::want(const EntryPtr& entry) {
    if (stopped_) return;
    if (std::exchange(entry->reading, true)) {
        entry->again = true;
        return;
    }
    asio::co_spawn(context_, read(entry), [entry](std::exception_ptr fault) {
        entry->reading = false;
        ignore(std::move(fault));
    });
}

awaitable<void> LiveFeed::read(EntryPtr entry) {
    while (!stopped_) {
        entry->again = false;
        const auto more = co_await read_page(*entry);
        if (!more) co_return;
        if (!*more && !entry->again) co_return;
    }
}

/// True if there may be more.
awaitable<Result<bool>> LiveFeed::read_page(Entry& entry) {
    auto& feed = *entry.feed;
    const auto deadline = std::chrono::steady_clock::now() + options_.read_deadline;
    auto scope = co_await issuer_.learn_job(feed.tenant(), "feed", deadline);
    if (!scope) {
        // Its followers find out why.
        if (scope.error().code == Errc::tenant_unavailable) feed.change_authority();
        co_return scope.error();
    }
    const auto end = feed.end();
    if (!end) {
        auto head = co_await read_head(engine_, catalog_, std::move(*scope), deadline);
        if (!head) co_return head.error();
        feed.begin(std::move(*head));
        co_return false;
    }
    auto reading = co_await read_changes(engine_, catalog_, *scope, *end, options_.page, deadline);
    if (!reading && reading.error().code == Errc::resync_required) {
        auto head = co_await read_head(engine_, catalog_, std::move(*scope), deadline);
        if (!head) co_return head.error();
        feed.begin(std::move(*head));
        co_return false;
    }
    if (!reading) co_return reading.error();
    feed.append(reading->changes, reading->head.epoch);
    co_return reading->changes.size() == options_.page;
}

awaitable<void> LiveFeed::look_around() {
    SteadyTime authority_due{};
    while (!stopped_) {
        timer_.expires_after(options_.poll_interval);
        co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
        const auto now = std::chrono::steady_clock::now();
        for (const auto& entry : all()) entry->feed->check_time(now);
        forget_unfollowed(now);
        try {
            const bool authority = now >= authority_due;
            if (authority) authority_due = now + options_.authority_interval;
            co_await compare_marks(authority);
        } catch (const engine::Fault&) {  // NOLINT(bugprone-empty-catch): looked at again
        }
    }
}

/// Whether others have committed, or somebody's rights may have changed.
awaitable<void> LiveFeed::compare_marks(bool authority) {
    const auto entries = all();
    if (entries.empty()) co_return;
    std::vector<TenantId> tenants;
    tenants.reserve(entries.size());
    for (const auto& entry : entries) tenants.push_back(entry->feed->tenant());
    const auto marks = co_await engine_.marks(
        std::move(tenants), std::chrono::steady_clock::now() + options_.read_deadline);
    if (!marks || marks->standings.size() != entries.size()) co_return;
    for (std::size_t i = 0; authority && i < entries.size(); ++i) {
        auto& entry = *entries[i];
        if (entry.standing == marks->standings[i]) continue;
        // The first time, too: it may have changed since the followers asked for their rights.
        entry.feed->change_authority();
        entry.standing = marks->standings[i];
    }
    if (std::exchange(commits_, marks->commits) == marks->commits) co_return;
    for (const auto& entry : entries) want(entry);
}

void LiveFeed::forget_unfollowed(SteadyTime now) {
    for (const auto& entry : all()) {
        if (entry->feed->followers() > 0) entry->followed = now;
    }
    const std::lock_guard lock{mutex_};
    std::erase_if(entries_, [now](const auto& each) {
        const auto& entry = *each.second;
        return entry.feed->followers() == 0 && now - entry.followed > forgotten_after;
    });
    if (!entries_.empty() || !listening_) return;
    listening_ = false;
    engine_.set_commit_listener(nullptr);
}

}  // namespace tenantry::feed
