#include "base64.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace tenantry::mail {

std::string base64(std::string_view bytes) {
    auto text = encode_base64url(bytes);
    std::ranges::replace(text, '-', '+');
    std::ranges::replace(text, '_', '/');
    text.append((4 - text.size() % 4) % 4, '=');
    return text;
}

}  // namespace tenantry::mail
