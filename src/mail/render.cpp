#include "render.hpp"

#include "base/text.hpp"
#include "base64.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

namespace tenantry::mail {
namespace {

constexpr std::string_view line_end = "\r\n";
/// What goes into a header as it is; with the header's name it stays within 78 bytes.
constexpr std::size_t plain_bytes_max = 60;
constexpr std::size_t quoted_string_max = plain_bytes_max + 2;
/// Of an encoded word: 52 digits of base64 and 12 bytes around them, so that a line with the
/// header's name has no more than 76 (RFC 2047 §2).
constexpr std::size_t word_bytes_max = 39;
/// Of a quoted-printable line, the `=` at its end included.
constexpr std::size_t quoted_line_max = 76;

bool is_plain(std::string_view text) {
    const bool ascii = std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
    // What looks like an encoded word would be taken for one.
    return ascii && text.size() <= plain_bytes_max && text == trim(text) &&
           text.find("=?") == std::string_view::npos;
}

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// Encoded words hold whole characters (RFC 2047 §5).
std::string encoded_words(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        auto length = std::min(word_bytes_max, text.size());
        while (length < text.size() && continues_character(text[length])) --length;
        if (!out.empty()) out += "\r\n ";
        out += fmt::format("=?UTF-8?B?{}?=", base64(text.substr(0, length)));
        text.remove_prefix(length);
    }
    return out;
}

std::string unstructured(std::string_view text) {
    return is_plain(text) ? std::string{text} : encoded_words(text);
}

std::string quoted_string(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

std::string mailbox(std::string_view name, const Address& address) {
    if (name.empty()) return address.text();
    auto words = is_plain(name) ? quoted_string(name) : encoded_words(name);
    // Quotes in it take two bytes.
    if (words.size() > quoted_string_max && words.front() == '"') words = encoded_words(name);
    return fmt::format("{}\r\n <{}>", words, address.text());
}

void append_quoted_line(std::string& out, std::string_view line) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        const bool last = i + 1 == line.size();
        const bool blank = c == ' ' || c == '\t';
        const bool literal = (c > ' ' && c <= '~' && c != '=') || (blank && !last);
        const std::size_t size = literal ? 1 : 3;
        if (length + size > quoted_line_max - 1) {
            out += "=\r\n";
            length = 0;
        }
        if (literal) {
            out += c;
        } else {
            fmt::format_to(std::back_inserter(out), "={:02X}", static_cast<unsigned char>(c));
        }
        length += size;
    }
    out += line_end;
}

std::string quoted_printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto end = text.find('\n');
        auto line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (end != std::string_view::npos && line.ends_with('\r')) line.remove_suffix(1);
        append_quoted_line(out, line);
    }
    return out;
}

Error refusal(std::string why, std::string field) {
    return fail(Errc::bad_value, std::move(why), std::move(field));
}

}  // namespace

bool is_header_text(std::string_view text) noexcept {
    return is_clean_utf8(text) && std::ranges::all_of(text, [](char c) {
               const auto byte = static_cast<unsigned char>(c);
               return byte >= 0x20 && byte != 0x7F;
           });
}

Result<void> check(const Message& message) {
    if (!is_header_text(message.from_name) || message.from_name.size() > Message::name_bytes_max) {
        return refusal("a sender's name must be one line of at most 128 bytes of UTF-8",
                       "from_name");
    }
    if (!is_header_text(message.subject) || message.subject.size() > Message::subject_bytes_max)
        return refusal("a subject must be one line of at most 500 bytes of UTF-8", "subject");
    if (!is_clean_utf8(message.text) || message.text.size() > Message::text_bytes_max)
        return refusal("a text must be at most 1 MiB of UTF-8 without NUL", "text");
    return {};
}

std::string render(const Message& message, const Options& options, Timestamp now, const Uuid& id) {
    const auto& from = message.from ? *message.from : options.from;
    const auto& name = message.from ? message.from_name : options.from_name;
    std::string id_text;
    append_uuid(id_text, id);
    std::string out;
    const auto header = [&out](std::string_view header_name, std::string_view value) {
        fmt::format_to(std::back_inserter(out), "{}: {}\r\n", header_name, value);
    };
    header("Date", fmt::format("{:%a, %d %b %Y %H:%M:%S} +0000",
                               std::chrono::floor<std::chrono::seconds>(now)));
    header("From", mailbox(name, from));
    header("To", message.to.text());
    header("Subject", unstructured(message.subject));
    header("Message-ID", fmt::format("<{}@{}>", id_text, from.domain()));
    // RFC 3834 §5: nobody's absence is to be answered with.
    header("Auto-Submitted", "auto-generated");
    header("MIME-Version", "1.0");
    header("Content-Type", "text/plain; charset=utf-8");
    header("Content-Transfer-Encoding", "quoted-printable");
    out += line_end;
    out += quoted_printable(message.text);
    return out;
}

}  // namespace tenantry::mail
