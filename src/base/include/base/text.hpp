#pragma once
/// Small text tools over UTF-8. Threads: pure functions.

#include <string>
#include <string_view>

namespace tenantry {

/// Whether `text` is well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates) without NUL.
bool is_clean_utf8(std::string_view text) noexcept;

/// `text` without ASCII white space at either end.
std::string_view trim(std::string_view text) noexcept;

/// ASCII letters in lower case; other bytes as they are.
std::string to_lower_ascii(std::string_view text);

/// Letters of every script in lower case, code point by code point; bytes that are no UTF-8 as they
/// are.
std::string to_lower(std::string_view text);

/// Whether the two are equal but for the case of ASCII letters.
bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept;

/// Appends `text` as a JSON string, quotes included. `text` must be well-formed UTF-8.
void append_json_string(std::string& out, std::string_view text);

/// `text` with control characters, which could rewrite a terminal, replaced by `?`; and every byte
/// that is not ASCII where it isn't UTF-8.
std::string printable(std::string_view text);

/// Base64url without padding (RFC 4648 §5).
std::string encode_base64url(std::string_view bytes);
/// Strict: no padding, no white space, no stray bits. Returns false if `text` is not of that form.
bool decode_base64url(std::string_view text, std::string& bytes);

/// Whether `text` has the shape of an e-mail address: one `@`, a local part of 1 to 64 bytes of
/// the RFC 5322 dot-atom or any non-ASCII, and a domain of two or more labels; 254 bytes at most.
bool is_email(std::string_view text) noexcept;

}  // namespace tenantry
