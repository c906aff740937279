#pragma once
/// Waiting work of many tenants, given out in turns: a queue for each tenant that has any, and the
/// tenants one after the other. So how long one waits depends on how many tenants wait, not on how
/// much one of them has brought.
///
/// What is out (taken, not finished) is counted for each tenant, so that a taker can leave some of
/// its capacity to the others. A tenant with nothing waiting and nothing out costs no memory.
///
/// Threads: one at a time; the owner locks.

#include "base/id.hpp"

#include <cassert>
#include <cstddef>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace tenantry::engine::sqlite {

template <class Job>
class TenantTurns {
    struct Waiting {
        Job job;
        std::size_t weight;
    };

public:
    struct Lane {
        std::string tenant;
        std::deque<Waiting> waiting{};
        std::size_t out = 0;  // weight
    };
    /// A job that was given out; `lane` stands until it is finished.
    struct Taken {
        Job job;
        Lane* lane;
        std::size_t weight;
    };

    bool empty() const noexcept { return waiting_ == 0; }
    /// Jobs that wait, of all tenants.
    std::size_t size() const noexcept { return waiting_; }
    /// Jobs of one tenant that wait.
    std::size_t size_of(const TenantId& tenant) const {
        const auto found = lanes_.find(tenant.text());
        return found == lanes_.end() ? 0 : found->second->waiting.size();
    }
    /// Tenants with something waiting or out.
    std::size_t tenants() const noexcept { return lanes_.size(); }

    /// `weight` is at least 1.
    void push(const TenantId& tenant, Job job, std::size_t weight = 1) {
        auto& lane = lane_of(tenant.text());
        if (lane.waiting.empty()) turns_.push_back(&lane);
        lane.waiting.push_back({std::move(job), weight});
        ++waiting_;
    }

    static constexpr auto any_weight = std::numeric_limits<std::size_t>::max();

    /// The job whose turn it is, of the tenants that have nothing out or would have at most
    /// `share_max` with it. nullopt if there is none, or if it weighs more than `weight_max`: then
    /// it is the first to be asked for the next time.
    std::optional<Taken> take(std::size_t share_max, std::size_t weight_max = any_weight) {
        for (auto left = turns_.size(); left > 0; --left) {
            auto* lane = turns_.front();
            const auto weight = lane->waiting.front().weight;
            const bool fits = lane->out == 0 || lane->out + weight <= share_max;
            if (fits && weight > weight_max) return std::nullopt;
            turns_.pop_front();
            if (!fits) {
                turns_.push_back(lane);
                continue;
            }
            Taken taken{std::move(lane->waiting.front().job), lane, weight};
            lane->waiting.pop_front();
            lane->out += weight;
            --waiting_;
            if (!lane->waiting.empty()) turns_.push_back(lane);
            return taken;
        }
        return std::nullopt;
    }

    void finish(Lane* lane, std::size_t weight) {
        assert(lane->out >= weight);
        lane->out -= weight;
        if (lane->out == 0 && lane->waiting.empty()) lanes_.erase(lanes_.find(lane->tenant));
    }

private:
    struct TextHash : std::hash<std::string_view> {
        using is_transparent = void;
    };

    Lane& lane_of(std::string_view tenant) {
        const auto found = lanes_.find(tenant);
        if (found != lanes_.end()) return *found->second;
        auto lane = std::make_unique<Lane>(Lane{.tenant = std::string{tenant}});
        auto& made = *lane;
        lanes_.emplace(made.tenant, std::move(lane));
        return made;
    }

    std::unordered_map<std::string, std::unique_ptr<Lane>, TextHash, std::equal_to<>> lanes_;
    std::deque<Lane*> turns_;  // those with something waiting, the next one first
    std::size_t waiting_ = 0;
};

}  // namespace tenantry::engine::sqlite
