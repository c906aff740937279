#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace tenantry::bench {

/// WebSocket frames (RFC 6455 §5.2) as a client needs them: what a server sends is not masked, what
/// it gets is.

enum class Opcode : std::uint8_t { text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

struct Frame {
    Opcode opcode;
    std::string_view payload;  // into the bytes that it was read from
    std::size_t size;          // of the frame, head included
};

/// The frame that `bytes` begin with; nullopt while more must come.
/// Errors: (in words) a part of a message, reserved bits, a mask, an unknown opcode, a payload of
///         more than 16 MiB.
std::expected<std::optional<Frame>, std::string> read_frame(std::string_view bytes);

/// Appends a frame to be sent. Its mask is zero, which leaves the payload as it is: the server has
/// the same work, and the load generator none.
void append_frame(std::string& out, Opcode opcode, std::string_view payload);

/// The code that a closing frame's payload begins with; 1005 if it has none.
unsigned close_code(std::string_view payload) noexcept;

}  // namespace tenantry::bench
