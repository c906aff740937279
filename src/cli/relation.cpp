// Tables of others in the same database: whether they are served, and what they lack.

#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "engine/introspection.hpp"
#include "schema/lead_schema.hpp"

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <memory>

namespace tenantry::cli {
namespace {

struct RelationOptions {
    SettingFlags settings;
    std::optional<std::string> name;
    bool json = false;
};

using Lacks = std::vector<engine::Finding>;

boost::json::array json_of(const Lacks& findings) {
    boost::json::array out;
    for (const auto& finding : findings)
        out.push_back(boost::json::object{{"problem", finding.problem}, {"mend", finding.remedy}});
    return out;
}

Result<ExitCode> check(const RelationOptions& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    TENANTRY_TRY_VOID(require_database(configuration, Missing::refuse));
    const auto& name = *options.name;
    TENANTRY_TRY(found, engine::check_table(configuration.database.value.location(),
                                            schema::lead_catalog(), name));
    if (!found) {
        return fail(Errc::not_found,
                    fmt::format("there is no table {} in the schema public", name));
    }
    const auto code = found->empty() ? ExitCode::done : ExitCode::failed;
    if (options.json) {
        const boost::json::object out{
            {"name", name}, {"fit", found->empty()}, {"lacks", json_of(*found)}};
        print(boost::json::serialize(out) + "\n");
        return code;
    }
    if (found->empty()) print(fmt::format("{} keeps tenants apart and can be served\n", name));
    for (const auto& [problem, remedy, shown] : *found)
        print(fmt::format("{}\n    {}\n", problem, remedy));
    return code;
}

Result<ExitCode> list(const RelationOptions& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    TENANTRY_TRY_VOID(require_database(configuration, Missing::refuse));
    TENANTRY_TRY(
        found, engine::introspect(configuration.database.value.location(), schema::lead_catalog()));
    std::vector<std::vector<std::string>> rows{{"RELATION", "SERVED", "LACKS"}};
    boost::json::array array;
    const auto add = [&](const std::string& name, const Lacks& lacks) {
        const auto first =
            lacks.empty() ? std::string{"-"}
            : lacks.size() == 1
                ? lacks.front().problem
                : fmt::format("{}, and {} more", lacks.front().problem, lacks.size() - 1);
        rows.push_back({name, lacks.empty() ? "yes" : "no", first});
        array.push_back(
            boost::json::object{{"name", name}, {"fit", lacks.empty()}, {"lacks", json_of(lacks)}});
    };
    for (const auto& relation : found.catalog->relations()) {
        if (!relation->internal()) add(relation->name(), {});
    }
    for (const auto& unfit : found.unfit) add(unfit.name, unfit.lacks);
    print(options.json ? boost::json::serialize(array) + "\n" : cli::table(rows));
    return ExitCode::done;
}

}  // namespace

void add_relation(Command parent) {
    auto relation =
        parent.add("relation", "See which tables of the database are served, and why not");
    {
        auto options = std::make_shared<RelationOptions>();
        auto command = relation.add("check", "Tell what a table lacks to be served");
        command.option("NAME",
                       {.form = "", .help = "The table, in the schema public", .required = true},
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
            relation.add("list", "List the relations that are served, and tables that aren't");
        command.flag("--json", "Answer in JSON", options->json);
        add_settings(command, options->settings, {"database"});
        command.examples("  tenantry relation list").action([options] { return list(*options); });
    }
}

}  // namespace tenantry::cli
