#include "realtime_message.hpp"

#include <charconv>
#include <cstring>

namespace tenantry::bench {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::string_view tag_begin = "\"change-";

std::size_t find(std::string_view text, std::string_view needle) noexcept {
    const void* hit = memmem(text.data(), text.size(), needle.data(), needle.size());
    return hit == nullptr ? npos
                          : static_cast<std::size_t>(static_cast<const char*>(hit) - text.data());
}

// Takes a string without escapes, or null, and the comma behind it; false if there is none.
bool skip_element(std::string_view& text, std::string_view& content) noexcept {
    constexpr std::string_view null = "null,";
    if (text.starts_with(null)) {
        content = {};
        text.remove_prefix(null.size());
        return true;
    }
    const auto end = text.starts_with('"') ? text.find('"', 1) : npos;
    if (end == npos || !text.substr(end + 1).starts_with(',')) {
        return false;
    }
    content = text.substr(1, end - 1);
    text.remove_prefix(end + 2);
    return true;
}

// Takes a whole number and the character behind it.
template <class Number>
bool take_number(std::string_view& text, Number& value, char behind) noexcept {
    const auto* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    if (read.ec != std::errc{} || read.ptr == end || *read.ptr != behind) {
        return false;
    }
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()) + 1);
    return true;
}

}  // namespace

std::string_view event_of(std::string_view message) noexcept {
    if (!message.starts_with('[')) {
        return {};
    }
    message.remove_prefix(1);
    std::string_view content;
    for (int i = 0; i < 4; ++i) {
        if (!skip_element(message, content)) {
            return {};
        }
    }
    return content;
}

bool is_ok(std::string_view message) noexcept { return find(message, R"("status":"ok")") != npos; }

std::string text_of(const Tag& tag) {
    return "change-" + std::to_string(tag.run) + "-" + std::to_string(tag.tenant) + "-" +
           std::to_string(tag.number);
}

std::optional<Tag> tag_of(std::string_view message) noexcept {
    constexpr std::string_view row = R"("record":)";  // not within "old_record", for its quote
    auto at = find(message, row);
    if (at == npos) {
        return std::nullopt;
    }
    message.remove_prefix(at);
    // The old row may stand behind the new one.
    message = message.substr(0, find(message, R"("old_record":)"));
    at = find(message, tag_begin);
    if (at == npos) {
        return std::nullopt;
    }
    message.remove_prefix(at + tag_begin.size());
    Tag tag{};
    if (!take_number(message, tag.run, '-') || !take_number(message, tag.tenant, '-') ||
        !take_number(message, tag.number, '"')) {
        return std::nullopt;
    }
    return tag;
}

bool has_foreign_row(std::string_view message, std::string_view tenant) noexcept {
    constexpr std::string_view marker = "tenant=";
    for (auto at = find(message, marker); at != npos; at = find(message, marker)) {
        message.remove_prefix(at + marker.size());
        if (!message.starts_with(tenant) || !message.substr(tenant.size()).starts_with('"')) {
            return true;
        }
    }
    return false;
}

std::string upgrade_request(std::string_view token) {
    return std::string{"GET /realtime/v1/websocket?vsn=2.0.0&apikey="}.append(token).append(
        " HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
}

std::string join_message() {
    return R"(["1","1","realtime:leads","phx_join",{"config":{"broadcast":{"ack":false,"self":false},)"
           R"("presence":{"key":"","enabled":false},"postgres_changes":[{"event":"*",)"
           R"("schema":"public","table":"leads"}],"private":false}}])";
}

std::string heartbeat_message() { return R"([null,"2","phoenix","heartbeat",{}])"; }

}  // namespace tenantry::bench
