#pragma once
/// What a mail server said last (RFC 5321 §4.2): a code of three digits and text, in one line or
/// more, all but the last with a hyphen behind the code.

#include <cstddef>
#include <string>
#include <string_view>

namespace tenantry::mail {

class Reply {
public:
    static constexpr std::size_t text_bytes_max = 500;

    Reply() { text_.reserve(text_bytes_max); }

    /// The next line that came, with its end. The first line after a whole reply begins another.
    /// What is no reply's line is skipped; text beyond the maximum is cut. Doesn't allocate.
    void add_line(std::string_view line) noexcept;

    /// 0 before the first reply.
    int code() const noexcept { return code_; }
    /// Lines joined by blanks, as the server wrote them.
    const std::string& text() const noexcept { return text_; }
    bool complete() const noexcept { return complete_; }
    /// 2xx, of a whole reply.
    bool positive() const noexcept { return complete_ && code_ / 100 == 2; }
    /// 4xx and 5xx.
    bool negative() const noexcept { return code_ / 100 == 4 || code_ / 100 == 5; }
    bool for_good() const noexcept { return code_ / 100 == 5; }

private:
    int code_ = 0;
    bool complete_ = true;
    std::string text_;
};

}  // namespace tenantry::mail
