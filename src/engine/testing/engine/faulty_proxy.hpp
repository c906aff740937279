#pragma once
/// A TCP proxy before a database that does what networks and hosts do to connections. It runs on a
/// thread of its own.

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::engine::testing {

/// Threads: any. What a call does is done when it returns.
class FaultyProxy {
public:
    /// Leads to that port of 127.0.0.1. Throws: boost::system::system_error.
    explicit FaultyProxy(int upstream_port);
    ~FaultyProxy();
    FaultyProxy(const FaultyProxy&) = delete;
    FaultyProxy& operator=(const FaultyProxy&) = delete;

    int port() const noexcept;
    /// Cuts what there is, and refuses connections from now on and for so long.
    void refuse_for(std::chrono::milliseconds time);
    /// The same, but connections are accepted and hung up on.
    void hang_up_for(std::chrono::milliseconds time);
    /// Holds back each piece of what passes, either way, for so long.
    void delay(std::chrono::milliseconds time);
    /// Lets nothing pass, either way, until it is told otherwise; what came meanwhile then goes on.
    void stall(bool stalled);
    /// Cuts the connection over which the `bytes`-th byte from now on comes from the server; that
    /// is the last that passes.
    void cut_after(std::size_t bytes);
    void cut_all();

    std::size_t connections() const;
    /// The server names that clients asked for when they began TLS, in that order.
    std::vector<std::string> server_names() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// The server name (SNI) in a client's first bytes: a PostgreSQL SSLRequest and a TLS ClientHello.
/// Empty if there is none, or not yet.
std::string server_name_in(std::string_view bytes);

}  // namespace tenantry::engine::testing
