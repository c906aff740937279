#include "answer.hpp"

#include <algorithm>
#include <charconv>

namespace tenantry::bench {
namespace {

constexpr std::size_t body_bytes_max = 64U << 20;

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view a, std::string_view b) noexcept {
    return std::ranges::equal(a, b, {}, lower, lower);
}

template <class Number>
bool parse_whole(std::string_view text, Number& value) noexcept {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size();
}

std::string_view trim(std::string_view text) noexcept {
    while (text.starts_with(' ')) {
        text.remove_prefix(1);
    }
    while (text.ends_with(' ')) {
        text.remove_suffix(1);
    }
    return text;
}

}  // namespace

void AnswerFramer::reset() noexcept { *this = AnswerFramer{}; }

std::expected<std::optional<Answer>, std::string> AnswerFramer::feed(std::string_view bytes) {
    if (head_size_ == 0) {
        const auto whole = read_head(bytes);
        if (!whole) {
            return std::unexpected{whole.error()};
        }
        if (!*whole) {
            return std::nullopt;
        }
    }
    const std::size_t size = head_size_ + body_size_;
    if (bytes.size() > size) {
        return std::unexpected{std::to_string(bytes.size() - size) + " bytes behind the answer"};
    }
    if (bytes.size() < size) {
        return std::nullopt;
    }
    return Answer{.status = status_, .body = bytes.substr(head_size_)};
}

std::expected<bool, std::string> AnswerFramer::read_head(std::string_view bytes) {
    constexpr std::string_view version = "HTTP/1.1 ";
    constexpr std::string_view line_end = "\r\n";
    const auto end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos) {
        return false;
    }
    if (!bytes.starts_with(version) || !parse_whole(bytes.substr(version.size(), 3), status_)) {
        return std::unexpected{"no HTTP/1.1 status line"};
    }
    auto head = bytes.substr(0, end + line_end.size());
    bool has_length = false;
    for (head.remove_prefix(head.find(line_end) + line_end.size()); !head.empty();) {
        const auto line = head.substr(0, head.find(line_end));
        head.remove_prefix(line.size() + line_end.size());
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) {
            return std::unexpected{"a header line without a colon"};
        }
        const auto name = line.substr(0, colon);
        const auto value = trim(line.substr(colon + 1));
        if (same_name(name, "content-length")) {
            if (has_length || !parse_whole(value, body_size_) || body_size_ > body_bytes_max) {
                return std::unexpected{"a bad Content-Length"};
            }
            has_length = true;
        } else if (same_name(name, "transfer-encoding")) {
            return std::unexpected{"a Transfer-Encoding instead of a Content-Length"};
        } else if (same_name(name, "connection") && same_name(value, "close")) {
            return std::unexpected{"the server closes the connection, status " +
                                   std::to_string(status_)};
        }
    }
    if (!has_length) {
        return std::unexpected{"no Content-Length"};
    }
    head_size_ = end + 4;
    return true;
}

}  // namespace tenantry::bench
