// Functions of the database that clients may call: whether they can be, and what they lack.

#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "engine/introspection.hpp"
#include "lacks.hpp"
#include "schema/lead_schema.hpp"

#include <fmt/format.h>

#include <memory>

namespace tenantry::cli {
namespace {

struct FunctionOptions {
    SettingFlags settings;
    std::optional<std::string> name;
    bool json = false;
};

/// Each of `names`, in their order.
Result<std::vector<Looked>> look(const server::Configuration& configuration,
                                 const std::vector<std::string>& names) {
    TENANTRY_TRY_VOID(require_database(configuration, Missing::refuse));
    TENANTRY_TRY(found, engine::introspect(configuration.database.value.location(),
                                           schema::lead_catalog(), names));
    std::vector<Looked> out;
    auto unfit = found.unfit_functions.begin();
    for (const auto& name : names) {
        auto& looked = out.emplace_back(Looked{name});
        if (found.catalog->find_function(name) == nullptr) looked.lacks = (unfit++)->lacks;
    }
    return out;
}

Result<ExitCode> check(const FunctionOptions& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    TENANTRY_TRY(looked, look(configuration, {*options.name}));
    return print_check(looked.front(), options.json,
                       fmt::format("{} runs within its caller's tenant and can be named in the "
                                   "setting functions",
                                   *options.name));
}

Result<ExitCode> list(const FunctionOptions& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    const auto& names = configuration.functions.value;
    if (names.empty() && !options.json) {
        print("The setting functions names none; see: tenantry function check --help\n");
        return ExitCode::done;
    }
    TENANTRY_TRY(looked, look(configuration, names));
    print_list("FUNCTION", looked, options.json);
    return ExitCode::done;
}

}  // namespace

void add_function(Command parent) {
    auto function =
        parent.add("function", "See which functions of the database can be called, and why not");
    {
        auto options = std::make_shared<FunctionOptions>();
        auto command = function.add("check", "Tell what a function lacks to be called by clients");
        command.option("NAME",
                       {.form = "", .help = "The function, in the schema public", .required = true},
                       options->name, parse_name);
        command.flag("--json", "Answer in JSON", options->json);
        add_settings(command, options->settings, {"database"});
        command
            .examples(
                "  tenantry function check top_leads\n"
                "\n"
                "Each line that follows a problem is the SQL that mends it, for the owner to "
                "run, or says\n"
                "what to write otherwise.")
            .action([options] { return check(*options); });
    }
    {
        auto options = std::make_shared<FunctionOptions>();
        auto command = function.add(
            "list", "List the functions that the configuration names, and whether they are served");
        command.flag("--json", "Answer in JSON", options->json);
        add_settings(command, options->settings, {"database", "functions"});
        command.examples("  tenantry function list --functions top_leads,close_month")
            .action([options] { return list(*options); });
    }
}

}  // namespace tenantry::cli
