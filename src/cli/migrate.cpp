#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "engine/sqlite/sqlite_engine.hpp"

#include <fmt/format.h>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <memory>

namespace tenantry::cli {
namespace {

struct Options {
    SettingFlags settings;
    bool json = false;
};

Result<ExitCode> migrate(const Options& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    const auto& database = configuration.database.value;
    TENANTRY_TRY(before, engine::sqlite::migrate(database.path()));
    if (options.json) {
        print(boost::json::serialize(boost::json::object{
                  {"database", database.text()}, {"from", before.current}, {"to", before.latest}}) +
              "\n");
    } else if (before.current == before.latest) {
        print(fmt::format("{} is of schema version {} already\n", printable(database.text()),
                          before.latest));
    } else if (before.current == 0) {
        print(fmt::format("Made {} with schema version {}\n", printable(database.text()),
                          before.latest));
    } else {
        print(fmt::format("Brought {} from schema version {} to {}\n", printable(database.text()),
                          before.current, before.latest));
    }
    return ExitCode::done;
}

}  // namespace

void add_migrate(Command parent) {
    auto options = std::make_shared<Options>();
    auto command =
        parent.add("migrate", "Bring the database to this program's schema version, or make it");
    command.flag("--json", "Answer in JSON", options->json);
    add_settings(command, options->settings, {"database"});
    command
        .examples(
            "  tenantry migrate\n"
            "  tenantry migrate --database sqlite:/var/lib/tenantry/tenantry.db --json\n"
            "\n"
            "Every step is one transaction: it is done, or the file stays as it was. Running it "
            "again\n"
            "changes nothing. Make a copy of the file first.")
        .action([options] { return migrate(*options); });
}

}  // namespace tenantry::cli
