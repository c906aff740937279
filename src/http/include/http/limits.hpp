#pragma once
/// What one server grants its clients: sizes in bytes, times as lengths. The defaults are those of
/// base/limits.hpp where it names one.

#include "base/limits.hpp"

#include <chrono>
#include <cstddef>

namespace tenantry::http {

struct Limits {
    std::size_t header_bytes_max = limits::header_bytes_max;  // request line and header fields
    std::size_t target_bytes_max = 16UL * 1024;               // path and query of the request line
    std::size_t body_bytes_max = limits::body_bytes_max;
    /// Bodies above 64 KiB that may be waited for at the same time, all connections together.
    std::size_t waiting_body_bytes_max = 256UL * 1024 * 1024;
    std::size_t connections_max = 10'000;
    std::size_t import_bytes_max = limits::import_bytes_max;  // of a file that is imported

    /// From a request's first byte: until it has come in, and until it is answered.
    std::chrono::milliseconds request_deadline = limits::request_deadline;
    /// For a file to come in and for it to be imported, each. It may not stop coming in for longer
    /// than `request_deadline`.
    std::chrono::milliseconds import_deadline = limits::import_deadline;
    /// Between requests, and before the first.
    std::chrono::milliseconds idle_timeout = limits::idle_timeout;
    /// For taking answers, besides the time that they take at `least_bytes_per_second`.
    std::chrono::milliseconds write_timeout = limits::request_deadline;
    std::size_t least_bytes_per_second = 16UL * 1024;
    /// For which a connection that the server closes still reads, so that the client gets to see
    /// the answer instead of a reset.
    std::chrono::milliseconds linger_timeout{2'000};
    /// How long a shutdown waits for requests that have begun to come in.
    std::chrono::milliseconds shutdown_timeout{10'000};
    /// How often the above are looked at; they are met that much late at most.
    std::chrono::milliseconds tick{250};
};

}  // namespace tenantry::http
