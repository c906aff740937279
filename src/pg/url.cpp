#include "pg/url.hpp"

#include "base/percent_encoding.hpp"
#include "base/text.hpp"
#include "libpq.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

namespace tenantry::pg {
namespace {

bool is_postgres_url(std::string_view text) {
    return text.starts_with("postgres://") || text.starts_with("postgresql://");
}

/// An address of IPv6 stands in brackets, with its colons.
std::string host_in_place(std::string_view host) {
    if (host.find(':') == std::string_view::npos) return percent_encoded(host);
    return '[' + percent_encoded(host, ":") + ']';
}

/// A port, or several, one for each host.
bool are_ports(std::string_view text) { return text.find_first_not_of("0123456789,") == text.npos; }

/// Options of other clients and of newer libpqs, which connection strings are often copied with.
/// No other name is ever repeated: what looks like one may be a piece of a password.
constexpr std::array<std::string_view, 17> foreign_options{"sslnegotiation",
                                                           "sslcertmode",
                                                           "require_auth",
                                                           "load_balance_hosts",
                                                           "pgbouncer",
                                                           "connection_limit",
                                                           "pool_timeout",
                                                           "pool_mode",
                                                           "schema",
                                                           "uselibpqcompat",
                                                           "statement_cache_size",
                                                           "prepareThreshold",
                                                           "sslfactory",
                                                           "currentSchema",
                                                           "min_protocol_version",
                                                           "max_protocol_version",
                                                           "enable_channel_binding"};

/// The foreign option in `text`, empty if there is none.
std::string_view foreign_option(std::string_view text) {
    text.remove_prefix(std::min(text.rfind('?'), text.size()));
    for (const auto name : foreign_options) {
        for (const char before : {'?', '&'}) {
            if (text.find(fmt::format("{}{}=", before, name)) != std::string_view::npos)
                return name;
        }
    }
    return {};
}

constexpr std::array<std::string_view, 5> own_places{"user", "password", "host", "port", "dbname"};

/// A URL of these options: the well-known ones in their places, the rest behind `?`.
std::string compose(const std::vector<std::pair<std::string, std::string>>& options) {
    const auto value = [&](std::string_view keyword) -> std::string {
        const auto found =
            std::ranges::find(options, keyword, &std::pair<std::string, std::string>::first);
        return found == options.end() ? std::string{} : found->second;
    };
    std::string url = "postgres://";
    const auto user = value("user");
    const auto password = value("password");
    if (!user.empty() || !password.empty()) {
        url += percent_encoded(user);
        if (!password.empty()) url += ':' + percent_encoded(password);
        url += '@';
    }
    const auto host = value("host");
    const auto port = value("port");
    // A socket's folder and lists of hosts have no place in front of the path.
    const bool plain_host =
        host.find_first_of("/,") == std::string::npos && port.find(',') == std::string::npos;
    if (plain_host) {
        url += host_in_place(host);
        if (!port.empty()) url += ':' + port;
    }
    url += '/' + percent_encoded(value("dbname"));
    char separator = '?';
    const auto add = [&](std::string_view keyword, std::string_view text) {
        url += fmt::format("{}{}={}", separator, keyword, percent_encoded(text));
        separator = '&';
    };
    if (!plain_host) {
        if (!host.empty()) add("host", host);
        if (!port.empty()) add("port", port);
    }
    for (const auto& [keyword, text] : options) {
        if (std::ranges::find(own_places, keyword) == own_places.end()) add(keyword, text);
    }
    return url;
}

}  // namespace

Result<Url> Url::parse(std::string_view text) {
    if (!is_postgres_url(text) || text.find('\0') != std::string_view::npos) {
        return fail(Errc::bad_value,
                    "a PostgreSQL database is given as postgres://user@host:5432/database");
    }
    struct Free {
        void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
    };
    char* why = nullptr;
    const std::string copy{text};
    const std::unique_ptr<PQconninfoOption, Free> parsed{PQconninfoParse(copy.c_str(), &why)};
    if (why != nullptr) PQfreemem(why);  // it would quote the URL
    if (!parsed) {
        if (const auto option = foreign_option(text); !option.empty()) {
            return fail(Errc::bad_value,
                        fmt::format("the PostgreSQL URL has the option {}, which this program's "
                                    "libpq {} doesn't know; leave it out",
                                    option, PQlibVersion() / 10'000));
        }
        return fail(Errc::bad_value,
                    "the PostgreSQL URL can't be read; it has the form "
                    "postgres://user:password@host:5432/database?sslmode=verify-full, with other "
                    "characters than letters and digits percent-encoded");
    }
    Options options;
    const auto unfit = [](std::string_view what) {
        return fail(Errc::bad_value, fmt::format("the PostgreSQL URL's {}", what));
    };
    for (const auto* option = parsed.get(); option->keyword != nullptr; ++option) {
        if (option->val == nullptr || *option->val == '\0') continue;
        const std::string_view keyword = option->keyword;
        if (!is_clean_utf8(option->val)) return unfit(fmt::format("{} is not UTF-8 text", keyword));
        if (keyword == "port" && !are_ports(option->val)) return unfit("port is not a number");
        options.emplace_back(keyword, option->val);
    }
    Url url{compose(options), std::move(options)};
    // As libpq has it from release 16 on.
    const auto mode = url.option("sslmode");
    if (url.option("sslrootcert") == "system" && !mode.empty() && mode != "verify-full")
        return unfit("sslrootcert=system goes with sslmode=verify-full alone");
    return url;
}

std::string Url::shown() const {
    auto options = options_;
    std::erase_if(options, [](const auto& option) {
        return option.first == "password" || option.first == "sslpassword";
    });
    return compose(options);
}

std::string Url::option(std::string_view keyword) const {
    const auto found = std::ranges::find(options_, keyword, &Options::value_type::first);
    return found == options_.end() ? std::string{} : found->second;
}

Url Url::with_login(std::string_view user, std::string_view password) const {
    auto options = options_;
    std::erase_if(options, [](const auto& option) {
        return option.first == "user" || option.first == "password";
    });
    options.emplace_back("user", user);
    if (!password.empty()) options.emplace_back("password", password);
    return Url{compose(options), std::move(options)};
}

}  // namespace tenantry::pg
