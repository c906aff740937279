#include "path_pattern.hpp"

#include <algorithm>

namespace tenantry::http {

bool matches(std::string_view pattern, std::span<const std::string> segments, PathIds& ids) {
    std::size_t found = 0;
    for (const auto& segment : segments) {
        if (pattern.empty()) return false;
        pattern.remove_prefix(1);
        const auto slash = std::min(pattern.find('/'), pattern.size());
        const auto part = pattern.substr(0, slash);
        if (part.starts_with('{') && found < ids.size()) {
            ids[found++] = segment;
        } else if (part != segment) {
            return false;
        }
        pattern.remove_prefix(slash);
    }
    return pattern.empty();
}

}  // namespace tenantry::http
