#include "frame.hpp"

namespace tenantry::http::realtime {
namespace {

constexpr std::size_t control_payload_max = 125;

void append_number(std::string& out, std::uint64_t value, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
        out += static_cast<char>(value >> shift & 0xFFU);
}

}  // namespace

void append_frame_header(std::string& out, Opcode opcode, std::size_t size) {
    constexpr unsigned final_fragment = 0x80;
    out += static_cast<char>(final_fragment | static_cast<unsigned>(opcode));
    if (size <= control_payload_max) {
        out += static_cast<char>(size);
    } else if (size <= 0xFFFF) {
        out += '\x7E';
        append_number(out, size, 2);
    } else {
        out += '\x7F';
        append_number(out, size, 8);
    }
}

std::string frame_of(Opcode opcode, std::string_view payload) {
    std::string out;
    out.reserve(frame_header_max + payload.size());
    append_frame_header(out, opcode, payload.size());
    return out += payload;
}

std::string close_frame(std::uint16_t code, std::string_view reason) {
    std::string payload;
    append_number(payload, code, 2);
    payload += reason.substr(0, control_payload_max - 2);
    return frame_of(Opcode::close, payload);
}

}  // namespace tenantry::http::realtime
