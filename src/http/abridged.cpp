#include "abridged.hpp"

#include <algorithm>

namespace tenantry::http {

std::string abridged(std::string_view text) {
    constexpr std::size_t bytes_max = 64;
    auto size = std::min(text.size(), bytes_max);
    const auto continues = [&](std::size_t at) {
        return (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
    };
    while (size > 0 && size < text.size() && continues(size)) --size;
    return std::string{text.substr(0, size)};
}

}  // namespace tenantry::http
