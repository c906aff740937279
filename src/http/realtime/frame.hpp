#pragma once
/// WebSocket frames from the server: never masked, never fragmented (RFC 6455 §5.2).
/// Threads: pure functions.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tenantry::http::realtime {

enum class Opcode : std::uint8_t { text = 1, binary = 2, close = 8 };

/// Bytes that precede a payload at the most.
inline constexpr std::size_t frame_header_max = 10;

/// Appends what precedes a payload of `size` bytes.
void append_frame_header(std::string& out, Opcode opcode, std::size_t size);

/// The whole frame.
std::string frame_of(Opcode opcode, std::string_view payload);

/// A close frame. `reason` is cut to the 123 bytes that fit; it must be ASCII.
std::string close_frame(std::uint16_t code, std::string_view reason);

}  // namespace tenantry::http::realtime
