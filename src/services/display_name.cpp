#include "services/display_name.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace tenantry::services {

Result<std::string> parse_display_name(std::string_view text) {
    constexpr std::size_t bytes_max = 255;
    const bool has_control = std::ranges::any_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7F;
    });
    if (text.empty() || text.size() > bytes_max || has_control || !is_clean_utf8(text)) {
        return fail(Errc::bad_value,
                    "a name is 1 to 255 bytes of UTF-8 text without control characters");
    }
    return std::string{text};
}

}  // namespace tenantry::services
