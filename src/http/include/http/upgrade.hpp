#pragma once
/// What takes a connection over after a request that asked for another protocol (RFC 9110 §7.8).
/// Threads: the connection's.

#include "http/socket.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace tenantry::http {

class Upgrade {
public:
    virtual ~Upgrade() = default;

    /// Speaks to the client from the answer to its request on, until the connection has ended;
    /// `received` came behind the request. `draining`: the server is shutting down already. All
    /// that it has begun is done when it returns.
    virtual boost::asio::awaitable<void> run(Socket socket, std::string received,
                                             bool draining) = 0;

    // While it runs:
    /// Called every `limits.tick`.
    virtual void check_deadline(SteadyTime now) = 0;
    /// The server is shutting down: says so and ends.
    virtual void go_away() = 0;
    /// Closes the socket now.
    virtual void cut_off() = 0;
};

}  // namespace tenantry::http
