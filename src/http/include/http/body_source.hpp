#pragma once
/// The body of an answer that is made while it is sent, for what is too large to stand in memory.

#include "base/error.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace tenantry::http {

/// The connection pulls: it asks for a piece, sends it, and asks for the next one when the client
/// has taken it. So nothing is made ahead, and nothing more when the client has gone. It stands
/// alone: the request that it answers is gone by the time it is asked. Threads: one at a time.
class BodySource {
public:
    virtual ~BodySource() = default;

    /// Appends the next piece, some tens of KiB by preference, to `out`; false if it is the last.
    /// It keeps a deadline of its own.
    /// Errors, and whatever it throws: end the answer half-way, so that the client can tell.
    virtual boost::asio::awaitable<Result<bool>> next(std::string& out) = 0;
};

}  // namespace tenantry::http
