#pragma once
/// The sockets: one thread and one io_context a core, connections dealt out in turn.

#include "http/app.hpp"
#include "http/limits.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace tenantry::http {

struct ListenerOptions {
    std::string host = "127.0.0.1";  // a numeric IPv4 or IPv6 address
    std::uint16_t port = 8080;       // 0: the system chooses
    std::size_t threads = 1;
    Limits limits{};
};

/// Serves HTTP until it is stopped. Threads: any.
class Listener {
public:
    /// Listens and serves from now on. `app` must outlive it.
    /// Errors: bad_configuration: the address is in use, not one of this machine's, or not allowed.
    static Result<std::unique_ptr<Listener>> start(App& app, const ListenerOptions& options);
    /// Stops, if that has not been done.
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    std::uint16_t port() const noexcept;
    /// Connections open now.
    std::size_t connections() const noexcept;

    /// Accepts no more, answers the requests that have begun to come in within
    /// `limits.shutdown_timeout`, closes all connections. Returns when no request is being handled.
    void stop();

private:
    class Impl;
    explicit Listener(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace tenantry::http
