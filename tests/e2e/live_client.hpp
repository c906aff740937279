#pragma once
/// A WebSocket client of `/realtime/v1`. It shows what comes as text and does only what it is told.
/// Waiting ends after a minute, with a failure.

#include <boost/json/value.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::e2e {

class LiveClient {
public:
    /// `apikey` stands in the query. Throws: boost::system::system_error if it is not let in.
    LiveClient(std::uint16_t port, std::string_view apikey, std::string_view version = "2.0.0");
    LiveClient(LiveClient&& other) noexcept;
    LiveClient& operator=(LiveClient&&) = delete;
    LiveClient(const LiveClient&) = delete;
    LiveClient& operator=(const LiveClient&) = delete;
    ~LiveClient();

    void send(std::string_view text);
    void send_binary(std::string_view bytes);
    /// The next message; nullopt when the server has closed.
    std::optional<std::string> next();
    /// What the server closed with; 0: without a word.
    unsigned close_code();
    std::string close_reason();

    // For version 2.0.0:

    /// Sends `event` with `payload`, JSON, as what belongs to the last join of the channel.
    void push(std::string_view channel, std::string_view event, std::string_view payload);
    /// Joins, and gives the answer's payload. `config`: JSON.
    boost::json::value join(std::string_view channel, std::string_view config = "{}",
                            std::string_view more = {});
    /// Joins for all changes of leads, and waits until told that they come.
    void follow(std::string_view channel, std::string_view more = {});
    /// The payload of the next message with that event; others are passed over. Null if the server
    /// has closed.
    boost::json::value next_of(std::string_view event);
    /// All messages up to the answer to a heartbeat that is sent now.
    std::vector<std::string> until_now();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tenantry::e2e
