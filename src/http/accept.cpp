#include "accept.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace tenantry::http {
namespace {

constexpr int whole_weight = 1000;  // weights are kept in thousandths

/// Takes what stands before the first `separator` outside of quotes off the front of `text`.
std::string_view take_until(std::string_view& text, char separator) {
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && quoted) {
            ++i;
        } else if (text[i] == '"') {
            quoted = !quoted;
        } else if (text[i] == separator && !quoted) {
            const auto part = text.substr(0, i);
            text.remove_prefix(i + 1);
            return trim(part);
        }
    }
    return trim(std::exchange(text, {}));
}

/// `0`, `1`, `0.5`, `1.000`: RFC 9110 §12.4.2.
std::optional<int> parse_weight(std::string_view text) {
    if (text.empty() || (text[0] != '0' && text[0] != '1')) return std::nullopt;
    int weight = text[0] == '1' ? whole_weight : 0;
    text.remove_prefix(1);
    if (text.empty()) return weight;
    if (text[0] != '.' || text.size() > 4) return std::nullopt;
    text.remove_prefix(1);
    int unit = 100;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        weight += (c - '0') * unit;
        unit /= 10;
    }
    if (weight > whole_weight) return std::nullopt;
    return weight;
}

struct MediaRange {
    std::string_view type;
    std::optional<int> weight;  // nullopt: malformed
};

MediaRange parse_range(std::string_view element) {
    MediaRange range{take_until(element, ';'), whole_weight};
    while (!element.empty()) {
        auto parameter = take_until(element, ';');
        const auto name = take_until(parameter, '=');
        if (equals_ignoring_case(name, "q")) range.weight = parse_weight(trim(parameter));
    }
    return range;
}

}  // namespace

bool prefers_problem_details(std::string_view accept) noexcept {
    int details = 0;
    int plain = 0;
    while (!accept.empty()) {
        const auto range = parse_range(take_until(accept, ','));
        if (!range.weight) continue;
        if (equals_ignoring_case(range.type, "application/problem+json")) {
            details = std::max(details, *range.weight);
        } else if (equals_ignoring_case(range.type, "application/json")) {
            plain = std::max(plain, *range.weight);
        }
    }
    return details > 0 && details >= plain;
}

}  // namespace tenantry::http
