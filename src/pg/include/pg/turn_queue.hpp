#pragma once
/// A bounded queue in which tenants take turns: whoever has a thousand waiting holds nobody up.
/// A turn is a few items, so that whoever has two waiting need not wait for all others twice.
/// Within a tenant it is first come, first served. Threads: one at a time.

#include <cstddef>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tenantry::pg {

template <class Item>
class TurnQueue {
public:
    explicit TurnQueue(std::size_t items_max, std::size_t turn = 1)
        : items_max_{items_max}, turn_{turn} {}

    bool empty() const noexcept { return size_ == 0; }
    std::size_t size() const noexcept { return size_; }
    bool full() const noexcept { return size_ >= items_max_; }

    /// Not when full.
    void push(const std::string& tenant, Item item) {
        line_of(tenant).items.push_back(std::move(item));
    }
    /// Before its tenant's others, and even when full: what was taken out already.
    void push_front(const std::string& tenant, Item item) {
        line_of(tenant).items.push_front(std::move(item));
    }

    /// The next item of the tenant whose turn it is, of those for whose next one `fits` is true;
    /// the others keep their turns.
    template <class Predicate>
    std::optional<Item> pop_if(Predicate fits) {
        for (auto turn = turns_.begin(); turn != turns_.end(); ++turn) {
            const auto found = lines_.find(*turn);
            auto& line = found->second;
            if (!fits(line.items.front())) continue;
            Item item = std::move(line.items.front());
            line.items.pop_front();
            --size_;
            if (line.items.empty()) {
                lines_.erase(found);
                turns_.erase(turn);
            } else if (++line.taken == turn_) {
                line.taken = 0;
                turns_.splice(turns_.end(), turns_, turn);
            }
            return item;
        }
        return std::nullopt;
    }

    std::optional<Item> pop() {
        return pop_if([](const Item&) { return true; });
    }

    /// Takes out those for which `chosen` is true.
    template <class Predicate>
    std::vector<Item> extract(Predicate chosen) {
        std::vector<Item> out;
        for (auto turn = turns_.begin(); turn != turns_.end();) {
            const auto line = lines_.find(*turn);
            std::deque<Item> kept;
            for (auto& item : line->second.items) {
                if (chosen(item)) {
                    out.push_back(std::move(item));
                } else {
                    kept.push_back(std::move(item));
                }
            }
            line->second.items = std::move(kept);
            if (line->second.items.empty()) {
                lines_.erase(line);
                turn = turns_.erase(turn);
            } else {
                ++turn;
            }
        }
        size_ -= out.size();
        return out;
    }

private:
    struct Line {
        std::deque<Item> items{};
        std::size_t taken = 0;  // of its turn
    };

    Line& line_of(const std::string& tenant) {
        auto [line, made] = lines_.try_emplace(tenant);
        if (made) turns_.push_back(tenant);
        ++size_;
        return line->second;
    }

    std::size_t items_max_;
    std::size_t turn_;
    std::size_t size_ = 0;
    std::unordered_map<std::string, Line> lines_;
    std::list<std::string> turns_;
};

}  // namespace tenantry::pg
