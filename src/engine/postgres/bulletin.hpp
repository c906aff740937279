#pragma once
/// Tells the other servers of a database of commits, and hears of theirs, by NOTIFY and LISTEN.
///
/// On a connection of its own, since a NOTIFY within a writing transaction would make all commits
/// of the database wait for each other; what is to be told is gathered for a few milliseconds.
/// Behind a pooler nothing can be heard, only told. Nothing relies on it: whoever misses a word
/// looks for himself before long.
///
/// It connects when there is something to tell or somebody to tell it to, and not again before, so
/// that a database which sleeps while nobody uses it may sleep.

#include "engine/commits.hpp"
#include "pg/url.hpp"

#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace tenantry::pg {
class Client;
}

namespace tenantry::engine::postgres {

/// Threads: any; it has one of its own.
class Bulletin {
public:
    /// Tells `teller`, which outlives it, of what it hears.
    Bulletin(pg::Url url, const CommitTeller& teller);
    ~Bulletin();
    Bulletin(const Bulletin&) = delete;
    Bulletin& operator=(const Bulletin&) = delete;

    /// Whether anybody wants to hear.
    void listen(bool wanted);
    /// Something was committed for the tenant here.
    void announce(const TenantId& tenant);

private:
    void run();
    void serve(pg::Client& client);
    void hear(const std::vector<std::string>& payloads) const;
    void send(pg::Client& client);
    bool wait(std::chrono::milliseconds time);
    bool wait_until_needed();
    bool stopping() const;
    void wake() const;

    const pg::Url url_;
    const CommitTeller& teller_;
    const std::string name_;  // of this server, among those of the database
    int wake_;                // an eventfd
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::set<std::string> to_tell_;  // guarded by mutex_
    bool listening_ = false;         // guarded by mutex_
    bool stopping_ = false;          // guarded by mutex_
    std::thread thread_;             // last: it uses the others
};

}  // namespace tenantry::engine::postgres
