#pragma once
/// Sends mail to one SMTP server (RFC 5321), which passes it on: plain text, to one recipient.

#include "base/error.hpp"
#include "base/timestamp.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tenantry::mail {

using Deadline = std::chrono::steady_clock::time_point;

/// A mailbox such as `name@example.com`: what `is_email` takes, so neither a display name nor
/// quotes, white space or control characters; 254 bytes at most.
class Address {
public:
    /// Errors: bad_value, with a text that doesn't repeat `text`.
    static Result<Address> parse(std::string_view text);

    const std::string& text() const noexcept { return text_; }
    /// What stands behind the `@`.
    std::string_view domain() const noexcept;

    friend bool operator==(const Address&, const Address&) = default;

private:
    explicit Address(std::string_view text) : text_{text} {}
    std::string text_;
};

/// Never printed; wiped when destroyed. Moved from, it is empty.
class Password {
public:
    Password() = default;
    explicit Password(std::string_view text) : bytes_{text} {}
    Password(Password&& other) noexcept;
    Password& operator=(Password&& other) noexcept;
    Password(const Password&) = delete;
    Password& operator=(const Password&) = delete;
    ~Password();

    std::string_view bytes() const noexcept { return bytes_; }
    const char* c_str() const noexcept { return bytes_.c_str(); }

private:
    std::string bytes_;
};

/// Whether a connection to `smtp://` must turn to TLS before anything is said. By
/// `unless_loopback`, `localhost` and loopback addresses are spoken to in plain text. `never`
/// sends the password in plain text as well.
enum class StartTls { unless_loopback, always, never };

/// How to reach the server, and in whose name.
struct Options {
    static constexpr std::size_t user_bytes_max = 255;
    static constexpr std::size_t password_bytes_max = 1024;

    std::string url;      // smtp://host[:587], or smtps://host[:465], which is TLS from the start
    std::string user{};   // empty: nobody signs in
    Password password{};  // by AUTH PLAIN or LOGIN, if the server offers either
    Address from;         // bounces go there; who messages are from that don't say
    std::string from_name{};
    StartTls starttls = StartTls::unless_loopback;
    std::chrono::milliseconds connect_timeout{10'000};  // until the server has said hello
    std::chrono::milliseconds timeout{30'000};          // for the whole of it
    // PEM; the only authorities that count then. Else those that this machine trusts.
    std::optional<std::filesystem::path> ca_file{};
};

/// One message. Names and subject are one line of UTF-8 without control characters; the text is
/// UTF-8 without NUL, its lines end in LF or CRLF.
struct Message {
    static constexpr std::size_t name_bytes_max = 128;
    static constexpr std::size_t subject_bytes_max = 500;
    static constexpr std::size_t text_bytes_max = 1024UL * 1024;

    std::optional<Address> from{};  // with `from_name`; the options', if it is not given
    std::string from_name{};
    Address to;
    std::string subject;
    std::string text;
};

/// Threads: any, at the same time; each message has a connection of its own.
class Smtp {
public:
    /// Connects to nobody yet. `clock` must outlive it: messages' dates and ids come from there.
    /// Errors: bad_configuration, with `field` one of Options'.
    static Result<Smtp> make(Options options, const Clock& clock = system_clock());

    Smtp(Smtp&&) noexcept;
    Smtp& operator=(Smtp&&) noexcept;
    ~Smtp();

    /// Blocks until the server has taken the message or refused it, or there is no more time: that
    /// of the options or `deadline`, whichever ends first, give or take a second, and but for
    /// looking up the server's name, which takes as long as this machine's resolver does.
    ///
    /// Errors: bad_value, if the message isn't as stated above;
    ///         mail_unavailable: the text says whether the server could not be reached, refused for
    ///         now (4xx) or for good (5xx), with its reply but never a secret. The reply may name
    ///         the recipient. If the connection broke at the very end, it may have been sent;
    ///         deadline_exceeded, with the same doubt; shutting_down, after `stop`.
    /// The process must ignore SIGPIPE.
    Result<void> send(const Message& message, Deadline deadline) const;

    /// Ends what is under way within a second or so, and takes no more.
    void stop() noexcept;

private:
    class Impl;
    explicit Smtp(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace tenantry::mail
