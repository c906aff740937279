#include "cli/scrub.hpp"

#include "cli/actor.hpp"
#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "engine/sqlite/stores.hpp"

#include <fmt/format.h>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <memory>

namespace tenantry::cli {
namespace {

struct ScrubOptions {
    SettingFlags settings;
    bool json = false;
};

Result<ExitCode> scrub(const ScrubOptions& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    TENANTRY_TRY_VOID(require_database(configuration, Missing::refuse));
    TENANTRY_TRY(scrubbed, scrub_database(configuration));
    if (options.json) {
        print(boost::json::serialize(
                  boost::json::object{{"database", configuration.database.value.text()},
                                      {"bytes_before", scrubbed.bytes_before},
                                      {"bytes", scrubbed.bytes_after}}) +
              "\n");
        return ExitCode::done;
    }
    print(fmt::format("Rewrote {}: {} bytes, {} before; nothing of deleted rows is left in it\n",
                      printable(configuration.database.value.text()), scrubbed.bytes_after,
                      scrubbed.bytes_before));
    return ExitCode::done;
}

}  // namespace

Result<engine::sqlite::Scrubbed> scrub_database(const server::Configuration& configuration) {
    TENANTRY_TRY(path, database_file(configuration, "there, VACUUM FULL rewrites a table"));
    TENANTRY_TRY(store, engine::sqlite::open_tenure_store(path));
    // What is deleted while the file is rewritten may or may not be gone from it.
    const auto through = store->last_removal();
    TENANTRY_TRY(scrubbed, engine::sqlite::scrub(path, configuration.lock_timeout.value));
    TENANTRY_TRY_VOID(store->note_scrub(through, actor()));
    return scrubbed;
}

void add_scrub(Command parent) {
    auto options = std::make_shared<ScrubOptions>();
    auto command =
        parent.add("scrub", "Rewrite the database so that nothing deleted is left in it");
    command.flag("--json", "Answer in JSON", options->json);
    add_settings(command, options->settings, {"database", "lock_timeout"});
    command
        .examples(
            "  tenantry scrub\n"
            "\n"
            "After single rows were deleted; tenant delete does it by itself. A server may be "
            "running: its\n"
            "reads go on, its writes wait, or are refused with storage_busy after lock_timeout. "
            "Needs room for\n"
            "the file twice over.")
        .action([options] { return scrub(*options); });
}

}  // namespace tenantry::cli
