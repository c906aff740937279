#pragma once
/// One connection to a mail server, for one message. libcurl stays behind this.

#include "credentials.hpp"
#include "reply.hpp"
#include "server_url.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

namespace tenantry::mail {

class Transfer {
public:
    struct Terms {
        const ServerUrl& server;
        const Credentials& credentials;
        bool starttls;
        const std::optional<std::filesystem::path>& ca_file;
        std::chrono::milliseconds connect_timeout;
        std::chrono::milliseconds timeout;
        bool hurried;  // the time is a deadline's rather than the server's own
        const std::atomic<bool>& stopped;
    };

    /// What the terms refer to must outlive it.
    explicit Transfer(const Terms& terms);

    /// Sends `text`, once. Errors: as Smtp::send. Throws: std::runtime_error if libcurl can't be
    /// used at all.
    Result<void> run(const Address& from, const Address& to, std::string_view text);

private:
    using Time = std::chrono::steady_clock::time_point;

    // What libcurl calls; each gets the Transfer as its last argument, or its first.
    static std::size_t read_text(char* out, std::size_t size, std::size_t count, void* self);
    static std::size_t note_line(char* line, std::size_t size, std::size_t count, void* self);
    static int ask_whether_to_end(void* self, std::int64_t, std::int64_t, std::int64_t,
                                  std::int64_t);

    /// `failure` is libcurl's code, `why` its words.
    Error error_of(int failure, std::string_view why) const;

    Terms terms_;
    Time end_;
    std::string_view unsent_;
    Reply reply_;
    bool accepted_ = false;
};

}  // namespace tenantry::mail
