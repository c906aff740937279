#pragma once
/// What waits for a client to take it: bytes of whole frames, in their order. Frames are copied
/// into one buffer, since that takes less than a gather write of many small pieces; what has
/// gathered there goes out with one call. No I/O. Threads: one.

#include "hub.hpp"

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace tenantry::http::realtime {

class Outbox {
public:
    Outbox(std::size_t bytes_max, std::shared_ptr<Budget> budget)
        : bytes_max_{bytes_max}, budget_{std::move(budget)} {}
    ~Outbox() { budget_->give_back(bytes()); }
    Outbox(const Outbox&) = delete;
    Outbox& operator=(const Outbox&) = delete;

    std::size_t bytes() const noexcept { return filling_.size() + sending_.size() - sent_; }
    bool empty() const noexcept { return bytes() == 0; }
    /// Whether less waits than may, so that one frame more can be taken, however long.
    bool below_bound() const noexcept { return bytes() < bytes_max_; }
    /// Whether so much has gone out that it pays to gather more.
    bool has_room() const noexcept { return bytes() <= bytes_max_ / 2; }

    /// Takes a frame that can wait: false if there is no room for it. When nothing else waits, any
    /// is taken: longer than the bound, and beyond what the tenant's clients may have.
    bool offer(std::initializer_list<std::string_view> parts);
    /// Takes a frame while `below_bound`, unless something waits and the tenant's clients have as
    /// much as they may.
    bool push(std::string_view frame);
    /// Takes what must be said: an answer, an ending.
    void force(std::string_view frame);

    /// What to send next; empty: nothing. Valid until `sent`.
    std::string_view next();
    void sent(std::size_t bytes);
    /// Drops what hasn't begun to be sent.
    void drop_waiting();

private:
    void append(std::initializer_list<std::string_view> parts);
    bool take(std::size_t bytes);

    std::size_t bytes_max_;
    std::shared_ptr<Budget> budget_;
    std::string filling_;
    std::string sending_;
    std::size_t sent_ = 0;
};

}  // namespace tenantry::http::realtime
