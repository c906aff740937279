#pragma once
/// Why no connection could be made, and whether trying again has a sense.

#include "pg/answer.hpp"

#include <stdexcept>
#include <utility>

namespace tenantry::pg {

/// No connection could be made. `what()` is fit for a log: it says what was wrong, where, and what
/// to do, and never a password.
class Unreachable : public std::runtime_error {
public:
    explicit Unreachable(Failure failure, bool lasting = false)
        : std::runtime_error{failure.message}, failure_{std::move(failure)}, lasting_{lasting} {}

    const Failure& failure() const noexcept { return failure_; }
    /// Whether it stays so until somebody mends it: a wrong password, a certificate that doesn't
    /// fit. What else there is may pass, as a database wakes up or is started again.
    bool lasting() const noexcept { return lasting_; }

private:
    Failure failure_;
    bool lasting_;
};

}  // namespace tenantry::pg
