#include "frame.hpp"

namespace tenantry::bench {
namespace {

constexpr std::uint64_t payload_bytes_max = 16U << 20;
constexpr unsigned last_bit = 0x80;
constexpr unsigned reserved_bits = 0x70;
constexpr unsigned opcode_bits = 0x0f;
constexpr unsigned mask_bit = 0x80;
constexpr unsigned length_bits = 0x7f;
constexpr unsigned two_bytes = 126;
constexpr unsigned eight_bytes = 127;
constexpr unsigned no_code = 1005;

unsigned byte_at(std::string_view bytes, std::size_t at) noexcept {
    return static_cast<unsigned char>(bytes[at]);
}

std::uint64_t number(std::string_view bytes) noexcept {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        value = value << 8 | byte_at(bytes, i);
    }
    return value;
}

bool is_known(unsigned opcode) noexcept {
    switch (static_cast<Opcode>(opcode)) {
    case Opcode::text:
    case Opcode::binary:
    case Opcode::close:
    case Opcode::ping:
    case Opcode::pong: return true;
    }
    return false;
}

}  // namespace

std::expected<std::optional<Frame>, std::string> read_frame(std::string_view bytes) {
    if (bytes.size() < 2) {
        return std::nullopt;
    }
    const auto first = byte_at(bytes, 0);
    const auto second = byte_at(bytes, 1);
    if ((first & reserved_bits) != 0 || (second & mask_bit) != 0) {
        return std::unexpected{"a frame with reserved bits or a mask"};
    }
    if ((first & last_bit) == 0 || !is_known(first & opcode_bits)) {
        return std::unexpected{"a part of a message, or an unknown opcode"};
    }
    std::uint64_t length = second & length_bits;
    const std::size_t more = length == two_bytes ? 2 : length == eight_bytes ? 8 : 0;
    const std::size_t head = 2 + more;
    if (bytes.size() < head) {
        return std::nullopt;
    }
    if (more > 0) {
        length = number(bytes.substr(2, more));
    }
    if (length > payload_bytes_max) {
        return std::unexpected{"a frame of " + std::to_string(length) + " bytes"};
    }
    if (bytes.size() - head < length) {
        return std::nullopt;
    }
    return Frame{.opcode = static_cast<Opcode>(first & opcode_bits),
                 .payload = bytes.substr(head, length),
                 .size = head + length};
}

void append_frame(std::string& out, Opcode opcode, std::string_view payload) {
    const auto append_byte = [&out](std::uint64_t value) {
        out.push_back(static_cast<char>(value & 0xff));
    };
    const auto append_number = [&](std::uint64_t value, int bytes) {
        for (int i = bytes - 1; i >= 0; --i) {
            append_byte(value >> (8 * i));
        }
    };
    append_byte(last_bit | static_cast<unsigned>(opcode));
    if (payload.size() < two_bytes) {
        append_byte(mask_bit | payload.size());
    } else if (payload.size() <= 0xffff) {
        append_byte(mask_bit | two_bytes);
        append_number(payload.size(), 2);
    } else {
        append_byte(mask_bit | eight_bytes);
        append_number(payload.size(), 8);
    }
    append_number(0, 4);  // the mask
    out.append(payload);
}

unsigned close_code(std::string_view payload) noexcept {
    return payload.size() < 2 ? no_code : static_cast<unsigned>(number(payload.substr(0, 2)));
}

}  // namespace tenantry::bench
