#pragma once
/// How connections of ours begin, and what their failures mean to operators.

#include "base/error.hpp"
#include "pg/client.hpp"

#include <chrono>
#include <string>

namespace tenantry::engine::postgres {

/// For a connection that blocks.
pg::Startup control_startup(const pg::Url& url,
                            std::chrono::milliseconds patience = pg::default_patience);
/// For reads: one snapshot for a whole segment, and no writing.
pg::Startup read_startup(const pg::Url& url);
pg::Startup write_startup(const pg::Url& url);

/// `why` with the database's name in front. Errors: always storage_unusable.
Error unusable(const pg::Url& url, std::string_view why);

/// Whether a connection has ended, or the server said that it would.
inline bool is_break(const pg::Failure& failure) {
    return failure.sqlstate.empty() || failure.sqlstate.starts_with("57P");
}
inline constexpr int break_attempts_max = 5;

/// Runs `work(client)` on a connection of its own. Errors: storage_unusable, if the connection or a
/// statement fails; those of `work`.
template <class Work>
auto with_client(const pg::Url& url, std::chrono::milliseconds patience, Work work)
    -> decltype(work(std::declval<pg::Client&>())) {
    try {
        pg::Client client{control_startup(url, patience)};
        return work(client);
    } catch (const pg::Unreachable& unreachable) {
        return unusable(url, unreachable.what());
    } catch (const pg::ClientError& error) {
        return unusable(url, error.what());
    }
}

/// The same for `work` that only reads, which is done again on another connection if one breaks.
template <class Work>
auto reading_client(const pg::Url& url, std::chrono::milliseconds patience, Work work)
    -> decltype(work(std::declval<pg::Client&>())) {
    return with_client(url, patience, [&](pg::Client& client) {
        for (int attempt = 1;; ++attempt) {
            try {
                return work(client);
            } catch (const pg::ClientError& error) {
                if (!is_break(error.failure()) || attempt == break_attempts_max) throw;
            }
            client = pg::Client{control_startup(url, patience)};
        }
    });
}

}  // namespace tenantry::engine::postgres
