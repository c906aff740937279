#include "postgres/session.hpp"

#include <fmt/format.h>

namespace tenantry::engine::postgres {
namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

/// What every session of ours has. The path is fixed, since a schema in front of pg_catalog could
/// bring operators of its own; plans are generic, since LIMIT $n is otherwise planned anew each
/// time.
Settings common_settings() {
    return {{"search_path", "pg_catalog"}, {"plan_cache_mode", "force_generic_plan"},
            {"TimeZone", "UTC"},           {"jit", "off"},
            {"row_security", "on"},        {"client_min_messages", "error"},
            {"bytea_output", "hex"},       {"standard_conforming_strings", "on"}};
}

/// The same for one transaction of a session that is lent. Names and values are words of ours.
std::string local_settings_sql(const Settings& settings) {
    std::string sql;
    for (const auto& [name, value] : settings) {
        sql += fmt::format("{}pg_catalog.set_config('{}', '{}', true)",
                           sql.empty() ? "SELECT " : ", ", name, value);
    }
    return sql;
}

pg::Startup startup(const pg::Url& url, const Settings& more) {
    pg::Startup out{.url = url, .settings = common_settings()};
    out.settings.insert(out.settings.end(), more.begin(), more.end());
    return out;
}

/// Of a session that is lent, and may have any defaults. What a transaction is has to be said
/// before its first query, which the settings are.
std::vector<std::string> transaction_begin(std::string_view isolation, std::string_view read_only,
                                           const Settings& settings) {
    return {fmt::format("SET LOCAL transaction_isolation = '{}'", isolation),
            fmt::format("SET LOCAL transaction_read_only = {}", read_only),
            local_settings_sql(settings)};
}

}  // namespace

pg::Startup control_startup(const pg::Url& url, std::chrono::milliseconds patience) {
    auto out = startup(url, {{"statement_timeout", "60s"}});
    out.patience = patience;
    return out;
}

pg::Startup read_startup(const pg::Url& url) {
    auto out = startup(url, {{"default_transaction_isolation", "repeatable read"},
                             {"default_transaction_read_only", "on"}});
    out.transaction_begin = transaction_begin("repeatable read", "on", common_settings());
    return out;
}

// Acknowledged is durable, whatever the database's default.
pg::Startup write_startup(const pg::Url& url) {
    auto out = startup(url, {{"synchronous_commit", "on"}});
    out.transaction_begin = transaction_begin("read committed", "off", out.settings);
    return out;
}

Error unusable(const pg::Url& url, std::string_view why) {
    return fail(Errc::storage_unusable, fmt::format("{}: {}", url.shown(), why), "database");
}

}  // namespace tenantry::engine::postgres
