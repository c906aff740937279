#include "base/id.hpp"

#include <algorithm>

namespace tenantry {
namespace {

constexpr bool is_hyphen_position(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

constexpr int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

constexpr bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

Result<Uuid> parse_uuid(std::string_view text) {
    const auto refused = [] { return fail(Errc::bad_id, "is not a UUID"); };
    if (text.size() != 36) return refused();
    Uuid value{};
    std::size_t nibble = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_hyphen_position(i)) {
            if (text[i] != '-') return refused();
            continue;
        }
        const int digit = hex_digit(text[i]);
        if (digit < 0) return refused();
        auto& byte = value.data[nibble / 2];
        byte = static_cast<std::uint8_t>(byte << 4 | digit);
        ++nibble;
    }
    return value;
}

void append_uuid(std::string& out, const Uuid& value) {
    static constexpr char digits[] = "0123456789abcdef";
    char text[36];
    std::size_t at = 0;
    for (std::size_t i = 0; i < 16; ++i) {
        if (is_hyphen_position(at)) text[at++] = '-';
        text[at++] = digits[value.data[i] >> 4];
        text[at++] = digits[value.data[i] & 15];
    }
    out.append(text, sizeof text);
}

Result<TenantId> TenantId::parse(std::string_view text) {
    const auto allowed = [](char c) {
        return is_alphanumeric(c) || c == '.' || c == '_' || c == '-';
    };
    if (text.empty() || text.size() > bytes_max || !is_alphanumeric(text.front()) ||
        !std::ranges::all_of(text, allowed)) {
        return fail(Errc::bad_id,
                    "a tenant id has 1 to 255 letters, digits, dots, underscores or hyphens and "
                    "starts with a letter or digit");
    }
    return TenantId{text};
}

}  // namespace tenantry
