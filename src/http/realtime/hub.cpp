#include "hub.hpp"

#include "frame.hpp"
#include "message.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace tenantry::http::realtime {
namespace {

namespace asio = boost::asio;

/// A message on its way; its bytes are the tenant's until the last thread has delivered it.
struct Sent {
    Message message;
    std::shared_ptr<Budget> budget;

    Sent(Message what, std::shared_ptr<Budget> from)
        : message{std::move(what)}, budget{std::move(from)} {}
    ~Sent() { budget->give_back(message.bytes()); }
    Sent(const Sent&) = delete;
    Sent& operator=(const Sent&) = delete;
};

std::string key_of(const std::string& tenant, const std::string& name) {
    return tenant + '\n' + name;
}

}  // namespace

Message text_message(std::string_view topic, std::string_view event, std::string_view payload) {
    Message message;
    for (const auto version : {Version::v1, Version::v2}) {
        const auto [before, after] = envelope_of(version, topic, event);
        auto& frame = message.frames.at(static_cast<std::size_t>(version));
        frame.reserve(frame_header_max + before.size() + payload.size() + after.size());
        append_frame_header(frame, Opcode::text, before.size() + payload.size() + after.size());
        ((frame += before) += payload) += after;
    }
    return message;
}

Message binary_message(std::string_view topic, std::string_view event, std::string_view payload) {
    Message message;
    message.frames[static_cast<std::size_t>(Version::v2)] =
        frame_of(Opcode::binary, binary_broadcast(topic, event, payload));
    return message;
}

void Home::take(Delivery delivery) {
    {
        const std::lock_guard lock{mutex_};
        deliveries_.push_back(std::move(delivery));
        if (deliveries_.size() > 1) return;
    }
    asio::post(context_, [self = shared_from_this()] { self->deliver_all(); });
}

void Home::deliver_all() {
    std::vector<Delivery> all;
    {
        const std::lock_guard lock{mutex_};
        all.swap(deliveries_);
    }
    for (const auto& [message, members] : all) {
        for (const auto& member : members) {
            if (const auto there = member.lock()) there->deliver(*message);
        }
    }
}

class Topic {
public:
    Topic(Hub& hub, std::string key, std::string name, std::shared_ptr<Budget> budget)
        : hub_{hub},
          key_{std::move(key)},
          name_{std::move(name)},
          budget_{std::move(budget)},
          presence_{hub.limits_.presence_state_bytes_max} {}

    const std::string& key() const noexcept { return key_; }

    // Under the hub's lock as well, so that no topic is forgotten that is being joined.
    Hub& hub() noexcept { return hub_; }
    void add(Presence::MemberId id, const std::shared_ptr<Home>& home,
             const std::weak_ptr<Member>& member, bool wants_presence) {
        const std::lock_guard lock{mutex_};
        members_.push_back({id, home, member, wants_presence});
    }
    bool empty() const {
        const std::lock_guard lock{mutex_};
        return members_.empty();
    }

    void leave(Presence::MemberId id) {
        {
            const std::lock_guard lock{mutex_};
            std::erase_if(members_, [id](const Entry& entry) { return entry.id == id; });
            tell(presence_.untrack(id));
            if (!members_.empty()) return;
        }
        hub_.forget(*this);
    }

    bool broadcast(Message message, Presence::MemberId but) {
        const std::lock_guard lock{mutex_};
        return send(std::move(message), but);
    }

    Result<void> track(Presence::MemberId id, std::string_view key, std::string_view meta) {
        const std::lock_guard lock{mutex_};
        TENANTRY_TRY(diff, presence_.track(id, key, meta));
        tell(diff);
        return {};
    }
    void untrack(Presence::MemberId id) {
        const std::lock_guard lock{mutex_};
        tell(presence_.untrack(id));
    }
    std::string presence_state() const {
        const std::lock_guard lock{mutex_};
        return presence_.state();
    }

private:
    struct Entry {
        Presence::MemberId id;
        std::shared_ptr<Home> home;
        std::weak_ptr<Member> member;
        bool wants_presence;
    };

    void tell(const Presence::Diff& diff) {
        if (diff.empty()) return;
        auto message = text_message(name_, "presence_diff", diff);
        message.of_presence = true;
        send(std::move(message), 0);
    }

    bool send(Message message, Presence::MemberId but) {
        if (!budget_->take(message.bytes())) return false;
        const bool of_presence = message.of_presence;
        const auto sent = std::make_shared<const Sent>(std::move(message), budget_);
        std::unordered_map<Home*, Delivery> by_home;
        for (const auto& entry : members_) {
            if (entry.id == but || (of_presence && !entry.wants_presence)) continue;
            by_home[entry.home.get()].members.push_back(entry.member);
        }
        for (auto& [home, delivery] : by_home) {
            delivery.message = {sent, &sent->message};
            home->take(std::move(delivery));
        }
        return true;
    }

    Hub& hub_;
    std::string key_;
    std::string name_;
    std::shared_ptr<Budget> budget_;
    mutable std::mutex mutex_;
    std::vector<Entry> members_;
    Presence presence_;
};

Membership::Membership(std::shared_ptr<Topic> topic, Presence::MemberId id)
    : topic_{std::move(topic)}, id_{id} {
    ++topic_->hub().counts().channels;
}
Membership::~Membership() {
    --topic_->hub().counts().channels;
    topic_->leave(id_);
}

bool Membership::broadcast(Message message, bool to_self) {
    return topic_->broadcast(std::move(message), to_self ? 0 : id_);
}
Result<void> Membership::track(std::string_view key, std::string_view meta) {
    return topic_->track(id_, key, meta);
}
void Membership::untrack() { topic_->untrack(id_); }
std::string Membership::presence_state() const { return topic_->presence_state(); }

Hub::~Hub() = default;

std::shared_ptr<Home> Hub::home(asio::io_context& context) {
    const std::lock_guard lock{mutex_};
    auto& known = homes_[&context];
    if (auto home = known.lock()) return home;
    std::erase_if(homes_, [&](const auto& entry) {
        return entry.first != &context && entry.second.expired();
    });
    auto home = std::make_shared<Home>(context);
    homes_[&context] = home;
    return home;
}

std::shared_ptr<Budget> Hub::budget(const std::string& tenant) {
    const std::lock_guard lock{mutex_};
    if (const auto found = budgets_.find(tenant); found != budgets_.end()) {
        if (auto budget = found->second.lock()) return budget;
    }
    std::erase_if(budgets_, [](const auto& entry) { return entry.second.expired(); });
    auto budget = std::make_shared<Budget>(limits_.tenant_outbox_bytes_max);
    budgets_[tenant] = budget;
    return budget;
}

std::unique_ptr<Membership> Hub::join(const std::string& tenant, const std::string& name,
                                      const std::shared_ptr<Home>& home,
                                      const std::weak_ptr<Member>& member, bool wants_presence) {
    auto funds = budget(tenant);
    const std::lock_guard lock{mutex_};
    auto& topic = topics_[key_of(tenant, name)];
    if (!topic)
        topic = std::make_shared<Topic>(*this, key_of(tenant, name), name, std::move(funds));
    const auto id = next_member_++;
    topic->add(id, home, member, wants_presence);
    return std::make_unique<Membership>(topic, id);
}

bool Hub::broadcast(const std::string& tenant, const std::string& name, Message message) {
    std::shared_ptr<Topic> topic;
    {
        const std::lock_guard lock{mutex_};
        const auto found = topics_.find(key_of(tenant, name));
        if (found == topics_.end()) return true;
        topic = found->second;
    }
    return topic->broadcast(std::move(message), 0);
}

void Hub::forget(const Topic& topic) {
    const std::lock_guard lock{mutex_};
    const auto found = topics_.find(topic.key());
    if (found != topics_.end() && found->second.get() == &topic && topic.empty())
        topics_.erase(found);
}

}  // namespace tenantry::http::realtime

namespace tenantry::http {

Realtime::Realtime(const RealtimeLimits& limits)
    : limits_{limits}, hub_{std::make_unique<realtime::Hub>(limits_)} {}
Realtime::~Realtime() = default;

RealtimeStatistics Realtime::statistics() const noexcept {
    const auto& counts = hub_->counts();
    return {counts.sockets, counts.channels, counts.too_slow};
}

}  // namespace tenantry::http
