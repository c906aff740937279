#include "postgres/bulletin.hpp"

#include "base/random.hpp"
#include "base/text.hpp"
#include "pg/backoff.hpp"
#include "pg/client.hpp"

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <system_error>

namespace tenantry::engine::postgres {
namespace {

constexpr auto channel = "tenantry_changes";
/// Between two words of ours.
constexpr std::chrono::milliseconds gathering{5};
/// PostgreSQL takes 8,000 bytes.
constexpr std::size_t payload_bytes_max = 7000;
constexpr std::chrono::milliseconds looking_after{1000};

pg::Startup startup(const pg::Url& url) {
    return {.url = url,
            .application_name = "tenantry bulletin",
            .patience = std::chrono::milliseconds{0}};
}

int make_event() {
    const int event = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (event < 0) throw std::system_error{errno, std::generic_category(), "eventfd"};
    return event;
}

}  // namespace

Bulletin::Bulletin(pg::Url url, const CommitTeller& teller)
    : url_{std::move(url)},
      teller_{teller},
      name_{encode_base64url(random_bytes(9))},
      wake_{make_event()},
      thread_{[this] { run(); }} {}

Bulletin::~Bulletin() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    changed_.notify_all();
    wake();
    thread_.join();
    ::close(wake_);
}

void Bulletin::listen(bool wanted) {
    {
        const std::lock_guard lock{mutex_};
        listening_ = wanted;
    }
    changed_.notify_all();
}

void Bulletin::announce(const TenantId& tenant) {
    {
        const std::lock_guard lock{mutex_};
        const bool first = to_tell_.empty();
        to_tell_.insert(tenant.text());
        if (!first) return;
    }
    changed_.notify_all();
    wake();
}

void Bulletin::wake() const { ::eventfd_write(wake_, 1); }

bool Bulletin::stopping() const {
    const std::lock_guard lock{mutex_};
    return stopping_;
}

/// False if it is to stop.
bool Bulletin::wait(std::chrono::milliseconds time) {
    std::unique_lock lock{mutex_};
    return !changed_.wait_for(lock, time, [this] { return stopping_; });
}

/// False if it is to stop.
bool Bulletin::wait_until_needed() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return stopping_ || listening_ || !to_tell_.empty(); });
    return !stopping_;
}

void Bulletin::run() {
    pg::Backoff backoff;
    while (wait_until_needed()) {
        try {
            pg::Client client{startup(url_)};
            backoff.reset();
            serve(client);
        } catch (const pg::Unreachable&) {  // NOLINT(bugprone-empty-catch): tried again below
        } catch (const pg::ClientError&) {  // NOLINT(bugprone-empty-catch): likewise
        }
        if (!wait(backoff.next())) return;
    }
}

void Bulletin::serve(pg::Client& client) {
    // A notice that the database loses in a crash is made up for by the listening anew.
    if (!client.pooled())
        client.script(fmt::format("SET synchronous_commit = off; LISTEN {}", channel));
    // Nobody was heard until now.
    teller_.tell_of_anybody();
    while (!stopping()) {
        hear(client.notifications(looking_after, wake_));
        send(client);
    }
}

/// A payload is the teller's name and the tenants, which have no blanks.
void Bulletin::hear(const std::vector<std::string>& payloads) const {
    for (const auto& payload : payloads) {
        std::string_view rest{payload};
        if (rest.substr(0, rest.find(' ')) == name_) continue;
        while (true) {
            const auto blank = rest.find(' ');
            if (blank == std::string_view::npos) break;
            rest.remove_prefix(blank + 1);
            if (const auto tenant = TenantId::parse(rest.substr(0, rest.find(' '))))
                teller_.tell(*tenant);
        }
    }
}

void Bulletin::send(pg::Client& client) {
    {
        const std::lock_guard lock{mutex_};
        if (to_tell_.empty()) return;
    }
    if (!wait(gathering)) return;
    std::set<std::string> tenants;
    {
        const std::lock_guard lock{mutex_};
        tenants.swap(to_tell_);
    }
    std::string payload = name_;
    const auto notify = [&] {
        pg::Arguments arguments;
        arguments.add_text(channel);
        arguments.add_text(payload);
        client.run("SELECT pg_notify($1::text, $2::text)::text", arguments);
        payload = name_;
    };
    for (const auto& tenant : tenants) {
        payload += ' ' + tenant;
        if (payload.size() > payload_bytes_max) notify();
    }
    if (payload.size() > name_.size()) notify();
}

}  // namespace tenantry::engine::postgres
