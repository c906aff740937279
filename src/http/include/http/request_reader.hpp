#pragma once
/// Requests out of a stream of bytes: HTTP/1.1 and 1.0 (RFC 9112), no I/O.
///
/// Boost.Beast's parser reads the grammar. What is refused beyond that, since two readers could
/// take it differently or nobody sends it honestly: obsolete line folding; any Content-Length that
/// is not one plain number; any Transfer-Encoding but one `chunked`, and it in HTTP/1.0; a missing
/// or repeated Host in HTTP/1.1; repeated Authorization, x-tenant-id, Content-Type, If-Match or
/// Idempotency-Key. Header fields
/// after a chunked body are read and dropped.
///
/// Threads: one at a time.

#include "base/error.hpp"
#include "http/limits.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

#include <cstddef>
#include <memory>
#include <string_view>

namespace tenantry::http {

class RequestReader {
public:
    enum class State {
        need_more,  // nothing else can be said yet
        head,       // once for each request whose body has yet to come
        complete,   // `request` is whole; `restart` before more is fed
        refused,    // `refusal` says why; the stream can't be understood any further
    };
    struct Step {
        State state;
        std::size_t used;  // bytes at the front of the input that are done with
    };
    struct Refusal {
        Status status = Status::bad_request;
        Error error;
    };

    /// Whether the body may have limits.import_bytes_max, told from the request line.
    using TakesFile = bool (*)(Method method, std::string_view target);

    /// `limits` must outlive the reader.
    explicit RequestReader(const Limits& limits, TakesFile chooser = nullptr);
    explicit RequestReader(Limits&&, TakesFile = nullptr) = delete;
    ~RequestReader();
    RequestReader(const RequestReader&) = delete;
    RequestReader& operator=(const RequestReader&) = delete;

    /// Reads on. `input` begins with the bytes that the step before didn't use, at the most
    /// `limits.header_bytes_max` of them.
    Step feed(std::string_view input);
    void restart();

    /// Whether some of a request has been seen.
    bool started() const noexcept;

    Request& request() noexcept;
    const Refusal& refusal() const noexcept;

    // From `head` on, when `request().spool` may be set, and the body goes there:
    bool takes_file() const noexcept;
    bool expects_continue() const noexcept;
    bool keep_alive() const noexcept;
    bool is_http_1_0() const noexcept;

private:
    class Parser;
    std::unique_ptr<Parser> parser_;
};

}  // namespace tenantry::http
