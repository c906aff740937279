#pragma once
/// Values out of PostgreSQL's binary formats. They come from a server that we chose, but a function
/// that reads bytes trusts none: what is not of its form gives nullopt, or false.
/// Threads: pure functions.

#include "base/id.hpp"
#include "base/timestamp.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tenantry::pg {

/// int2, int4 or int8, by their length.
std::optional<std::int64_t> decode_integer(std::string_view bytes) noexcept;
std::optional<bool> decode_boolean(std::string_view bytes) noexcept;
std::optional<Uuid> decode_uuid(std::string_view bytes) noexcept;
/// nullopt also for infinity, and for years before 0001 and after 9999.
std::optional<Timestamp> decode_timestamp(std::string_view bytes) noexcept;
/// A numeric in units of 10^-scale; nullopt if it has more digits behind the point, is no number or
/// exceeds 64 bits.
std::optional<std::int64_t> decode_numeric(std::string_view bytes, std::uint8_t scale) noexcept;
/// Calls `take` with each element of a one-dimensional text array; false if it is anything else, or
/// an element is NULL.
bool decode_text_array(std::string_view bytes, const std::function<void(std::string_view)>& take);
/// The JSON text within a jsonb value.
std::optional<std::string_view> decode_jsonb(std::string_view bytes) noexcept;

}  // namespace tenantry::pg
