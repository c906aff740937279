#include "cli/context.hpp"

#include "base/random.hpp"
#include "base/text.hpp"
#include "cli/actor.hpp"
#include "engine/database.hpp"
#include "engine/postgres/migrate.hpp"
#include "engine/sqlite/sqlite_engine.hpp"
#include "schema/lead_schema.hpp"
#include "services/display_name.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tenantry::cli {
namespace {

auth::TokenVerifier make_verifier() {
    return auth::TokenVerifier{auth::Secret::parse(encode_base64url(random_bytes(48))).value()};
}

engine::OpenOptions open_options(const server::Configuration& configuration) {
    return {.readers = configuration.readers.value,
            .lock_timeout = configuration.lock_timeout.value,
            .write_queue_max = configuration.write_queue_max.value};
}

void add_config_file(Command& command, SettingFlags& into) {
    command.option(
        "--config",
        {.form = "FILE", .help = "Configuration file; else ./tenantry.toml [env: TENANTRY_CONFIG]"},
        into.config_file, parse_any_text);
}

void add_setting(Command& command, SettingFlags& into, const server::SettingInfo& setting) {
    const auto name = server::flag_name(setting.name);
    if (setting.secret) {
        command.refuse(
            name, fmt::format(
                      "every user of this machine can read a secret on the command line; set {} or "
                      "name a file that holds it by {}-file",
                      server::environment_name(setting.name), name));
        return;
    }
    const auto help =
        fmt::format("{} [env: {}]", setting.help, server::environment_name(setting.name));
    // Flags are checked together with the other sources.
    command.option(
        name, {.form = setting.form, .help = help},
        [&into, own_name = std::string{setting.name}](std::string_view value) -> Result<void> {
            into.values.emplace_back(own_name, value);
            return {};
        });
}

Result<void> require_postgres(const pg::Url& url) {
    TENANTRY_TRY(version, engine::postgres::schema_version(url));
    if (version.current == version.latest) return {};
    const auto state = version.current == 0
                           ? std::string{"holds no schema of this program's"}
                           : fmt::format("has schema version {}, but this program needs {}",
                                         version.current, version.latest);
    return fail(Errc::storage_unusable,
                fmt::format("{} {}; run as the database's owner: tenantry migrate --database "
                            "postgres://OWNER@…",
                            url.shown(), state));
}

}  // namespace

void add_settings(Command& command, SettingFlags& into,
                  std::initializer_list<std::string_view> names) {
    add_config_file(command, into);
    for (const auto& setting : server::settings()) {
        if (std::ranges::find(names, setting.name) != names.end())
            add_setting(command, into, setting);
    }
}

void add_all_settings(Command& command, SettingFlags& into) {
    add_config_file(command, into);
    for (const auto& setting : server::settings()) add_setting(command, into, setting);
}

Result<server::Configuration> load_configuration(const SettingFlags& flags) {
    server::ConfigSources sources{.environment = server::read_environment(), .flags = flags.values};
    TENANTRY_TRY(file, server::find_config_file(flags.config_file, sources.environment));
    sources.file = std::move(file);
    return server::configure(sources);
}

Result<std::string> parse_name(std::string_view text) { return services::parse_display_name(text); }

Result<void> require_database(const server::Configuration& configuration, Missing missing) {
    if (const auto& url = configuration.database.value.postgres()) return require_postgres(*url);
    const auto& path = configuration.database.value.path();
    const auto version = engine::sqlite::schema_version(path);
    const bool absent = version ? version->current == 0 : version.error().code == Errc::not_found;
    if (absent && missing == Missing::create) {
        TENANTRY_TRY_VOID(engine::sqlite::migrate(path));
        return {};
    }
    if (!version) return version.error();
    if (version->current == version->latest) return {};
    if (absent) {
        return fail(
            Errc::storage_unusable,
            fmt::format("{} is empty; make a database of it with: tenantry migrate --database {}",
                        path.string(), configuration.database.value.text()));
    }
    return fail(Errc::storage_unusable,
                fmt::format("{} has schema version {}, but this program needs {}; stop whatever "
                            "uses it, make a copy, and "
                            "run: tenantry migrate --database {}",
                            path.string(), version->current, version->latest,
                            configuration.database.value.text()));
}

Result<std::unique_ptr<engine::ControlStore>> open_store(const server::Configuration& configuration,
                                                         Missing missing) {
    TENANTRY_TRY_VOID(require_database(configuration, missing));
    return engine::open_control_store(configuration.database.value.location(), actor());
}

Result<std::filesystem::path> database_file(const server::Configuration& configuration,
                                            std::string_view instead) {
    const auto& database = configuration.database.value;
    if (!database.postgres()) return database.path();
    return fail(Errc::bad_configuration,
                fmt::format("this works on a database in a file, and {} is a PostgreSQL one; {}",
                            database.text(), instead),
                "database");
}

Result<engine::TenantRecord> require_active(engine::ControlStore& store, const TenantId& tenant) {
    TENANTRY_TRY(record, store.tenant(tenant));
    switch (record.status) {
    case auth::TenantStatus::active: return record;
    case auth::TenantStatus::suspended:
        return fail(
            Errc::tenant_unavailable,
            fmt::format("the tenant {0} is suspended; first run: tenantry tenant resume {0}",
                        tenant.text()));
    case auth::TenantStatus::deleting:
        return fail(Errc::tenant_unavailable,
                    fmt::format("the tenant {0} is being deleted; finish that with: tenantry "
                                "tenant delete {0}",
                                tenant.text()));
    }
    std::abort();
}

Result<std::unique_ptr<Workshop>> Workshop::open(const server::Configuration& configuration) {
    TENANTRY_TRY_VOID(require_database(configuration, Missing::refuse));
    TENANTRY_TRY(engine, engine::open_engine(configuration.database.value.location(),
                                             schema::lead_catalog(), open_options(configuration)));
    return std::unique_ptr<Workshop>{new Workshop{std::move(engine)}};
}

Workshop::Workshop(std::unique_ptr<engine::Engine> engine)
    : engine_{std::move(engine)}, verifier_{make_verifier()}, issuer_{verifier_, *engine_} {}

Workshop::~Workshop() = default;

engine::Executor& Workshop::executor() { return *engine_; }

auth::Directory& Workshop::directory() { return *engine_; }

}  // namespace tenantry::cli
