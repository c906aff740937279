#include "postgres/session.hpp"

#include <fmt/format.h>

namespace tenantry::engine::postgres {
namespace {

/// What every session of ours has. The path is fixed, since a schema in front of pg_catalog could
/// bring operators of its own; plans are generic, since LIMIT $n is otherwise planned anew each
/// time.
std::vector<std::pair<std::string, std::string>> common_settings() {
    return {{"search_path", "pg_catalog"}, {"plan_cache_mode", "force_generic_plan"},
            {"TimeZone", "UTC"},           {"jit", "off"},
            {"row_security", "on"},        {"client_min_messages", "error"},
            {"bytea_output", "hex"},       {"standard_conforming_strings", "on"}};
}

pg::Startup startup(const pg::Url& url,
                    std::initializer_list<std::pair<std::string, std::string>> more) {
    pg::Startup out{.url = url, .settings = common_settings()};
    out.settings.insert(out.settings.end(), more.begin(), more.end());
    return out;
}

}  // namespace

pg::Startup control_startup(const pg::Url& url) {
    return startup(url, {{"statement_timeout", "60s"}});
}

pg::Startup read_startup(const pg::Url& url) {
    return startup(url, {{"default_transaction_isolation", "repeatable read"},
                         {"default_transaction_read_only", "on"}});
}

// Acknowledged is durable, whatever the database's default.
pg::Startup write_startup(const pg::Url& url) {
    return startup(url, {{"synchronous_commit", "on"}});
}

Error unusable(const pg::Url& url, std::string_view why) {
    return fail(Errc::storage_unusable, fmt::format("{}: {}", url.shown(), why), "database");
}

}  // namespace tenantry::engine::postgres
