#include "client.hpp"

#include <boost/json/parse.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace tenantry::e2e {
namespace {

constexpr timeval patience{.tv_sec = 60, .tv_usec = 0};

[[noreturn]] void fail(const char* what) {
    throw std::system_error{errno, std::generic_category(), what};
}

std::string lower(std::string_view text) {
    std::string out{text};
    std::ranges::transform(out, out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    return out;
}

std::string member(std::string_view body, std::string_view name) {
    boost::system::error_code error;
    const auto json = boost::json::parse(body, error);
    const auto* object = error ? nullptr : json.if_object();
    const auto* value = object == nullptr ? nullptr : object->if_contains(name);
    return value == nullptr || !value->is_string() ? std::string{}
                                                   : std::string{value->get_string()};
}

/// Reads a head without its last, empty line.
Answer parse_head(std::string_view head) {
    Answer answer;
    bool first = true;
    while (!head.empty()) {
        const auto end = head.find("\r\n");
        const auto line = head.substr(0, end);
        head.remove_prefix(end + 2);
        if (std::exchange(first, false)) {
            if (!line.starts_with("HTTP/1.1 "))
                throw std::runtime_error{"no answer: " + std::string{line}};
            std::from_chars(line.data() + 9, line.data() + 12, answer.status);
            (answer.bytes += line) += "\r\n";
            continue;
        }
        const auto colon = line.find(": ");
        const auto name = lower(line.substr(0, colon));
        answer.headers[name] = line.substr(colon + 2);
        if (name != "date" && name != "x-request-id") (answer.bytes += line) += "\r\n";
    }
    answer.bytes += "\r\n";
    return answer;
}

}  // namespace

std::string Answer::header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string{} : found->second;
}
std::string Answer::code() const { return member(body, "code"); }
std::string Answer::field() const { return member(body, "field"); }

Client::Client(std::uint16_t port) : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    if (socket_ < 0) fail("socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        ::close(socket_);
        fail("connect");
    }
}

Client::Client(Client&& other) noexcept
    : socket_{std::exchange(other.socket_, -1)}, buffer_{std::move(other.buffer_)} {}

Client::~Client() {
    if (socket_ >= 0) ::close(socket_);
}

bool Client::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && (errno == EPIPE || errno == ECONNRESET)) return false;
        if (sent < 0) fail("send");
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

void Client::finish_sending() { ::shutdown(socket_, SHUT_WR); }

bool Client::fill() {
    std::array<char, 65536> bytes;
    const auto received = ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (received < 0 && errno != ECONNRESET) fail("recv");
    if (received <= 0) return false;
    buffer_.append(bytes.data(), static_cast<std::size_t>(received));
    return true;
}

std::optional<Answer> Client::receive(bool head) {
    auto end = buffer_.find("\r\n\r\n");
    for (; end == std::string::npos; end = buffer_.find("\r\n\r\n")) {
        if (fill()) continue;
        if (buffer_.empty()) return std::nullopt;
        throw std::runtime_error{"an answer ends within its head: " + buffer_};
    }
    auto answer = parse_head(std::string_view{buffer_}.substr(0, end + 2));
    buffer_.erase(0, end + 4);
    std::size_t length = 0;
    const auto text = answer.header("content-length");
    std::from_chars(text.data(), text.data() + text.size(), length);
    if (head) length = 0;
    while (buffer_.size() < length) {
        if (!fill()) throw std::runtime_error{"an answer ends within its body"};
    }
    if (!head && answer.header("transfer-encoding") == "chunked") {
        receive_chunks(answer);
        return answer;
    }
    answer.body = buffer_.substr(0, length);
    answer.bytes += answer.body;
    buffer_.erase(0, length);
    return answer;
}

std::string Client::take(std::size_t count) {
    while (buffer_.size() < count) {
        if (!fill()) throw std::runtime_error{"an answer ends within its body"};
    }
    auto taken = buffer_.substr(0, count);
    buffer_.erase(0, count);
    return taken;
}

void Client::receive_chunks(Answer& answer) {
    while (true) {
        auto end = buffer_.find("\r\n");
        for (; end == std::string::npos; end = buffer_.find("\r\n")) {
            if (fill()) continue;
            answer.cut_off = true;
            return;
        }
        const auto line = take(end + 2);
        std::size_t size = 0;
        std::from_chars(line.data(), line.data() + end, size, 16);
        try {
            answer.body += take(size);
            if (take(2) != "\r\n") throw std::runtime_error{"a chunk doesn't end where it should"};
        } catch (const std::runtime_error&) {
            answer.cut_off = true;
            return;
        }
        ++answer.chunks;
        if (size == 0) {
            answer.bytes += answer.body;
            return;
        }
    }
}

bool Client::readable_within(std::chrono::milliseconds time) {
    pollfd wanted{.fd = socket_, .events = POLLIN, .revents = 0};
    return !buffer_.empty() || ::poll(&wanted, 1, static_cast<int>(time.count())) > 0;
}

bool Client::at_end() { return buffer_.empty() && !fill(); }

std::string Client::receive_some() {
    if (buffer_.empty()) fill();
    return std::exchange(buffer_, {});
}

std::string Client::receive_rest() {
    while (fill()) {
    }
    return std::exchange(buffer_, {});
}

Answer Client::exchange(std::string_view bytes, bool head) {
    send(bytes);
    auto answer = receive(head);
    if (!answer) throw std::runtime_error{"the server ended the connection without an answer"};
    return std::move(*answer);
}

}  // namespace tenantry::e2e
