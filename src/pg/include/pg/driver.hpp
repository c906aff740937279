#pragma once
/// The calls of libpq's non-blocking pipeline mode that a connection needs, so that the state
/// machine above them (pipeline.hpp) is tested without a server. Threads: one at a time. Spec:
/// PostgreSQL manual, libpq "Pipeline Mode", "Asynchronous Command Processing".

#include "pg/answer.hpp"
#include "pg/arguments.hpp"

#include <string>

namespace tenantry::pg {

class Driver {
public:
    virtual ~Driver() = default;

    // Each queues a message; false if the connection is broken.
    virtual bool send_prepare(const std::string& name, const std::string& text) = 0;
    virtual bool send_execute(const std::string& name, const Arguments& arguments) = 0;
    /// A command without parameters and without a name.
    virtual bool send_command(const std::string& text) = 0;
    virtual bool send_sync() = 0;

    enum class Flushed { all, some, broken };
    /// Hands to the socket what it takes.
    virtual Flushed flush() = 0;
    /// Takes what the socket holds; false if the connection is broken. What came before can still
    /// be had by `next`.
    virtual bool consume() = 0;
    /// Whether `next` would have to wait.
    virtual bool busy() = 0;
    virtual Answer next() = 0;
    virtual std::string last_error() const = 0;
};

}  // namespace tenantry::pg
