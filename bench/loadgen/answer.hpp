#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace tenantry::bench {

/// One whole HTTP/1.1 answer; views into the buffer that it was parsed from.
struct Answer {
    int status = 0;
    std::string_view body;
};

/// Frames one answer at a time by its Content-Length, the only framing that is accepted.
/// Remembers the head between calls, so a long body costs one comparison per arrival.
class AnswerFramer {
public:
    /// `bytes`: all that arrived since the request was sent. Returns the answer once it is whole,
    /// nullopt while more must come.
    /// Errors: (in words) not HTTP/1.1, no or bad Content-Length, another transfer encoding, the
    ///         server is about to close, bytes behind the answer.
    std::expected<std::optional<Answer>, std::string> feed(std::string_view bytes);

    /// Forgets the answer; call before each request.
    void reset() noexcept;

private:
    std::expected<bool, std::string> read_head(std::string_view bytes);

    int status_ = 0;
    std::size_t head_size_ = 0;  // 0: the head isn't whole yet
    std::size_t body_size_ = 0;
};

}  // namespace tenantry::bench
