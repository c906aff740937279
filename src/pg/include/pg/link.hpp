#pragma once
/// One connection on an io_context: a Pipeline with a socket under it.

#include "pg/pipeline.hpp"
#include "pg/unreachable.hpp"
#include "pg/url.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tenantry::pg {

/// How long a database that can't be reached is tried again: one that sleeps needs some time.
inline constexpr std::chrono::milliseconds default_patience{10'000};

/// How a connection begins. At its other end may be a pooler that lends a session for one
/// transaction at a time: nothing may be left behind in that, neither settings nor statements.
struct Startup {
    Url url;
    /// Parameters of a session that is ours, such as {"default_transaction_read_only", "on"}.
    std::vector<std::pair<std::string, std::string>> settings{};
    /// Statements that each transaction begins with in their place, where the session is lent.
    std::vector<std::string> transaction_begin{};
    std::string application_name = "tenantry";
    /// For one attempt; `connect_timeout` in the URL overrules it.
    std::chrono::milliseconds attempt_timeout{10'000};
    /// How long a Client tries again while what is wrong may pass.
    std::chrono::milliseconds patience = default_patience;
};

std::chrono::milliseconds attempt_timeout(const Startup& startup) noexcept;

/// Threads: those of its io_context, one at a time.
class Link {
public:
    using Handler = std::move_only_function<void(Outcome, Segment)>;
    using OnClosed = std::move_only_function<void()>;

    /// Finds out whether the session is its own, and makes its settings if so.
    /// Errors: none. Throws: Unreachable, also if `deadline` comes first.
    static boost::asio::awaitable<std::unique_ptr<Link>> connect(
        boost::asio::io_context& context, const Startup& startup,
        std::chrono::steady_clock::time_point deadline);
    /// What is under way is lost; nobody is told.
    ~Link();
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    /// Called once when the connection has broken, before the handlers of what was under way.
    void on_closed(OnClosed handler);
    /// Sends a segment; `handler` gets it back with its outcome, perhaps before this returns.
    void submit(Segment segment, Handler handler);
    /// Ends the connection; what is under way is lost.
    void close(std::string_view why);
    bool open() const noexcept;
    /// Whether sessions are lent for one transaction each.
    bool pooled() const noexcept;

private:
    class Impl;
    boost::asio::awaitable<Rows> ask(boost::asio::io_context& context, Call call,
                                     std::chrono::steady_clock::time_point deadline);
    explicit Link(std::shared_ptr<Impl> impl);
    std::shared_ptr<Impl> impl_;
};

}  // namespace tenantry::pg
