#pragma once
/// What libpq says when a connection fails, made out.

#include "libpq.hpp"
#include "pg/unreachable.hpp"

#include <string_view>

namespace tenantry::pg {

/// Of libpq's text at PQERRORS_VERBOSE, without which it doesn't tell the SQLSTATE.
Unreachable unreachable(std::string_view said);
/// Of a connection that has failed.
Unreachable unreachable(const PGconn* connection);
/// Of a connection that was made and then couldn't be used.
Unreachable unreachable(Failure failure);

}  // namespace tenantry::pg
