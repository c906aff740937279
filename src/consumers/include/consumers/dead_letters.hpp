#pragma once
/// Messages that were given up, each as it was sent, so that it can be sent again by hand, also
/// when its changes are no longer kept. Threads: pure functions, but for those that ask.

#include "engine/executor.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace tenantry::consumers {

struct DeadLetter {
    std::string message_id{};
    std::string message{};
    std::int64_t attempts = 0;
    std::string last_error{};
};

query::Insert bury(const Uuid& consumer, DeadLetter letter);
/// Those of a consumer, without the messages themselves, the latest first.
query::Read letters_of(const Uuid& consumer);
/// Refused with no_match if it is gone.
query::Update failed_again(const Uuid& letter, std::int64_t attempts, std::string error);
query::Delete forget(const Uuid& letter);

/// nullopt: the consumer has none of that id. Errors, throws: those of the executor.
boost::asio::awaitable<Result<std::optional<DeadLetter>>> find_letter(engine::Executor& executor,
                                                                      Uuid consumer, Uuid letter,
                                                                      TenantScope scope,
                                                                      engine::Deadline deadline);
boost::asio::awaitable<Result<std::int64_t>> count_letters(engine::Executor& executor,
                                                           Uuid consumer, TenantScope scope,
                                                           engine::Deadline deadline);

}  // namespace tenantry::consumers
