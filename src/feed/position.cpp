#include "feed/position.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace tenantry::feed {
namespace {

constexpr std::size_t epoch_digits = 16;

bool is_epoch(std::string_view text) {
    return text.size() == epoch_digits && std::ranges::all_of(text, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

Error unknown() {
    return fail(Errc::bad_cursor,
                "this is no place in this tenant's feed; begin with 0, or with a cursor that an "
                "answer gave");
}

}  // namespace

Result<Position> parse_position(std::string_view text) {
    Position position;
    if (const auto dash = text.find('-'); dash != std::string_view::npos) {
        if (!is_epoch(text.substr(0, dash))) return unknown();
        position.epoch = text.substr(0, dash);
        text.remove_prefix(dash + 1);
    }
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, position.seq);
    if (error != std::errc{} || stopped != end || position.seq < 0) return unknown();
    return position;
}

std::string to_text(const Position& position) {
    if (position.epoch.empty()) return fmt::to_string(position.seq);
    return fmt::format("{}-{}", position.epoch, position.seq);
}

}  // namespace tenantry::feed
