#pragma once
/// A plain blocking HTTP/1.1 client over one socket. It shows the bytes as they are and does only
/// what it is told, so that tests can misbehave. Waiting ends after a minute, with a failure.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace tenantry::e2e {

struct Answer {
    int status = 0;
    std::map<std::string, std::string> headers{};  // names in lower case
    std::string body{};
    /// As it came, but for the `date` and `x-request-id` lines, so that answers can be compared.
    std::string bytes{};
    std::size_t chunks = 0;  // that the body came in, the last, empty one included
    bool cut_off = false;    // the connection ended within the body

    std::string header(const std::string& name) const;
    /// The `code` of a refusal, empty if there is none.
    std::string code() const;
    std::string field() const;
};

class Client {
public:
    explicit Client(std::uint16_t port);
    Client(Client&& other) noexcept;
    Client& operator=(Client&&) = delete;
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    ~Client();

    /// Returns false if the server has gone.
    bool send(std::string_view bytes);
    /// Ends this side; answers can still be read.
    void finish_sending();
    /// The next answer; nullopt at the end of the connection. `head`: it answers HEAD. Interim
    /// answers (1xx) are returned as they come.
    std::optional<Answer> receive(bool head = false);
    /// Whether something can be read now, or the end has come; waits for it that long.
    bool readable_within(std::chrono::milliseconds time);
    /// Whether the connection has ended, with nothing more to read.
    bool at_end();
    /// What comes next, as it comes; empty at the end.
    std::string receive_some();
    /// Whatever comes until the end.
    std::string receive_rest();

    /// Sends `bytes` and returns the answer.
    Answer exchange(std::string_view bytes, bool head = false);

private:
    bool fill();
    std::string take(std::size_t count);
    void receive_chunks(Answer& answer);

    int socket_;
    std::string buffer_;
};

}  // namespace tenantry::e2e
