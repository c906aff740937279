// Any bytes as what a mail server says, line by line, and as what somebody wants to have sent. A
// reply that is shown can't rewrite a terminal or tell the password; a message that may be sent is
// lines of ASCII, none too long, with the header that it was meant to have.

#include "credentials.hpp"
#include "render.hpp"
#include "reply.hpp"
#include "server_url.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace tenantry;
using namespace tenantry::mail;

void require(bool holds) {
    if (!holds) std::abort();
}

/// Calls `use` with each part of `text`; the separators are in none.
template <class Use>
void for_each_line(std::string_view text, std::string_view separator, Use use) {
    while (true) {
        const auto end = text.find(separator);
        use(text.substr(0, end));
        if (end == std::string_view::npos) return;
        text.remove_prefix(end + separator.size());
    }
}

void try_reply(std::string_view text) {
    static const Credentials credentials{"ada", Password{"hunter2"}};
    Reply reply;
    for_each_line(text, "\n", [&](std::string_view line) { reply.add_line(line); });
    require(reply.code() >= 0 && reply.code() <= 999);
    require(reply.text().size() <= Reply::text_bytes_max);
    const auto shown = credentials.presentable(reply.text());
    require(is_header_text(shown));
    require(shown.find("hunter2") == std::string::npos);
}

void check_rendered(std::string_view text) {
    const auto header = text.substr(0, text.find("\r\n\r\n"));
    std::size_t fields = 0;
    for_each_line(header, "\r\n", [&](std::string_view line) { fields += line[0] != ' ' ? 1 : 0; });
    require(fields == 9);
    for_each_line(text, "\r\n", [](std::string_view line) {
        require(line.size() <= 78);
        require(
            std::ranges::all_of(line, [](char c) { return c == '\t' || (c >= ' ' && c <= '~'); }));
    });
}

void try_message(std::string_view text) {
    static const auto address = Address::parse("ada@example.com").value();
    const auto end = text.find('\n');
    const auto subject = text.substr(0, end);
    const Message message{.from = address,
                          .from_name = std::string{subject.substr(0, 40)},
                          .to = address,
                          .subject = std::string{subject},
                          .text = std::string{text.substr(subject.size())}};
    if (check(message)) check_rendered(render(message, {.from = address}, {}, {}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    try_reply(text);
    try_message(text);
    if (const auto url = parse_server_url(text))
        require(parse_server_url(url->url()).value().authority() == url->authority());
    if (const auto parsed = Address::parse(text)) require(is_header_text(parsed->text()));
    return 0;
}
