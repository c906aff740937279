#pragma once
/// Where a request comes from, for counting attempts.

#include "http/request.hpp"

#include <string>

namespace tenantry::http {

/// The address of the connection's other end; where that is this machine and a proxy on it says
/// whom it speaks for (the last of X-Forwarded-For), that one. Of IPv6 the first 64 bits, since
/// everybody has that many addresses. Empty if nothing is known.
std::string client_address(const Request& request);

}  // namespace tenantry::http
