#pragma once
/// A bounded queue in which tenants take turns: whoever has a thousand waiting holds nobody up.
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
    explicit TurnQueue(std::size_t items_max) : items_max_{items_max} {}

    bool empty() const noexcept { return size_ == 0; }
    std::size_t size() const noexcept { return size_; }
    bool full() const noexcept { return size_ >= items_max_; }

    /// Not when full.
    void push(const std::string& tenant, Item item) { line_of(tenant).push_back(std::move(item)); }
    /// Before its tenant's others, and even when full: what was taken out already.
    void push_front(const std::string& tenant, Item item) {
        line_of(tenant).push_front(std::move(item));
    }

    /// The next item of the tenant whose turn it is; not when empty.
    Item pop() {
        auto tenant = std::move(turns_.front());
        turns_.pop_front();
        const auto line = lines_.find(tenant);
        Item item = std::move(line->second.front());
        line->second.pop_front();
        --size_;
        if (line->second.empty()) {
            lines_.erase(line);
        } else {
            turns_.push_back(std::move(tenant));
        }
        return item;
    }

    /// Takes out those for which `chosen` is true.
    template <class Predicate>
    std::vector<Item> extract(Predicate chosen) {
        std::vector<Item> out;
        for (auto turn = turns_.begin(); turn != turns_.end();) {
            const auto line = lines_.find(*turn);
            std::deque<Item> kept;
            for (auto& item : line->second) {
                if (chosen(item)) {
                    out.push_back(std::move(item));
                } else {
                    kept.push_back(std::move(item));
                }
            }
            line->second = std::move(kept);
            if (line->second.empty()) {
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
    std::deque<Item>& line_of(const std::string& tenant) {
        auto [line, made] = lines_.try_emplace(tenant);
        if (made) turns_.push_back(tenant);
        ++size_;
        return line->second;
    }

    std::size_t items_max_;
    std::size_t size_ = 0;
    std::unordered_map<std::string, std::deque<Item>> lines_;
    std::list<std::string> turns_;
};

}  // namespace tenantry::pg
