#pragma once
/// Connections of one kind, and the jobs that wait for them: a LaneBook with Links under it.

#include "pg/lane_book.hpp"
#include "pg/link.hpp"

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

namespace tenantry::pg {

struct LaneOptions {
    Startup startup;
    LaneBook::Limits limits{};
    /// What each new connection is asked before it is used.
    Segment greeting{};
    /// Why the connection must not be used, as its answer tells; nullopt if it may.
    std::function<std::optional<Failure>(const Outcome&)> objection{};
    /// How long beyond its deadline the server's answer is waited for. After that the connection is
    /// closed, since what it would answer next belongs to nobody.
    std::chrono::milliseconds grace{2000};
    /// Counts the jobs that wait for a connection; others may add theirs. Outlives the lanes.
    std::atomic<std::size_t>* waiting = nullptr;
};

/// Threads: that of its io_context. Destroy it there, or when that no longer runs.
class Lanes {
public:
    Lanes(boost::asio::io_context& context, LaneOptions options);
    ~Lanes();
    Lanes(const Lanes&) = delete;
    Lanes& operator=(const Lanes&) = delete;

    /// Opens the first connection before a job needs it.
    void warm_up();
    /// The job's handler is called exactly once, perhaps before this returns.
    void submit(Job job);
    /// Accepts nothing more; what is under way still ends.
    void close();
    /// No job waits or is under way.
    bool idle() const noexcept;
    /// Ends the connections at once: what is under way is lost.
    void shut_down();

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace tenantry::pg
