#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "cli/remove_on_signal.hpp"
#include "cli/secret_files.hpp"
#include "engine/sqlite/sqlite_engine.hpp"
#include "engine/sqlite/upkeep.hpp"
#include "server/atomic_file.hpp"
#include "services/csv_reader.hpp"

#include <fmt/format.h>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <sys/stat.h>

#include <array>
#include <memory>
#include <system_error>

namespace tenantry::cli {
namespace {

namespace fs = std::filesystem;
using server::AtomicFile;

struct RestoreOptions {
    SettingFlags settings;
    std::optional<std::string> file;
    bool replace = false;
    bool json = false;
};

fs::path beside(const fs::path& path, std::string_view suffix) {
    auto out = path;
    out += suffix;
    return out;
}

bool has_content(const fs::path& path) {
    std::error_code none;
    const auto size = fs::file_size(path, none);
    return !none && size > 0;
}

Result<void> check_target(const RestoreOptions& options, const fs::path& database) {
    std::error_code none;
    if (!fs::exists(fs::status(database, none))) return {};
    if (!options.replace) {
        return fail(Errc::conflict,
                    fmt::format("{} is there already; to put the backup in its place, add: "
                                "--replace",
                                database.string()));
    }
    TENANTRY_TRY(in_use, engine::sqlite::is_in_use(database));
    if (!in_use) return {};
    return fail(
        Errc::storage_busy,
        fmt::format("{} is in use by another process; stop the server first", database.string()));
}

Result<void> copy(const services::ByteSource& from, AtomicFile& into) {
    std::array<char, 64UL * 1024> buffer{};
    std::uint64_t offset = 0;
    while (const auto got = from.read_at(offset, buffer)) {
        TENANTRY_TRY_VOID(into.write({buffer.data(), got}));
        offset += got;
    }
    return {};
}

/// Puts what was there out of the way. A log must never stand beside a database that it isn't of,
/// or SQLite would take it for that one's own; so the database goes first and comes last.
Result<void> move_away(const fs::path& database) {
    const auto aside = beside(database, ".replaced");
    std::error_code error;
    if (fs::exists(database, error)) fs::rename(database, aside, error);
    for (const auto* suffix : {"-wal", "-shm", "-journal"}) {
        if (error) break;
        const auto log = beside(database, suffix);
        if (fs::exists(log, error)) fs::rename(log, beside(aside, suffix), error);
    }
    if (!error) return {};
    return fail(Errc::storage_unusable,
                fmt::format("{} can't be moved away: {}", database.string(), error.message()));
}

void remove_replaced(const fs::path& database) {
    const auto aside = beside(database, ".replaced");
    for (const auto* suffix : {"", "-wal", "-shm", "-journal"}) {
        std::error_code ignored;
        fs::remove(beside(aside, suffix), ignored);
    }
}

void print_restored(const RestoreOptions& options, const server::Configuration& configuration,
                    const engine::sqlite::Inspected& found, int latest) {
    const auto& database = configuration.database.value;
    if (options.json) {
        print(
            boost::json::serialize(boost::json::object{{"database", database.text()},
                                                       {"from", *options.file},
                                                       {"bytes", found.bytes},
                                                       {"schema_version", found.schema_version}}) +
            "\n");
        return;
    }
    print(fmt::format("Restored {} from {}: {} bytes, schema version {}\n",
                      printable(database.text()), printable(*options.file), found.bytes,
                      found.schema_version));
    if (found.schema_version < latest)
        print(fmt::format("It is of an older version; run: tenantry migrate --database {}\n",
                          printable(database.text())));
    print("Its secret files belong to it; look at them with: tenantry doctor\n");
}

Result<ExitCode> restore(const RestoreOptions& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    TENANTRY_TRY(database, database_file(configuration, "use pg_restore"));
    if (has_content(beside(*options.file, "-wal"))) {
        return fail(Errc::bad_file,
                    fmt::format("{0} has a write-ahead log beside it, so it is a database in use "
                                "and no backup; make one of it with: tenantry backup FILE "
                                "--database sqlite:{0}",
                                *options.file));
    }
    TENANTRY_TRY(source, services::open_file(*options.file));
    TENANTRY_TRY_VOID(check_target(options, database));
    TENANTRY_TRY(file, AtomicFile::create(database, S_IRUSR | S_IWUSR));
    const RemoveOnSignal guard{file.temporary()};
    TENANTRY_TRY_VOID(copy(*source, file));
    // The copy is what counts from here on, so it is the copy that is checked.
    TENANTRY_TRY(found, engine::sqlite::inspect_file(file.temporary(), *options.file));
    TENANTRY_TRY_VOID(engine::sqlite::rename_feeds(file.temporary()));
    TENANTRY_TRY_VOID(check_target(options, database));
    TENANTRY_TRY_VOID(move_away(database));
    TENANTRY_TRY_VOID(file.commit(AtomicFile::Existing::keep));
    remove_replaced(database);
    TENANTRY_TRY(version, engine::sqlite::schema_version(database));
    print_restored(options, configuration, found, version.latest);
    return ExitCode::done;
}

}  // namespace

void add_restore(Command parent) {
    auto options = std::make_shared<RestoreOptions>();
    auto command = parent.add("restore", "Put a backup in the database's place");
    command
        .option("FILE", {.form = "", .help = "What tenantry backup wrote", .required = true},
                options->file, parse_any_text)
        .flag("--replace", "Give up the database that is there", options->replace)
        .flag("--json", "Answer in JSON", options->json);
    add_settings(command, options->settings, {"database"});
    command
        .examples(
            "  tenantry restore /backups/tenantry-2026-11-23.db --database "
            "sqlite:/var/lib/tenantry/tenantry.db\n"
            "\n"
            "The backup is checked before anything is touched. A database in use is never "
            "replaced: stop the\n"
            "server first. Bring back the secret files of the same time as well.")
        .action([options] { return restore(*options); });
}

}  // namespace tenantry::cli
