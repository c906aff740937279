#include "engine/postgres/migrate.hpp"
#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "engine/sqlite/sqlite_engine.hpp"

#include <fmt/format.h>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <memory>
#include <optional>

namespace tenantry::cli {
namespace {

struct MigrateOptions {
    SettingFlags settings;
    std::optional<std::string> role;
    bool plan = false;
    bool json = false;
};

/// In words: what became of the database called `name`.
std::string sentence(const std::string& name, const engine::SchemaVersion& before) {
    const auto shown = printable(name);
    if (before.current == before.latest)
        return fmt::format("{} is of schema version {} already\n", shown, before.latest);
    if (before.current == 0)
        return fmt::format("Made {} with schema version {}\n", shown, before.latest);
    return fmt::format("Brought {} from schema version {} to {}\n", shown, before.current,
                       before.latest);
}

boost::json::object as_json(const std::string& name, const engine::SchemaVersion& before) {
    return {{"database", name}, {"from", before.current}, {"to", before.latest}};
}

/// A plain name: it is quoted wherever it goes, but typed by hand into URLs.
Result<std::string> parse_role_name(std::string_view text) {
    const bool plain =
        !text.empty() && text.size() <= 63 && (text[0] < '0' || text[0] > '9') &&
        text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
    if (!plain)
        return fail(Errc::bad_value, "a role's name is of lower-case letters, digits and _",
                    "role");
    return std::string{text};
}

/// The ways to one database, as its owner.
struct Ways {
    pg::Url served;  // the one that requests will go; perhaps through a pooler
    std::optional<pg::Url> direct{};

    const pg::Url& own_session() const { return direct ? *direct : served; }
};

/// What is to be set to serve what was migrated.
std::string how_to_serve(const pg::Url& application, const std::optional<pg::Url>& direct) {
    auto text = fmt::format("Serve with:\n  TENANTRY_DATABASE='{}'\n", application.secret_text());
    if (direct) text += fmt::format("  TENANTRY_DATABASE_DIRECT='{}'\n", direct->secret_text());
    return text;
}

Result<ExitCode> migrate_postgres(const MigrateOptions& options, const Ways& ways) {
    const auto& owner = ways.own_session();
    engine::postgres::MigrateOptions how;
    if (options.role) how.role = *options.role;
    if (options.plan) {
        TENANTRY_TRY(sql, engine::postgres::plan_migration(owner, how));
        print(sql.empty() ? "-- nothing is to be done\n" : sql);
        return ExitCode::done;
    }
    TENANTRY_TRY(migrated, engine::postgres::migrate(owner, how));
    const auto password = migrated.application.option("password");
    const auto application = ways.served.with_login(how.role, password);
    std::optional<pg::Url> direct;
    if (ways.direct) direct = ways.direct->with_login(how.role, password);
    if (options.json) {
        auto answer = as_json(owner.shown(), migrated.before);
        answer["application"] = application.secret_text();
        if (direct) answer["application_direct"] = direct->secret_text();
        answer["role_made"] = migrated.role_made;
        answer["data_api"] = migrated.data_api;
        print(boost::json::serialize(answer) + "\n");
        return ExitCode::done;
    }
    print(sentence(owner.shown(), migrated.before));
    if (migrated.role_made) {
        print(fmt::format("Made the role {}; keep its password, which is shown this once\n",
                          how.role));
    }
    if (migrated.data_api) {
        print(
            "The project's own Data API is held to tenants: authenticated to the one that the "
            "token's "
            "app_metadata.tenant_id names, anon to none\n");
    }
    print(how_to_serve(application, direct));
    return ExitCode::done;
}

Result<ExitCode> migrate(const MigrateOptions& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    const auto& database = configuration.database.value;
    if (database.postgres()) {
        const auto& direct = configuration.database_direct.value;
        return migrate_postgres(options,
                                {*database.postgres(), direct ? direct->postgres() : std::nullopt});
    }
    if (options.plan || options.role) {
        return fail(Errc::bad_request,
                    "--plan and --role are for PostgreSQL databases: postgres://…");
    }
    TENANTRY_TRY(before, engine::sqlite::migrate(database.path()));
    print(options.json ? boost::json::serialize(as_json(database.text(), before)) + "\n"
                       : sentence(database.text(), before));
    return ExitCode::done;
}

}  // namespace

void add_migrate(Command parent) {
    auto options = std::make_shared<MigrateOptions>();
    auto command =
        parent.add("migrate", "Bring the database to this program's schema version, or make it");
    command.flag("--json", "Answer in JSON", options->json);
    command.flag("--plan", "PostgreSQL: only show the SQL", options->plan);
    command.option(
        "--role",
        {.form = "NAME",
         .help = "PostgreSQL: the role that the server will use; tenantry_app if not given"},
        options->role, parse_role_name);
    add_settings(command, options->settings, {"database", "database_direct"});
    command
        .examples(
            "  tenantry migrate\n"
            "  tenantry migrate --database sqlite:/var/lib/tenantry/tenantry.db --json\n"
            "  TENANTRY_DATABASE=postgres://owner:…@db/crm tenantry migrate --plan\n"
            "\n"
            "Every step is one transaction: it is done, or the file stays as it was. Running it "
            "again\n"
            "changes nothing. Make a copy of the file first. A PostgreSQL database is migrated as "
            "its "
            "owner, who\n"
            "may create roles; it prints the URL to serve with, whose role row-level security "
            "holds.\n"
            "Where that one leads through a pooler, --database-direct is the way past it.")
        .action([options] { return migrate(*options); });
}

}  // namespace tenantry::cli
