#pragma once
/// Points in time: microseconds since 1970-01-01T00:00:00Z, years 0001 to 9999.
/// Text follows RFC 3339; output is always UTC as `2026-01-05T00:16:17.000Z`, with three
/// fractional digits, or six where microseconds are not zero.

#include "base/error.hpp"
#include "base/id.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace tenantry {

using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// Accepts an RFC 3339 date-time (any offset, up to nine fractional digits, cut to microseconds)
/// or a bare date, which is its midnight in UTC. Errors: bad_value.
Result<Timestamp> parse_timestamp(std::string_view text);

/// Appends the text form stated above.
void append_timestamp(std::string& out, Timestamp value);

/// Where the current time comes from, and new ids, which begin with it; tests bring their own.
/// Threads: any.
class Clock {
public:
    virtual ~Clock() = default;
    virtual Timestamp now() const = 0;
    /// By default new_uuid(), of the machine's own clock.
    virtual Uuid new_id() const;
};

/// The machine's real-time clock.
const Clock& system_clock();

}  // namespace tenantry
