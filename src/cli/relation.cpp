// Tables and views of others in the same database: whether they are served, and what they lack.

#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "engine/introspection.hpp"
#include "lacks.hpp"
#include "schema/lead_schema.hpp"

#include <fmt/format.h>

#include <memory>

namespace tenantry::cli {
namespace {

struct RelationOptions {
    SettingFlags settings;
    std::optional<std::string> name;
    bool json = false;
};

Result<ExitCode> check(const RelationOptions& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    TENANTRY_TRY_VOID(require_database(configuration, Missing::refuse));
    const auto& name = *options.name;
    TENANTRY_TRY(found, engine::check_table(configuration.database.value.location(),
                                            schema::lead_catalog(), name));
    if (!found) {
        return fail(Errc::not_found,
                    fmt::format("there is no table or view {} in the schema public", name));
    }
    return print_check({name, std::move(*found)}, options.json,
                       fmt::format("{} keeps tenants apart and can be served", name));
}

Result<ExitCode> list(const RelationOptions& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    TENANTRY_TRY_VOID(require_database(configuration, Missing::refuse));
    TENANTRY_TRY(
        found, engine::introspect(configuration.database.value.location(), schema::lead_catalog()));
    std::vector<Looked> all;
    for (const auto& relation : found.catalog->relations()) {
        if (!relation->internal()) all.push_back({relation->name()});
    }
    for (const auto& view : found.catalog->views()) all.push_back({view->name()});
    for (auto& [name, lacks] : found.unfit) all.push_back({name, std::move(lacks)});
    print_list("RELATION", all, options.json);
    return ExitCode::done;
}

}  // namespace

void add_relation(Command parent) {
    auto relation = parent.add(
        "relation", "See which tables and views of the database are served, and why not");
    {
        auto options = std::make_shared<RelationOptions>();
        auto command = relation.add("check", "Tell what a table or view lacks to be served");
        command.option(
            "NAME",
            {.form = "", .help = "The table or view, in the schema public", .required = true},
            options->name, parse_name);
        command.flag("--json", "Answer in JSON", options->json);
        add_settings(command, options->settings, {"database"});
        command
            .examples(
                "  tenantry relation check notes\n"
                "\n"
                "Each line that follows a problem is the SQL that mends it, for the owner to "
                "run. A running\n"
                "server looks again when it gets SIGHUP.")
            .action([options] { return check(*options); });
    }
    {
        auto options = std::make_shared<RelationOptions>();
        auto command =
            relation.add("list", "List the relations that are served, and those that aren't");
        command.flag("--json", "Answer in JSON", options->json);
        add_settings(command, options->settings, {"database"});
        command.examples("  tenantry relation list").action([options] { return list(*options); });
    }
}

}  // namespace tenantry::cli
