#pragma once
/// How far a consumer of a tenant's feed has come, as the database keeps it: a cursor that outlives
/// the server, and which server's turn it is.
///
/// Every change of it names the place and the version that it starts from, and is made only while
/// the consumer is at those and no other server holds its lease. So of two servers that take
/// themselves for the one, only one gets on, and none goes on with what was changed meanwhile.

#include "base/timestamp.hpp"
#include "engine/executor.hpp"
#include "feed/position.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tenantry::consumers {

struct Progress {
    Uuid version{};             // another one whenever what the consumer serves was changed
    feed::Position position{};  // everything up to here was delivered, or given up
    /// Where the message ends that was begun last, if it was not delivered.
    std::optional<std::int64_t> message_end{};
    std::int64_t failures = 0;  // of that message
    std::optional<Timestamp> due_at{};
    std::optional<Uuid> leased_by{};
    std::optional<Timestamp> leased_until{};
    std::optional<Timestamp> delivered_at{};  // the last message
    std::optional<std::string> last_error{};

    /// Whether another than `holder` has the lease at `now`.
    bool held_by_other(const Uuid& holder, Timestamp now) const noexcept;
};

/// Which consumer, where it is taken to be, and who says so.
struct Turn {
    Uuid consumer{};
    Uuid version{};
    feed::Position from{};
    Uuid holder{};
    Timestamp now{};
};

/// Of the consumer's row.
Progress progress_in(const query::RowSet& rows);
/// Its row, by itself. Must be given with what the consumer serves.
query::Insert first_progress(const Uuid& consumer, const Uuid& version, const feed::Position& from);

/// Changes of it; each is refused with no_match unless it is as `turn` says.
query::Update lease(const Turn& turn, Timestamp until, std::int64_t message_end);
/// The message was delivered; the lease goes on until then, or ends.
query::Update delivered(const Turn& turn, const feed::Position& to, std::optional<Timestamp> until);
/// The same without a delivery.
query::Update skip(const Turn& turn, const feed::Position& to);
query::Update postpone(const Turn& turn, std::int64_t failures, Timestamp due_at,
                       std::string error);
query::Update release(const Turn& turn);
/// What it serves was changed, and has that version now.
query::Update renew(const Uuid& consumer, const Uuid& version);
/// Whatever its state is: from `position` on, if there is one, at once, as what has that version.
query::Update restart(const Uuid& consumer, const Uuid& version,
                      const std::optional<feed::Position>& position);

/// nullopt: there is none. Errors: those of the executor. Throws: engine::Fault.
boost::asio::awaitable<Result<std::optional<Progress>>> find_progress(engine::Executor& executor,
                                                                      Uuid consumer,
                                                                      TenantScope scope,
                                                                      engine::Deadline deadline);
/// In one transaction. False: no_match. Errors: those of the executor. Throws: engine::Fault.
boost::asio::awaitable<Result<bool>> write(engine::Executor& executor,
                                           std::vector<query::Request> requests, query::Stamp stamp,
                                           TenantScope scope, engine::Deadline deadline);

}  // namespace tenantry::consumers
