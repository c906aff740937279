#pragma once
/// What happens while serving, as typed events; whoever implements Observer makes log lines and
/// metrics of them. No event holds a query, a body, a token or a value of a row. The views are
/// valid during the call.

#include <chrono>
#include <cstdint>
#include <string_view>

namespace tenantry::http {

struct RequestFinished {
    std::string_view id;      // of the answer's x-request-id
    std::string_view method;  // "OTHER" for methods that are not ours
    std::string_view route;   // pattern, such as `/api/leads/{id}`; empty if there is none
    unsigned status;
    std::string_view tenant;     // empty unless authenticated
    std::string_view principal;  // likewise; text of the token, up to 255 bytes of UTF-8
    std::string_view quota;      // that was exceeded; empty if none was
    std::chrono::microseconds elapsed;
    bool by_operator = false;  // who acts for that tenant
};

/// Something is out of order; the client saw `500 internal_error`.
struct RequestFaulted {
    std::string_view id;
    std::string_view method;
    std::string_view route;
    std::string_view tenant;
    std::string_view what;
};

/// Accepting fails, most likely for want of file descriptors; it is tried again shortly. Told once
/// until it works again.
struct AcceptFailed {
    std::string_view what;
};

/// More clients than `limits.connections_max`; those over it get 503. Told once until there is
/// room again.
struct ConnectionsExhausted {
    std::size_t limit;
};

/// A connection ended by an exception that was no outcome of its request.
struct SessionFaulted {
    std::string_view what;
};

struct ListenerStarted {
    std::string_view address;
    std::uint16_t port;
    std::size_t threads;
};

struct ListenerDraining {
    std::size_t connections;
};

struct ListenerStopped {
    std::size_t cut_off;  // connections that didn't finish in time
};

/// Threads: any, at the same time; must not block or throw.
class Observer {
public:
    virtual ~Observer() = default;

    virtual void observe(const RequestFinished& event) noexcept = 0;
    virtual void observe(const RequestFaulted& event) noexcept = 0;
    virtual void observe(const AcceptFailed& event) noexcept = 0;
    virtual void observe(const ConnectionsExhausted& event) noexcept = 0;
    virtual void observe(const SessionFaulted& event) noexcept = 0;
    virtual void observe(const ListenerStarted& event) noexcept = 0;
    virtual void observe(const ListenerDraining& event) noexcept = 0;
    virtual void observe(const ListenerStopped& event) noexcept = 0;
};

}  // namespace tenantry::http
