#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace tenantry::bench {

/// One whole HTTP/1.1 answer; views into the buffer that it was parsed from, or into the framer.
struct Answer {
    int status = 0;
    std::string_view body;
    std::optional<std::int64_t> total{};  // of "Content-Range: 0-19/1000"
};

/// Frames one answer at a time by its Content-Length, the only framing that is accepted unless
/// chunks are allowed. Remembers the head between calls, so a long body costs one comparison per
/// arrival.
class AnswerFramer {
public:
    explicit AnswerFramer(bool chunks_allowed = false) : chunks_allowed_{chunks_allowed} {}

    /// `bytes`: all that arrived since the request was sent. Returns the answer once it is whole,
    /// nullopt while more must come. It stands until the next call.
    /// Errors: (in words) not HTTP/1.1, no or bad Content-Length, another transfer encoding, the
    ///         server is about to close, bytes behind the answer.
    std::expected<std::optional<Answer>, std::string> feed(std::string_view bytes);

    /// Forgets the answer; call before each request.
    void reset() noexcept;

private:
    std::expected<bool, std::string> read_head(std::string_view bytes);
    std::expected<void, std::string> read_header(std::string_view name, std::string_view value);
    std::expected<std::optional<Answer>, std::string> join_chunks(std::string_view bytes);

    bool chunks_allowed_;
    bool has_length_ = false;
    bool chunked_ = false;
    std::optional<std::int64_t> total_{};
    std::string joined_{};  // the body of an answer in chunks
    int status_ = 0;
    std::size_t head_size_ = 0;  // 0: the head isn't whole yet
    std::size_t body_size_ = 0;
};

}  // namespace tenantry::bench
