#pragma once
/// Messages as the Internet knows them: header and body (RFC 5322), the text as quoted-printable
/// (RFC 2045 §6.7), words that aren't ASCII as encoded words (RFC 2047). Threads: pure functions.

#include "base/timestamp.hpp"
#include "mail/smtp.hpp"

#include <string>
#include <string_view>

namespace tenantry::mail {

/// Whether `text` can stand in a header: one line of UTF-8 without control characters.
bool is_header_text(std::string_view text) noexcept;

/// Errors: bad_value, with the member of Message that is at fault as `field`.
Result<void> check(const Message& message);

/// The whole message, for one that `check` let pass: lines of ASCII (but for addresses that aren't,
/// RFC 6532), at most 998 bytes long (RFC 5322 §2.1.1) whatever is in it, each with CRLF at its
/// end. `id` becomes the Message-ID. A line may begin with a dot; doubling that is part of sending.
std::string render(const Message& message, const Options& options, Timestamp now, const Uuid& id);

}  // namespace tenantry::mail
