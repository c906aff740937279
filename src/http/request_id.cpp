#include "request_id.hpp"

#include "base/random.hpp"

#include <algorithm>
#include <cstring>

namespace tenantry::http {
namespace {

constexpr std::size_t bytes_max = 64;

bool is_proper(std::string_view text) {
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '-';
    };
    return !text.empty() && text.size() <= bytes_max && std::ranges::all_of(text, plain);
}

}  // namespace

std::string request_id_of(std::string_view sent) {
    if (is_proper(sent)) return std::string{sent};
    constexpr std::string_view digits = "abcdefghijklmnopqrstuvwxyz234567";
    std::uint64_t bits = 0;
    const auto uuid = new_uuid();
    std::memcpy(&bits, uuid.data + 8, sizeof bits);
    std::string id(12, '\0');  // 60 of the 62 random bits; short enough to need no allocation
    for (auto& c : id) {
        c = digits[bits & 31];
        bits >>= 5;
    }
    return id;
}

}  // namespace tenantry::http
