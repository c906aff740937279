#include "base/text.hpp"
#include "server/config.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace tenantry::server {
namespace {

/// The whole of `text` as a decimal number without sign; nullopt if it is none or too large.
std::optional<std::uint64_t> parse_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (text.empty() || error != std::errc{} || stop != end) return std::nullopt;
    return number;
}

struct Unit {
    std::string_view name;
    std::uint64_t size;
};

/// A number and the unit after it; without one, of the unit whose name is empty.
std::optional<std::uint64_t> parse_quantity(std::string_view text, std::span<const Unit> units) {
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = parse_number(text.substr(0, digits));
    const auto unit = std::ranges::find(units, text.substr(digits), &Unit::name);
    if (!number || unit == units.end()) return std::nullopt;
    if (*number > std::numeric_limits<std::uint64_t>::max() / unit->size) return std::nullopt;
    return *number * unit->size;
}

/// In the largest unit of which `quantity` is a multiple. `units` are in ascending order.
std::string quantity_text(std::uint64_t quantity, std::span<const Unit> units) {
    const auto* best = &units.front();
    for (const auto& unit : units) {
        if (quantity >= unit.size && quantity % unit.size == 0) best = &unit;
    }
    return fmt::format("{}{}", quantity / best->size, best->name);
}

constexpr std::array<Unit, 5> duration_units{
    {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
constexpr std::uint64_t duration_milliseconds_max = 3650 * duration_units.back().size;

constexpr std::array<Unit, 4> byte_units{
    {{"", 1}, {"KiB", 1ULL << 10}, {"MiB", 1ULL << 20}, {"GiB", 1ULL << 30}}};

Error refuse(std::string message) { return fail(Errc::bad_value, std::move(message)); }

Error bad_address() {
    return refuse(
        "an address to listen on is an IP address and a port, such as 127.0.0.1:8080, "
        "0.0.0.0:80 or [::1]:8080");
}

/// The numeric address in its shortest form; nullopt if it is none.
std::optional<std::string> parse_host(const std::string& host, int family) {
    std::array<unsigned char, sizeof(in6_addr)> address{};
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (host.find('\0') != std::string::npos) return std::nullopt;
    if (inet_pton(family, host.c_str(), address.data()) != 1) return std::nullopt;
    if (inet_ntop(family, address.data(), text.data(), text.size()) == nullptr) return std::nullopt;
    return std::string{text.data()};
}

/// As a browser writes it: compared byte for byte.
bool is_origin(std::string_view text) {
    if (text == "*") return true;
    for (const std::string_view scheme : {"https://", "http://"}) {
        if (!text.starts_with(scheme)) continue;
        const auto host = text.substr(scheme.size());
        return !host.empty() &&
               host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-:[]") ==
                   std::string_view::npos;
    }
    return false;
}

bool is_scheme(std::string_view url, std::initializer_list<std::string_view> schemes) {
    return std::ranges::any_of(schemes, [&](std::string_view scheme) {
        return url.size() > scheme.size() && url[scheme.size()] == ':' &&
               equals_ignoring_case(url.substr(0, scheme.size()), scheme);
    });
}

}  // namespace

Result<ListenAddress> ListenAddress::parse(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return bad_address();
    const auto port = parse_number(text.substr(colon + 1));
    if (!port || *port > std::numeric_limits<std::uint16_t>::max()) {
        return refuse("the port in an address to listen on is a number from 0 to 65535");
    }
    std::string host{text.substr(0, colon)};
    int family = AF_INET;
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
        family = AF_INET6;
    } else if (host == "localhost") {
        host = "127.0.0.1";
    }
    auto numeric = parse_host(host, family);
    if (!numeric) return bad_address();
    return ListenAddress{std::move(*numeric), static_cast<std::uint16_t>(*port)};
}

std::string ListenAddress::text() const {
    return is_v6() ? fmt::format("[{}]:{}", host_, port_) : fmt::format("{}:{}", host_, port_);
}

Result<DatabaseUrl> DatabaseUrl::parse(std::string_view text, const std::filesystem::path& base) {
    if (is_scheme(text, {"postgres", "postgresql"})) {
        TENANTRY_TRY(url, pg::Url::parse(text));
        return DatabaseUrl{base / "tenantry", std::move(url)};
    }
    if (is_scheme(text, {"supabase+https", "supabase+http"})) {
        return refuse(
            "a Supabase project by its REST address is not supported by this version; give its "
            "database as postgres://…, or an embedded one as sqlite:PATH");
    }
    constexpr std::string_view scheme = "sqlite:";
    if (!text.starts_with(scheme)) {
        return refuse(
            "a database is given as sqlite:PATH, such as sqlite:tenantry.db, or as "
            "postgres://user@host/database");
    }
    auto path = text.substr(scheme.size());
    const bool is_url = path.starts_with("//");  // sqlite:///var/lib/tenantry.db
    if (is_url) path.remove_prefix(2);
    const bool is_relative = !path.starts_with('/');
    while (path.starts_with("//")) path.remove_prefix(1);
    if (path.empty() || path.ends_with('/') || (is_url && is_relative)) {
        return refuse(
            "the path after sqlite: names no file; write it as sqlite:tenantry.db or "
            "sqlite:/var/lib/tenantry/tenantry.db");
    }
    // What SQLite itself would take for something else than a file's name.
    if (path.starts_with(':') || path.starts_with("file:")) {
        return refuse("a database is kept in a file; sqlite: is followed by its path alone");
    }
    if (path.find_first_of(std::string_view{"\0?", 2}) != std::string_view::npos) {
        return refuse(
            "the path of a database holds neither ? nor NUL; options are settings of "
            "their own");
    }
    return DatabaseUrl{base / path};
}

bool DatabaseUrl::has_password() const {
    return postgres_ &&
           !(postgres_->option("password").empty() && postgres_->option("sslpassword").empty());
}

std::string_view name_of(LogLevel level) noexcept {
    switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warning: return "warning";
    case LogLevel::error: return "error";
    }
    std::abort();
}

std::string_view name_of(LogFormat format) noexcept {
    switch (format) {
    case LogFormat::text: return "text";
    case LogFormat::json: return "json";
    }
    std::abort();
}

std::string_view name_of(http::MetricsAccess access) noexcept {
    switch (access) {
    case http::MetricsAccess::off: return "off";
    case http::MetricsAccess::operators: return "operators";
    case http::MetricsAccess::loopback: return "loopback";
    case http::MetricsAccess::on: return "on";
    }
    std::abort();
}

std::string_view name_of(Origin::Kind kind) noexcept {
    switch (kind) {
    case Origin::Kind::standard: return "default";
    case Origin::Kind::file: return "file";
    case Origin::Kind::environment: return "environment";
    case Origin::Kind::flag: return "flag";
    }
    std::abort();
}

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
    const auto milliseconds = parse_quantity(text, duration_units);
    if (!milliseconds) {
        return refuse(
            "a duration is a whole number and a unit, such as 500ms, 90s, 15m, 12h or 7d");
    }
    if (*milliseconds > duration_milliseconds_max) {
        return refuse("a duration is at most 3650d");
    }
    return std::chrono::milliseconds{*milliseconds};
}

std::string duration_text(std::chrono::milliseconds duration) {
    // Zero reads better with the unit in which people think.
    if (duration.count() == 0) return "0s";
    return quantity_text(static_cast<std::uint64_t>(duration.count()), duration_units);
}

Result<std::size_t> parse_bytes(std::string_view text) {
    const auto bytes = parse_quantity(text, byte_units);
    if (!bytes) {
        return refuse("a size is a whole number of bytes, or one with KiB, MiB or GiB after it");
    }
    return static_cast<std::size_t>(*bytes);
}

Result<void> check_web_url(std::string_view text) {
    const bool plain = std::ranges::all_of(text, [](char c) {
        return c > ' ' && c < 0x7F &&
               std::string_view{"\"'<>#\\"}.find(c) == std::string_view::npos;
    });
    const auto slashes = text.find("://");
    const bool has_host = slashes != std::string_view::npos && text.size() > slashes + 3;
    if (plain && has_host && is_scheme(text, {"https", "http"})) return {};
    return refuse("this is a URL that begins with https:// or http://");
}

Result<std::vector<std::string>> parse_origins(std::string_view text) {
    std::vector<std::string> origins;
    while (true) {
        const auto comma = std::min(text.find(','), text.size());
        const auto origin = trim(text.substr(0, comma));
        if (!is_origin(origin)) {
            return refuse(
                "origins are * or such as https://app.example.com, in lower case and without a "
                "path, "
                "with commas between them");
        }
        origins.emplace_back(origin);
        if (comma == text.size()) return origins;
        text.remove_prefix(comma + 1);
    }
}

Result<std::vector<std::string>> parse_functions(std::string_view text) {
    // Of PostgreSQL's names.
    constexpr std::size_t name_bytes_max = 63;
    const auto is_refused = [](char c) {
        return c == '"' || c == '\\' || c == '/' || static_cast<unsigned char>(c) <= ' ';
    };
    std::vector<std::string> names;
    while (true) {
        const auto comma = std::min(text.find(','), text.size());
        const auto name = trim(text.substr(0, comma));
        if (name.empty() || name.size() > name_bytes_max || std::ranges::any_of(name, is_refused)) {
            return refuse(
                "functions are named as in the database's schema public, with commas between");
        }
        if (std::ranges::find(names, name) != names.end())
            return refuse(fmt::format("the function {} is named twice", name));
        names.emplace_back(name);
        if (comma == text.size()) return names;
        text.remove_prefix(comma + 1);
    }
}

std::string bytes_text(std::size_t bytes) { return quantity_text(bytes, byte_units); }

}  // namespace tenantry::server
