#pragma once
/// A follower of one tenant's feed, of the ring where that reaches back far enough and of the
/// database otherwise.

#include "live_feed.hpp"

#include <algorithm>

namespace tenantry::feed {

class TenantFollower final : public Follower {
public:
    TenantFollower(LiveFeed& live, std::shared_ptr<TenantFeed> feed, Position from)
        : live_{live},
          feed_{std::move(feed)},
          position_{std::move(from)},
          page_{std::max<std::size_t>(live.options().page / 16, 1)} {}
    ~TenantFollower() override { feed_->leave(); }
    TenantFollower(const TenantFollower&) = delete;
    TenantFollower& operator=(const TenantFollower&) = delete;

    boost::asio::awaitable<Result<Batch>> next(ScopeSource& scopes, SteadyTime until) override;
    void go_back(Position place) override { position_ = std::move(place); }
    boost::asio::awaitable<Result<bool>> authority_changed(SteadyTime until) override;
    void cancel() override;

private:
    boost::asio::awaitable<Result<Batch>> read(ScopeSource& scopes);
    void limit(std::vector<ChangePtr>& changes);
    boost::asio::awaitable<void> wait(TenantFeed::Wanted wanted, SteadyTime until);

    LiveFeed& live_;
    std::shared_ptr<TenantFeed> feed_;
    Position position_;
    std::size_t page_;       // changes to read next, so that they are likely to be few enough
    bool verified_ = false;  // `position_` is a place in the feed
    std::uint64_t authority_ = 0;
    TenantFeed::Ticket ticket_ = 0;
    bool cancelled_ = false;
};

}  // namespace tenantry::feed
