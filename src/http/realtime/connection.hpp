#pragma once
/// One WebSocket: its channels, what it reads and what it writes.
///
/// Its coroutine reads messages and answers one after the other. Each channel with bindings has a
/// coroutine more, which pulls changes from the feed and waits whenever the outbox has no room; one
/// coroutine watches the authority of all channels. They write to the outbox only, and the outbox
/// is flushed once for all that is ready at the same time.
///
/// A client that doesn't take what is sent costs its outbox and no more: after
/// `limits.write_timeout` it is told and cut off.
///
/// Threads: its worker's.

#include "auth/scope_issuer.hpp"
#include "channel.hpp"
#include "event_rate.hpp"
#include "http/app.hpp"
#include "http/upgrade.hpp"
#include "outbox.hpp"
#include "outbox_stream.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tenantry::http::realtime {

/// What a client came with, checked.
struct Admitted {
    TenantId tenant;
    std::string token;                      // the apikey: for channels that bring none
    std::optional<std::string> selector{};  // x-tenant-id
    Version version = Version::v1;
    std::string key{};  // Sec-WebSocket-Key
    std::string id{};   // x-request-id
};

class Connection final : public Upgrade, private ControlSink {
public:
    Connection(App& app, Admitted admitted);
    ~Connection() override;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    boost::asio::awaitable<void> run(Socket socket, std::string received, bool draining) override;
    void check_deadline(SteadyTime now) override;
    void go_away() override;
    void cut_off() override;

    /// Of a channel that is open.
    void deliver(const Message& message);

private:
    using Stream = boost::beast::websocket::stream<OutboxStream, false>;
    using Timer =
        boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                          boost::asio::wait_traits<std::chrono::steady_clock>,
                                          boost::asio::io_context::executor_type>;
    using ChannelPtr = std::shared_ptr<Channel>;
    class Scopes;

    // connection.cpp: the socket
    boost::asio::awaitable<bool> shake_hands();
    boost::asio::awaitable<void> read_messages();
    boost::asio::awaitable<void> finish();
    void spawn(boost::asio::awaitable<void> work);
    void note_end(const std::exception_ptr& thrown);
    bool take_control(std::string_view bytes) override;
    void note_received() override;
    void schedule_flush();
    void flush();
    boost::asio::awaitable<void> wait_for_room();
    void close(std::uint16_t code, std::string_view reason);
    void cut_slow(std::string_view why);
    void end_channels();
    SteadyTime now() const { return std::chrono::steady_clock::now(); }

    // connection_events.cpp: what clients say
    boost::asio::awaitable<void> receive(std::string_view bytes, bool text);
    boost::asio::awaitable<void> handle(Inbound message);
    boost::asio::awaitable<void> handle_event(ChannelPtr channel, Inbound message);
    boost::asio::awaitable<void> join(Inbound message);
    void replace(const std::string& topic);
    boost::asio::awaitable<void> settle(ChannelPtr channel, Inbound message,
                                        Result<Bindings> bindings);
    void admit(const ChannelPtr& channel, const Inbound& message, Result<Bindings> bindings,
               const feed::Position& from);
    boost::asio::awaitable<void> refuse_join(const Inbound& message, std::string_view reason);
    void leave(const ChannelPtr& channel, const Inbound& message);
    boost::asio::awaitable<void> take_token(ChannelPtr channel, Inbound message);
    void broadcast(const ChannelPtr& channel, const Inbound& message);
    void take_presence(const ChannelPtr& channel, const Inbound& message);
    void reply(const Inbound& message, std::string_view status, std::string_view response = "{}");
    void reply_error(const Inbound& message, std::string_view reason);
    void send_event(const Channel& channel, std::string_view event, std::string_view payload);
    void send_close(const Channel& channel);
    void send(std::string_view text);

    // connection_changes.cpp: changes and authority
    struct System {
        std::string_view extension;
        std::string_view status;
        std::string_view message;
        std::string_view code{};
        std::string_view cursor{};
    };
    void tell(const Channel& channel, const System& system);
    boost::asio::awaitable<Result<TenantScope>> authorize(Credential& credential);
    boost::asio::awaitable<Result<feed::Position>> start_of(const JoinRequest& request,
                                                            TenantScope scope);
    boost::asio::awaitable<void> follow(ChannelPtr channel);
    void tell_place(const Channel& channel, const feed::Position& position);
    void end_following(const ChannelPtr& channel, const Error& why);
    std::optional<feed::Position> offer_all(Channel& channel, const feed::Batch& batch);
    bool offer(Channel& channel, const feed::ChangePtr& change, std::string_view epoch);
    boost::asio::awaitable<bool> still_allowed(ChannelPtr channel);
    boost::asio::awaitable<void> watch();
    void check_expiry();
    /// Says why, and closes the channel.
    void end(const ChannelPtr& channel, const Error& why);
    void end_foreign(const ChannelPtr& channel, const Error& why);
    boost::asio::awaitable<void> pause(std::chrono::milliseconds time);

    App& app_;
    Realtime& realtime_;
    const RealtimeLimits& limits_;
    Admitted admitted_;
    std::optional<Socket> socket_;
    std::shared_ptr<Home> home_;
    Outbox outbox_;
    std::unique_ptr<Stream> stream_;
    std::optional<Timer> room_;      // never expires: canceled when there may be room
    std::optional<Timer> finished_;  // likewise, when no task is left
    std::map<std::string, ChannelPtr, std::less<>> channels_;  // by topic
    EventRate rate_;
    std::unique_ptr<feed::Follower> watcher_;
    std::uint64_t authority_changes_ = 0;
    std::size_t tasks_ = 0;
    bool open_ = false;  // the handshake is over
    bool flush_posted_ = false;
    bool writing_ = false;  // waits for the socket to take more
    bool closing_ = false;  // nothing is sent any more but what is in the outbox
    bool broken_ = false;   // nor that
    std::optional<SteadyTime> waits_for_room_{};  // since when
    SteadyTime received_at_{};
    SteadyTime progress_at_{};
    SteadyTime close_by_{};
    std::string frame_;  // scratch
};

}  // namespace tenantry::http::realtime
