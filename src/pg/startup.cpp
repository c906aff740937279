#include "startup.hpp"

#include <algorithm>

namespace tenantry::pg {
namespace {

/// As the server takes command-line options apart: a backslash keeps a space within one.
std::string escaped(std::string_view value) {
    std::string out;
    for (const char c : value) {
        if (c == ' ' || c == '\\') out += '\\';
        out += c;
    }
    return out;
}

}  // namespace

StartupParameters::StartupParameters(const Startup& startup)
    : options_{startup.url.option("options")},
      url_{startup.url.secret_text()},
      application_name_{startup.application_name} {
    for (const auto& [name, value] : startup.settings) {
        if (!options_.empty()) options_ += ' ';
        options_ += "-c " + name + '=' + escaped(value);
    }
    // What comes later holds.
    const auto add = [&](const char* keyword, const std::string& value) {
        keywords_.push_back(keyword);
        values_.push_back(value.c_str());
    };
    static const std::string utf8 = "UTF8";
    add("fallback_application_name", application_name_);
    add("dbname", url_);
    add("client_encoding", utf8);
    if (!options_.empty()) add("options", options_);
    keywords_.push_back(nullptr);
    values_.push_back(nullptr);
}

std::string connection_error(PGconn* connection) {
    std::string text{PQerrorMessage(connection)};
    while (text.ends_with('\n')) text.pop_back();
    std::ranges::replace(text, '\n', ' ');
    return text.empty() ? "the server can't be reached" : text;
}

}  // namespace tenantry::pg
