#pragma once
/// The reader behind the followers: one thread that takes what is new in each tenant's feed out of
/// the database and hands it round.
///
/// It is told of commits by the engine, and looks by itself now and then whether there were others.
/// A tenant that nobody has followed for a while is forgotten.

#include "engine/engine.hpp"
#include "feed/feed.hpp"
#include "feed/turns.hpp"
#include "tenant_feed.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace tenantry::feed {

class LiveFeed final : public Feed {
public:
    LiveFeed(engine::Engine& engine, const auth::ScopeIssuer& issuer,
             const schema::Catalog& catalog, const FeedOptions& options);
    ~LiveFeed() override;

    boost::asio::awaitable<Result<Position>> head(TenantScope scope,
                                                  engine::Deadline deadline) override;
    std::unique_ptr<Follower> follow(const TenantId& tenant, Position from) override;
    void stop() override;

    /// Of followers that read the database.
    Turns& turns() noexcept { return turns_; }
    engine::Engine& engine() noexcept { return engine_; }
    const schema::Catalog& catalog() const noexcept { return catalog_; }
    const FeedOptions& options() const noexcept { return options_; }

private:
    class Hints;
    struct Entry {
        std::shared_ptr<TenantFeed> feed;
        bool reading = false;    // of the thread: a read of it is under way
        bool again = false;      // of the thread: and there is more to read
        std::string standing{};  // of the thread: its mark
        SteadyTime followed{};   // of the thread: when it was last seen with followers
    };
    using EntryPtr = std::shared_ptr<Entry>;

    void hint(const TenantId& tenant);
    void hint_all();
    EntryPtr find(const TenantId& tenant);
    std::vector<EntryPtr> all();
    void want(const EntryPtr& entry);
    boost::asio::awaitable<void> read(EntryPtr entry);
    boost::asio::awaitable<Result<bool>> read_page(Entry& entry);
    boost::asio::awaitable<void> look_around();
    boost::asio::awaitable<void> compare_marks(bool authority);
    void forget_unfollowed(SteadyTime now);

    engine::Engine& engine_;
    const auth::ScopeIssuer& issuer_;
    const schema::Catalog& catalog_;
    const FeedOptions options_;
    Turns turns_;
    std::shared_ptr<Hints> hints_;
    std::mutex mutex_;
    std::map<std::string, EntryPtr, std::less<>> entries_;  // guarded by mutex_
    bool listening_ = false;                                // guarded by mutex_
    std::atomic<bool> stopped_ = false;
    std::string commits_;  // of the thread: the mark of the last look
    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    boost::asio::steady_timer timer_{context_};
    std::thread thread_;  // last: it uses the others
};

}  // namespace tenantry::feed
