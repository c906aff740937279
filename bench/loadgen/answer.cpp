#include "answer.hpp"

#include <algorithm>
#include <charconv>

namespace tenantry::bench {
namespace {

constexpr std::size_t body_bytes_max = 64U << 20;
constexpr std::string_view line_end = "\r\n";

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view a, std::string_view b) noexcept {
    return std::ranges::equal(a, b, {}, lower, lower);
}

template <class Number>
bool parse_whole(std::string_view text, Number& value, int base = 10) noexcept {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
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

void AnswerFramer::reset() noexcept {
    has_length_ = false;
    chunked_ = false;
    total_.reset();
    head_size_ = 0;
    body_size_ = 0;
}

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
    if (chunked_) {
        return join_chunks(bytes.substr(head_size_));
    }
    const std::size_t size = head_size_ + body_size_;
    if (bytes.size() > size) {
        return std::unexpected{std::to_string(bytes.size() - size) + " bytes behind the answer"};
    }
    if (bytes.size() < size) {
        return std::nullopt;
    }
    return Answer{.status = status_, .body = bytes.substr(head_size_), .total = total_};
}

// From the first chunk again at each arrival: servers that send chunks send few of them.
std::expected<std::optional<Answer>, std::string> AnswerFramer::join_chunks(
    std::string_view bytes) {
    joined_.clear();
    while (true) {
        const auto line = bytes.find(line_end);
        if (line == std::string_view::npos) {
            return std::nullopt;
        }
        std::size_t size = 0;
        if (!parse_whole(bytes.substr(0, line), size, 16) || size > body_bytes_max) {
            return std::unexpected{"a bad size of a chunk"};
        }
        bytes.remove_prefix(line + line_end.size());
        if (bytes.size() < size + line_end.size()) {
            return std::nullopt;
        }
        if (bytes.substr(size, line_end.size()) != line_end) {
            return std::unexpected{"a chunk that is longer than it says"};
        }
        joined_.append(bytes.substr(0, size));
        bytes.remove_prefix(size + line_end.size());
        if (size == 0) {
            break;
        }
    }
    if (!bytes.empty()) {
        return std::unexpected{std::to_string(bytes.size()) + " bytes behind the answer"};
    }
    return Answer{.status = status_, .body = joined_, .total = total_};
}

std::expected<bool, std::string> AnswerFramer::read_head(std::string_view bytes) {
    constexpr std::string_view version = "HTTP/1.1 ";
    const auto end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos) {
        return false;
    }
    if (!bytes.starts_with(version) || !parse_whole(bytes.substr(version.size(), 3), status_)) {
        return std::unexpected{"no HTTP/1.1 status line"};
    }
    auto head = bytes.substr(0, end + line_end.size());
    for (head.remove_prefix(head.find(line_end) + line_end.size()); !head.empty();) {
        const auto line = head.substr(0, head.find(line_end));
        head.remove_prefix(line.size() + line_end.size());
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) {
            return std::unexpected{"a header line without a colon"};
        }
        const auto read = read_header(line.substr(0, colon), trim(line.substr(colon + 1)));
        if (!read) {
            return std::unexpected{read.error()};
        }
    }
    if (has_length_ == chunked_) {
        return std::unexpected{chunked_ ? "a Content-Length and chunks" : "no Content-Length"};
    }
    head_size_ = end + 4;
    return true;
}

std::expected<void, std::string> AnswerFramer::read_header(std::string_view name,
                                                           std::string_view value) {
    if (same_name(name, "content-length")) {
        if (has_length_ || !parse_whole(value, body_size_) || body_size_ > body_bytes_max) {
            return std::unexpected{"a bad Content-Length"};
        }
        has_length_ = true;
    } else if (same_name(name, "transfer-encoding")) {
        if (!chunks_allowed_ || !same_name(value, "chunked")) {
            return std::unexpected{"a Transfer-Encoding instead of a Content-Length"};
        }
        chunked_ = true;
    } else if (same_name(name, "content-range")) {
        std::int64_t total = 0;
        if (parse_whole(value.substr(value.find('/') + 1), total)) {
            total_ = total;
        }
    } else if (same_name(name, "connection") && same_name(value, "close")) {
        return std::unexpected{"the server closes the connection, status " +
                               std::to_string(status_)};
    }
    return {};
}

}  // namespace tenantry::bench
