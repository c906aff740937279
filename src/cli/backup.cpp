#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "cli/remove_on_signal.hpp"
#include "cli/secret_files.hpp"
#include "engine/sqlite/sqlite_engine.hpp"
#include "engine/sqlite/upkeep.hpp"
#include "server/atomic_file.hpp"

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <sys/stat.h>

#include <memory>

namespace tenantry::cli {
namespace {

using server::AtomicFile;

struct BackupOptions {
    SettingFlags settings;
    std::optional<std::string> file;
    bool json = false;
};

void print_made(const BackupOptions& options, const engine::sqlite::Inspected& copy,
                const std::vector<std::filesystem::path>& secrets) {
    if (options.json) {
        boost::json::array keep;
        for (const auto& path : secrets) keep.emplace_back(path.string());
        print(boost::json::serialize(boost::json::object{{"backup", *options.file},
                                                         {"bytes", copy.bytes},
                                                         {"schema_version", copy.schema_version},
                                                         {"keep_too", std::move(keep)}}) +
              "\n");
        return;
    }
    print(fmt::format("Wrote {}: {} bytes, schema version {}, checked\n", printable(*options.file),
                      copy.bytes, copy.schema_version));
    if (secrets.empty()) return;
    print("Keep these too, apart from it:\n");
    for (const auto& path : secrets) print(fmt::format("  {}\n", printable(path.string())));
}

Result<ExitCode> back_up(const BackupOptions& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    TENANTRY_TRY(database, database_file(configuration, "use pg_dump"));
    std::error_code none;
    if (std::filesystem::equivalent(database, *options.file, none)) {
        return fail(Errc::bad_request,
                    fmt::format("{} is the database itself; name another file", *options.file));
    }
    TENANTRY_TRY(version, engine::sqlite::schema_version(database));
    if (version.current == 0)
        return fail(Errc::not_found, fmt::format("{} is empty", database.string()));
    TENANTRY_TRY(file, AtomicFile::create(*options.file, S_IRUSR | S_IWUSR));
    const RemoveOnSignal guard{file.temporary()};
    {
        ProgressBar bar{"Copying"};
        TENANTRY_TRY_VOID(engine::sqlite::copy_database(
            database, file.temporary(),
            [&bar](std::uint64_t done, std::uint64_t all) { bar.show(done, all); }));
    }
    TENANTRY_TRY(copy, engine::sqlite::inspect_file(file.temporary(), *options.file));
    TENANTRY_TRY_VOID(file.commit(AtomicFile::Existing::replace));
    print_made(options, copy, secret_files(configuration));
    return ExitCode::done;
}

}  // namespace

void add_backup(Command parent) {
    auto options = std::make_shared<BackupOptions>();
    auto command = parent.add("backup", "Copy the database, also while a server is running on it");
    command
        .option("FILE",
                {.form = "", .help = "The copy; an older one is replaced", .required = true},
                options->file, parse_any_text)
        .flag("--json", "Answer in JSON", options->json);
    add_settings(command, options->settings, {"database"});
    command
        .examples(
            "  tenantry backup /backups/tenantry-$(date +%F).db\n"
            "\n"
            "The copy is the database as it was at one moment. It is checked, and only then gets "
            "its name; only\n"
            "its owner can read it. The files with secrets that it lists are not in it: without "
            "them tokens and\n"
            "sealed secrets of the copy are worth nothing. Keep them somewhere else.")
        .action([options] { return back_up(*options); });
}

}  // namespace tenantry::cli
