#pragma once
/// What requests and values look like when a test fails.

#include "query/algebra.hpp"

#include <iosfwd>

namespace tenantry {
std::ostream& operator<<(std::ostream& out, const Error& error);
}  // namespace tenantry

namespace tenantry::query {
std::ostream& operator<<(std::ostream& out, const Read& read);
std::ostream& operator<<(std::ostream& out, const Insert& insert);
std::ostream& operator<<(std::ostream& out, const Update& update);
std::ostream& operator<<(std::ostream& out, const Delete& remove);
std::ostream& operator<<(std::ostream& out, const Request& request);
}  // namespace tenantry::query
