#include "patches.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <stdexcept>

#include "answer.hpp"
#include "request_text.hpp"
#include "sockets.hpp"

namespace tenantry::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t shown_bytes = 600;
constexpr std::size_t buffer_bytes = 64U << 10;

}  // namespace

class Patches::Connection final : public Source {
public:
    Connection(Patches& all, Poller& poller, std::uint16_t port)
        : all_{all}, socket_{connect_to(port)}, in_(buffer_bytes) {
        poller.watch(socket_.get(), *this);
    }

    void send(const Patch& patch) {
        const auto& tenant = all_.tenants_[patch.tag.tenant];
        const auto value = R"("last_name":")" + text_of(patch.tag) + '"';
        expected_ = value;
        out_.assign("PATCH /api/leads/").append(tenant.leads[patch.lead].id);
        out_.append(" HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ");
        out_.append(tenant.token).append("\r\n");
        append_body(out_, '{' + value + '}');
        framer_.reset();
        in_size_ = 0;
        due_ = patch.due;
        // A request is smaller than any socket buffer, and the one before it was answered.
        const auto sent = ::send(socket_.get(), out_.data(), out_.size(), MSG_NOSIGNAL);
        if (sent != static_cast<ssize_t>(out_.size())) {
            throw_errno("send");
        }
    }

    void receive() override {
        if (in_size_ == in_.size()) {
            fail("an answer without an end");
        }
        const auto got = ::recv(socket_.get(), in_.data() + in_size_, in_.size() - in_size_, 0);
        if (got < 0) {
            throw_errno("recv");
        }
        if (got == 0) {
            fail("the server closed the connection");
        }
        in_size_ += static_cast<std::size_t>(got);
        const auto answer = framer_.feed({in_.data(), in_size_});
        if (!answer) {
            fail(answer.error());
        }
        if (*answer) {
            finish(**answer);
        }
    }

private:
    void finish(const Answer& answer) {
        if (answer.status != 200 || answer.body.find(expected_) == std::string_view::npos) {
            fail("the lead wasn't changed");
        }
        if (due_ >= all_.measured_from_) {
            all_.answered_.add(Clock::now() - due_);
        }
        all_.note_answered(*this);
    }

    // The token is the part of a request that must not be printed.
    [[noreturn]] void fail(const std::string& what) const {
        throw std::runtime_error{"WRONG ANSWER: " + what + "\n--- request\n" +
                                 out_.substr(0, out_.find('\r')) + "\n--- answer\n" +
                                 std::string{in_.data(), std::min(in_size_, shown_bytes)}};
    }

    Patches& all_;
    FileDescriptor socket_;
    std::string out_{};
    std::string expected_{};
    std::vector<char> in_;
    std::size_t in_size_ = 0;
    AnswerFramer framer_{};
    Time due_{};
};

Patches::Patches(Poller& poller, std::uint16_t port, const std::vector<Tenant>& tenants,
                 std::size_t connections)
    : tenants_{tenants} {
    for (std::size_t i = 0; i < connections; ++i) {
        connections_.push_back(std::make_unique<Connection>(*this, poller, port));
        free_.push_back(connections_.back().get());
    }
}

Patches::~Patches() = default;

void Patches::make(const Patch& patch) {
    unanswered_ += 1;
    if (patch.due >= measured_from_) {
        made_late_.add(Clock::now() - patch.due);
    }
    if (free_.empty()) {
        waiting_.push_back(patch);
        return;
    }
    auto* const connection = free_.front();
    free_.pop_front();
    connection->send(patch);
}

void Patches::note_answered(Connection& connection) {
    unanswered_ -= 1;
    if (waiting_.empty()) {
        free_.push_back(&connection);  // behind the others, so that none is idle for long
        return;
    }
    const auto next = waiting_.front();
    waiting_.pop_front();
    connection.send(next);
}

}  // namespace tenantry::bench
