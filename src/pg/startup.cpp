#include "startup.hpp"

#include <algorithm>

namespace tenantry::pg {

// Settings of the session are made later: poolers refuse them here.
StartupParameters::StartupParameters(const Startup& startup)
    : url_{startup.url.secret_text()}, application_name_{startup.application_name} {
    // What comes later holds.
    const auto add = [&](const char* keyword, const std::string& value) {
        keywords_.push_back(keyword);
        values_.push_back(value.c_str());
    };
    static const std::string utf8 = "UTF8";
    add("fallback_application_name", application_name_);
    add("dbname", url_);
    add("client_encoding", utf8);
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
