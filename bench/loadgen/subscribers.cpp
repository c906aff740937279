#include "subscribers.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "frame.hpp"
#include "realtime_message.hpp"
#include "sockets.hpp"

namespace tenantry::bench {
namespace {

constexpr std::size_t opening_max = 32;  // at the same time
constexpr std::size_t buffer_bytes = 1U << 20;
constexpr std::size_t shown_bytes = 600;
constexpr std::chrono::seconds beat_every{25};

[[noreturn]] void fail(std::string_view what, std::string_view received) {
    throw std::runtime_error{"WRONG MESSAGE: " + std::string{what} + "\n--- received\n" +
                             std::string{received.substr(0, shown_bytes)}};
}

}  // namespace

class Subscribers::Subscriber final : public Source {
public:
    Subscriber(Subscribers& all, const Seat& seat)
        : all_{all}, seat_{seat}, socket_{connect_to(all.port_)} {
        all_.poller_.watch(socket_.get(), *this);
        send(upgrade_request(all_.tenants_[seat.tenant].token));
    }

    void send_text(std::string_view message) {
        std::string frame;
        append_frame(frame, Opcode::text, message);
        send(frame);
    }

    void send(std::string_view bytes) {
        // What is sent is small, and seldom.
        const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent != static_cast<ssize_t>(bytes.size())) {
            throw_errno("send to a WebSocket");
        }
    }

    void receive() override {
        auto& buffer = all_.buffer_;
        if (rest_.size() == buffer.size()) {
            fail("a message without an end", rest_);
        }
        const auto end = std::ranges::copy(rest_, buffer.begin()).out;
        const auto room = static_cast<std::size_t>(buffer.end() - end);
        const auto got = ::recv(socket_.get(), std::to_address(end), room, 0);
        if (got < 0) {
            throw_errno("recv");
        }
        if (got == 0) {
            fail("the server closed a WebSocket without a word", rest_);
        }
        std::string_view bytes{buffer.data(), rest_.size() + static_cast<std::size_t>(got)};
        if (stage_ == Stage::opening && !take_head(bytes)) {
            rest_ = bytes;
            return;
        }
        take_frames(bytes);
        rest_ = bytes;
    }

private:
    enum class Stage : std::uint8_t { opening, joining, waiting, joined };

    // False while the answer to the request for a WebSocket isn't whole.
    bool take_head(std::string_view& bytes) {
        constexpr std::string_view head_end = "\r\n\r\n";
        const auto end = bytes.find(head_end);
        if (end == std::string_view::npos) {
            return false;
        }
        if (!bytes.starts_with("HTTP/1.1 101 ")) {
            fail("no WebSocket", bytes);
        }
        bytes.remove_prefix(end + head_end.size());
        stage_ = Stage::joining;
        send_text(join_message());
        return true;
    }

    void take_frames(std::string_view& bytes) {
        while (true) {
            const auto frame = read_frame(bytes);
            if (!frame) {
                fail(frame.error(), bytes);
            }
            if (!*frame) {
                return;
            }
            take((*frame)->opcode, (*frame)->payload);
            bytes.remove_prefix((*frame)->size);
        }
    }

    void take(Opcode opcode, std::string_view payload) {
        switch (opcode) {
        case Opcode::text: take_message(payload); break;
        case Opcode::ping: {
            std::string pong;
            append_frame(pong, Opcode::pong, payload);
            send(pong);
            break;
        }
        case Opcode::pong: break;
        case Opcode::close:
            fail("the server closed a WebSocket with " + std::to_string(close_code(payload)),
                 payload);
        case Opcode::binary: fail("a binary message", {});
        }
    }

    void take_message(std::string_view message) {
        const auto event = event_of(message);
        if (event == "postgres_changes") {
            all_.take_change_(seat_, message);
        } else if (event == "phx_reply" && is_ok(message)) {
            if (stage_ == Stage::joining) {
                stage_ = Stage::waiting;
            }
        } else if (event == "system" && is_ok(message) && stage_ == Stage::waiting) {
            stage_ = Stage::joined;
            all_.note_joined();
        } else {
            fail("not expected here", message);
        }
    }

    Subscribers& all_;
    Seat seat_;
    FileDescriptor socket_;
    Stage stage_ = Stage::opening;
    std::string rest_{};  // of a frame that isn't whole yet
};

Subscribers::Subscribers(Poller& poller, std::uint16_t port, const std::vector<Tenant>& tenants,
                         std::size_t of_each_tenant, TakeChange take_change)
    : poller_{poller},
      port_{port},
      tenants_{tenants},
      take_change_{std::move(take_change)},
      wanted_{tenants.size() * of_each_tenant},
      buffer_(buffer_bytes) {
    append_frame(heartbeat_, Opcode::text, heartbeat_message());
    all_.reserve(wanted_);
    for (std::size_t i = 0; i < opening_max; ++i) {
        open_next();
    }
}

Subscribers::~Subscribers() = default;

void Subscribers::open_next() {
    const auto n = all_.size();
    if (n < wanted_) {
        const Seat seat{.tenant = n % tenants_.size(), .place = n / tenants_.size()};
        all_.push_back(std::make_unique<Subscriber>(*this, seat));
    }
}

void Subscribers::note_joined() {
    joined_ += 1;
    open_next();
    if (complete()) {
        next_beat_ = std::chrono::steady_clock::now();
    }
}

void Subscribers::beat(Time now) {
    if (now < next_beat_) {
        return;
    }
    all_[next_to_beat_]->send(heartbeat_);
    next_to_beat_ = (next_to_beat_ + 1) % all_.size();
    next_beat_ += std::chrono::nanoseconds{beat_every} / all_.size();
}

}  // namespace tenantry::bench
