#pragma once
/// Randomness from the operating system, and the ids made of it.

#include "base/id.hpp"

#include <cstddef>
#include <string>

namespace tenantry {

/// `count` bytes fit for keys. Throws: std::system_error if the system has none.
std::string random_bytes(std::size_t count);

/// A version 7 UUID (RFC 9562 §5.7): 48 bits of Unix milliseconds, then 74 random bits, so that
/// rows made one after the other are neighbours in the primary key. Threads: any.
Uuid new_uuid();

}  // namespace tenantry
