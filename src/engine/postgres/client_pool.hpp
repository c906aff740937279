#pragma once
/// Blocking connections to the platform's own records. Each is asked about its role when it is new.

#include "engine/executor.hpp"
#include "pg/client.hpp"
#include "postgres/role_facts.hpp"
#include "postgres/session.hpp"

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace tenantry::engine::postgres {

/// A connection whose role has been looked at. Throws: Fault, if it can't be made or must not be
/// used.
std::unique_ptr<pg::Client> connect_checked(const pg::Startup& startup);
/// The same, to a database of this program's version. Errors: storage_unusable, also for what
/// connect_checked throws.
Result<std::unique_ptr<pg::Client>> connect_latest(const pg::Startup& startup);

/// Threads: any.
class ClientPool {
public:
    explicit ClientPool(pg::Startup startup) : startup_{std::move(startup)} {}

    /// Runs `work(client)`, which only reads: again on another connection, if one breaks.
    /// Throws: Fault, if the database can't be reached or its role must not be used; ClientError.
    template <class Work>
    auto read(Work work) -> decltype(work(std::declval<pg::Client&>())) {
        for (int attempt = 1;; ++attempt) {
            auto client = take_idle();
            if (!client) client = connect_checked(startup_);
            try {
                return use(std::move(client), work);
            } catch (const pg::ClientError& error) {
                if (!is_break(error.failure()) || attempt == break_attempts_max) throw;
            }
        }
    }

private:
    template <class Work>
    auto use(std::unique_ptr<pg::Client> client, Work& work) {
        auto result = work(*client);
        const std::lock_guard lock{mutex_};
        idle_.push_back(std::move(client));
        return result;
    }

    std::unique_ptr<pg::Client> take_idle() {
        const std::lock_guard lock{mutex_};
        while (!idle_.empty()) {
            auto client = std::move(idle_.back());
            idle_.pop_back();
            if (!client->gone()) return client;
        }
        return nullptr;
    }

    pg::Startup startup_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<pg::Client>> idle_;
};

}  // namespace tenantry::engine::postgres
