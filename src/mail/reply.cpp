#include "reply.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace tenantry::mail {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// 0 if there is none.
int code_of_line(std::string_view line) {
    if (line.size() < 3 || !std::ranges::all_of(line.substr(0, 3), is_digit)) return 0;
    return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

}  // namespace

void Reply::add_line(std::string_view line) noexcept {
    line = trim(line);
    const int code = code_of_line(line);
    if (code == 0) return;
    line.remove_prefix(3);
    if (complete_) text_.clear();
    code_ = code;
    complete_ = !line.starts_with('-');
    if (!line.empty()) line.remove_prefix(1);
    const auto room = text_bytes_max - text_.size();
    if (!text_.empty() && room > 0) text_ += ' ';
    text_ += line.substr(0, text_bytes_max - text_.size());
}

}  // namespace tenantry::mail
