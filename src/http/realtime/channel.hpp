#pragma once
/// A channel that a client has joined. Threads: its connection's.

#include "base/timestamp.hpp"
#include "bindings.hpp"
#include "feed/feed.hpp"
#include "hub.hpp"
#include "join.hpp"
#include "message.hpp"

#include <memory>
#include <optional>
#include <string>

namespace tenantry::http::realtime {

class Connection;

/// What a channel rests on: a token or an API key.
struct Credential {
    std::string token;
    std::optional<Timestamp> expires_at{};  // the first moment at which it no longer holds
};

class Channel final : public Member {
public:
    Channel(Connection& connection, std::string topic, std::optional<std::string> join_ref)
        : connection_{connection}, topic_{std::move(topic)}, join_ref_{std::move(join_ref)} {}

    static constexpr std::string_view prefix = "realtime:";

    const std::string& topic() const noexcept { return topic_; }
    const std::optional<std::string>& join_ref() const noexcept { return join_ref_; }
    /// Without `realtime:`.
    std::string_view name() const noexcept {
        return std::string_view{topic_}.substr(prefix.size());
    }

    void deliver(const Message& message) override;
    /// Nothing is sent to it any more.
    void end();

    JoinRequest request{};
    Bindings bindings{};
    Envelope changes{};  // around what a `postgres_changes` message carries
    Credential credential{};
    std::unique_ptr<feed::Follower> follower{};  // nullptr: without bindings
    std::unique_ptr<Membership> membership{};
    bool open = true;

private:
    Connection& connection_;
    std::string topic_;
    std::optional<std::string> join_ref_;
};

}  // namespace tenantry::http::realtime
