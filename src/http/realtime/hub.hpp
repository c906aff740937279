#pragma once
/// Who is in which topic of which tenant, across threads: where broadcasts and presence go through.
/// A topic is found by its tenant and its name together, so equal names of two tenants are two.
///
/// A message is rendered once and handed to each thread that has members of the topic, which
/// delivers it there. What a topic tells of presence is handed out in the order in which it came
/// about. Threads: any, but where it says so.

#include "change_text.hpp"
#include "http/realtime.hpp"
#include "http/socket.hpp"
#include "presence.hpp"

#include <boost/asio/io_context.hpp>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace tenantry::http::realtime {

/// The bytes that are kept for clients of one tenant.
class Budget {
public:
    explicit Budget(std::size_t bytes_max) : bytes_max_{bytes_max} {}
    /// False if they are more than there is room for.
    bool take(std::size_t bytes) noexcept {
        if (used_.fetch_add(bytes) + bytes <= bytes_max_) return true;
        used_ -= bytes;
        return false;
    }
    void take_anyway(std::size_t bytes) noexcept { used_ += bytes; }
    void give_back(std::size_t bytes) noexcept { used_ -= bytes; }
    std::size_t used() const noexcept { return used_; }

private:
    std::size_t bytes_max_;
    std::atomic<std::size_t> used_ = 0;
};

/// Whole WebSocket frames of one message, one for each version of the protocol; empty: not for
/// clients of that version.
struct Message {
    std::array<std::string, 2> frames{};
    bool of_presence = false;

    std::size_t bytes() const noexcept { return frames[0].size() + frames[1].size(); }
};

/// On the thread of its Home.
class Member {
public:
    virtual ~Member() = default;
    virtual void deliver(const Message& message) = 0;
};

/// A message for members at one home.
struct Delivery {
    std::shared_ptr<const Message> message;
    std::vector<std::weak_ptr<Member>> members;
};

/// One thread that serves sockets, with what these share.
class Home : public std::enable_shared_from_this<Home> {
public:
    explicit Home(boost::asio::io_context& context) : context_{context} {}

    /// On its thread.
    ChangeTexts texts{};

    /// Delivers on its thread, in the order of the calls: Asio alone keeps no order between what a
    /// thread posts to itself and what others post to it. Threads: any.
    void take(Delivery delivery);

private:
    void deliver_all();

    boost::asio::io_context& context_;
    std::mutex mutex_;
    std::vector<Delivery> deliveries_;  // a handler is under way to them if there are any
};

/// `topic` with `realtime:` before the channel's name; `event`: broadcast, presence_diff, …
Message text_message(std::string_view topic, std::string_view event, std::string_view payload);
/// For clients of version 2.0.0 alone.
Message binary_message(std::string_view topic, std::string_view event, std::string_view payload);

class Topic;

/// A member's place in a topic, which it leaves when it is destroyed. Threads: one.
class Membership {
public:
    Membership(std::shared_ptr<Topic> topic, Presence::MemberId id);
    ~Membership();
    Membership(const Membership&) = delete;
    Membership& operator=(const Membership&) = delete;

    /// To the other members, and to itself if `to_self`. False if the tenant's clients have as much
    /// waiting as they may: then nobody gets it.
    bool broadcast(Message message, bool to_self);
    /// Errors: those of Presence::track.
    Result<void> track(std::string_view key, std::string_view meta);
    void untrack();
    std::string presence_state() const;

private:
    std::shared_ptr<Topic> topic_;
    Presence::MemberId id_;
};

class Hub {
public:
    explicit Hub(const RealtimeLimits& limits) : limits_{limits} {}
    ~Hub();
    Hub(const Hub&) = delete;
    Hub& operator=(const Hub&) = delete;

    /// That of the thread which runs `context`.
    std::shared_ptr<Home> home(boost::asio::io_context& context);
    std::shared_ptr<Budget> budget(const std::string& tenant);

    std::unique_ptr<Membership> join(const std::string& tenant, const std::string& topic,
                                     const std::shared_ptr<Home>& home,
                                     const std::weak_ptr<Member>& member, bool wants_presence);
    /// To all members, as Membership::broadcast does.
    bool broadcast(const std::string& tenant, const std::string& topic, Message message);

    struct Counts {
        std::atomic<std::uint64_t> sockets = 0;
        std::atomic<std::uint64_t> channels = 0;
        std::atomic<std::uint64_t> too_slow = 0;
    };
    Counts& counts() noexcept { return counts_; }

private:
    friend class Topic;
    /// Lets go of a topic that nobody is in.
    void forget(const Topic& topic);

    const RealtimeLimits& limits_;
    std::mutex mutex_;
    std::uint64_t next_member_ = 1;
    Counts counts_;
    std::unordered_map<boost::asio::io_context*, std::weak_ptr<Home>> homes_;
    std::unordered_map<std::string, std::weak_ptr<Budget>> budgets_;
    /// By tenant and name, with a byte between them that no tenant's id has.
    std::unordered_map<std::string, std::shared_ptr<Topic>> topics_;
};

}  // namespace tenantry::http::realtime
