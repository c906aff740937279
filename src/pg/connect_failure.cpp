#include "connect_failure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace tenantry::pg {
namespace {

/// A failure that doesn't pass by itself, by words in its text, and what to do about it.
struct Known {
    std::string_view words;
    std::string_view advice;
};

// Texts of libpq 15 to 17, of PgBouncer and of Neon's proxy. libpq's own have no code to go by.
constexpr std::array known{
    Known{"certificate verify failed",
          "its certificate was not made by an authority in sslrootcert: name the right file there, "
          "or sslrootcert=system for those that this machine trusts"},
    Known{"does not match host name",
          "write the host in the URL as its certificate has it; where that name doesn't lead to "
          "it, add hostaddr=ADDRESS"},
    Known{"root certificate file", "name the file by sslrootcert=FILE, or use sslrootcert=system"},
    Known{"host name must be specified", "write the host's name into the URL"},
    Known{"does not support SSL, but SSL was required",
          "turn TLS on there, or give the address of what speaks it"},
    Known{"channel binding required, but SSL not in use",
          "channel_binding=require needs sslmode=require or more"},
    Known{"channel binding",
          "the other end can't do what channel_binding=require asks for, as most poolers can't: "
          "leave it out and use sslmode=verify-full, or give the database's own host"},
    Known{"no password supplied", "write it into the URL, or set PGPASSWORD"},
    Known{"Name or service not known", "look for a slip in the host's name"},
    Known{"No address associated with hostname", "look for a slip in the host's name"},
    Known{" value: \"", ""},
    Known{"invalid port number", ""},
    Known{"private key file", ""},
    Known{"certificate file", ""},
    Known{"authentication method", ""},
    Known{"authentication mechanism", ""},
    Known{"unsupported startup parameter", "leave it out of the URL: this pooler doesn't take it"},
    Known{"no such database", ""},
    Known{"no such user", ""},
    Known{"SASL authentication failed", "look at the user and the password"},
    Known{"Endpoint ID is not specified", "write the host as the console shows it, with ep-"},
    Known{"endpoint has been disabled", "enable it in the console"},
    Known{"endpoint could not be found", "write the host as the console shows it"},
};

/// Not permitted, no such database, settings that the server doesn't take.
bool is_lasting(std::string_view sqlstate) {
    return sqlstate.starts_with("28") || sqlstate == "3D000" || sqlstate == "42501" ||
           sqlstate == "0A000" || sqlstate == "22023" || sqlstate == "42704";
}

bool is_code_char(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); }

/// Takes the code out of `FATAL:  28P01: …`, wherever it stands; of several the last.
std::string take_sqlstate(std::string& text) {
    constexpr std::size_t length = 5;
    constexpr std::string_view before = ":  ";
    std::string sqlstate;
    for (auto at = text.find(before); at != std::string::npos; at = text.find(before, at + 1)) {
        const auto code = at + before.size();
        if (code + length + 2 > text.size() || text.compare(code + length, 2, ": ") != 0) continue;
        const auto candidate = text.substr(code, length);
        if (!std::ranges::all_of(candidate, is_code_char)) continue;
        sqlstate = candidate;
        text.erase(at + 1, before.size() - 1 + length + 1);
    }
    return sqlstate;
}

/// On one line, without the places in the server's source.
std::string tidied(std::string_view said) {
    std::string text;
    while (!said.empty()) {
        const auto end = std::min(said.find('\n'), said.size());
        auto line = said.substr(0, end);
        said.remove_prefix(std::min(end + 1, said.size()));
        while (!line.empty() && std::isspace(static_cast<unsigned char>(line.front())) != 0)
            line.remove_prefix(1);
        if (line.empty() || line.starts_with("LOCATION:")) continue;
        if (!text.empty()) text += text.ends_with('.') ? " " : ". ";
        text += line;
    }
    return text;
}

}  // namespace

Unreachable unreachable(Failure failure) {
    const auto found = std::ranges::find_if(known, [&](const Known& each) {
        return failure.message.find(each.words) != std::string::npos;
    });
    const bool lasting = found != known.end() || is_lasting(failure.sqlstate);
    if (found != known.end() && !found->advice.empty()) {
        if (failure.message.ends_with('.')) failure.message.pop_back();
        failure.message += fmt::format("; {}", found->advice);
    }
    return Unreachable{std::move(failure), lasting};
}

Unreachable unreachable(std::string_view said) {
    Failure failure{.message = tidied(said)};
    failure.sqlstate = take_sqlstate(failure.message);
    if (failure.message.empty()) failure.message = "the server can't be reached";
    return unreachable(std::move(failure));
}

Unreachable unreachable(const PGconn* connection) {
    return unreachable(std::string_view{PQerrorMessage(connection)});
}

}  // namespace tenantry::pg
