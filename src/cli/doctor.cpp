#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "cli/records.hpp"
#include "cli/secret_files.hpp"
#include "engine/postgres/audit.hpp"
#include "engine/postgres/migrate.hpp"
#include "engine/sqlite/sqlite_engine.hpp"
#include "engine/sqlite/upkeep.hpp"
#include "server/secret_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <system_error>

namespace tenantry::cli {
namespace {

namespace fs = std::filesystem;
using engine::sqlite::Examination;

constexpr std::uint64_t mebibyte = 1UL << 20;
/// Checkpoints keep the log near 16 MiB; far above, something holds them up.
constexpr std::uint64_t wal_warning_bytes = 256 * mebibyte;
constexpr std::uint64_t disk_failure_bytes = 64 * mebibyte;
constexpr std::uint64_t disk_warning_bytes = 1024 * mebibyte;
/// Clocks of machines differ a little.
constexpr std::chrono::minutes clock_tolerance{5};
/// Before this program was written.
constexpr Timestamp clock_earliest = std::chrono::sys_days{std::chrono::year{2025} / 1 / 1};

struct DoctorOptions {
    SettingFlags settings;
    bool json = false;
};

enum class Level { ok, warn, fail };

std::string_view name_of(Level level) {
    switch (level) {
    case Level::ok: return "ok";
    case Level::warn: return "warn";
    case Level::fail: return "fail";
    }
    std::abort();
}

struct Finding {
    Level level;
    std::string_view check;
    std::string what;
    std::string advice{};  // what to do; empty if all is well
};
using Findings = std::vector<Finding>;

fs::path beside(const fs::path& path, std::string_view suffix) {
    auto out = path;
    out += suffix;
    return out;
}

std::uint64_t size_of(const fs::path& path) {
    std::error_code none;
    const auto size = fs::file_size(path, none);
    return none ? 0 : size;
}

bool others_may_read(const fs::path& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0;
}

Finding check_permissions(const fs::path& database) {
    std::vector<std::string> open;
    for (const auto* suffix : {"", "-wal", "-shm"}) {
        const auto path = beside(database, suffix);
        if (others_may_read(path)) open.push_back(path.string());
    }
    if (open.empty()) return {Level::ok, "permissions", "only the owner can read the database"};
    return {Level::fail, "permissions", "other users can read or change the database",
            fmt::format("run: chmod 600 {}", fmt::join(open, " "))};
}

Finding check_log(const fs::path& database) {
    const auto bytes = size_of(beside(database, "-wal"));
    auto what = fmt::format("the write-ahead log has {} MiB", bytes / mebibyte);
    if (bytes <= wal_warning_bytes) return {Level::ok, "log", std::move(what)};
    return {Level::warn, "log", std::move(what),
            "something reads one old state of the database for long, perhaps a backup or an "
            "export: wait for it; the log then shrinks by itself"};
}

Finding check_disk(const fs::path& database) {
    std::error_code error;
    const auto space = fs::space(fs::absolute(database).parent_path(), error);
    if (error) {
        return {Level::warn, "disk", fmt::format("its room is unknown: {}", error.message()),
                "look at it with df"};
    }
    auto what = fmt::format("{} MiB are free", space.available / mebibyte);
    if (space.available < disk_failure_bytes)
        return {Level::fail, "disk", std::move(what), "make room before writes fail"};
    // To be rewritten, a file needs room for itself again, and its log too.
    const auto wanted = std::max(disk_warning_bytes, 2 * size_of(database));
    if (space.available >= wanted) return {Level::ok, "disk", std::move(what)};
    return {Level::warn, "disk", std::move(what),
            fmt::format("make room: a backup or a deletion may need {} MiB", wanted / mebibyte)};
}

Finding check_clock(Timestamp now, Timestamp last_written) {
    if (now < clock_earliest) {
        return {Level::fail, "clock", fmt::format("it says {}", timestamp_text(now)),
                "set the clock: tokens and keys expire by it"};
    }
    if (last_written > now + clock_tolerance) {
        return {Level::warn, "clock",
                fmt::format("it says {}, but something was written at {}", timestamp_text(now),
                            timestamp_text(last_written)),
                "the clock was set back, or was ahead then: check it, and that it is kept by NTP"};
    }
    return {Level::ok, "clock", fmt::format("it says {}", timestamp_text(now))};
}

Finding check_signing_secret(const server::Configuration& configuration) {
    const auto path = signing_secret_file(configuration);
    if (path.empty()) return {Level::ok, "signing secret", "it is given by the configuration"};
    const auto secret = server::read_secret_file(path);
    if (secret) return {Level::ok, "signing secret", path.string()};
    const bool own = !configuration.jwt_secret_file.value;
    if (own && secret.error().code == Errc::not_found) {
        return {Level::warn, "signing secret", fmt::format("there is no {}", path.string()),
                "the first use makes one; if there was one before, bring it back, or all tokens "
                "are void"};
    }
    return {Level::fail, "signing secret", secret.error().message,
            "no token can be made or checked without it"};
}

Finding check_master_key(const server::Configuration& configuration, std::int64_t keys) {
    const auto path = master_key_file(configuration);
    if (path.empty()) return {Level::ok, "master key", "it is given by the configuration"};
    std::error_code none;
    if (!fs::exists(path, none)) {
        if (keys == 0) return {Level::ok, "master key", "none is needed yet"};
        return {Level::fail, "master key",
                fmt::format("there is no {}, under which {} tenants' keys are kept", path.string(),
                            keys),
                "bring it back from where it is kept apart from backups; without it sealed "
                "secrets are lost"};
    }
    if (others_may_read(path)) {
        return {Level::fail, "master key", fmt::format("{} can be read by others", path.string()),
                fmt::format("run: chmod 600 {}", path.string())};
    }
    if (size_of(path) == 0) {
        return {Level::fail, "master key", fmt::format("{} is empty", path.string()),
                "bring it back from where it is kept apart from backups"};
    }
    return {Level::ok, "master key", path.string()};
}

void check_content(const Examination& found, Findings& findings) {
    if (found.damage.empty()) {
        findings.push_back({Level::ok, "integrity", "the file is sound"});
    } else {
        findings.push_back({Level::fail, "integrity", found.damage.front(),
                            "stop the server and put a backup in its place: tenantry restore"});
    }
    if (found.dangling == 0) {
        findings.push_back({Level::ok, "references", "every row refers to rows that are there"});
    } else {
        findings.push_back({Level::fail, "references",
                            fmt::format("{} rows refer to nothing", found.dangling),
                            "something else has written to the file; put a backup in its place: "
                            "tenantry restore"});
    }
    if (!found.statistics) {
        findings.push_back({Level::ok, "statistics", "there are none"});
    } else {
        findings.push_back({Level::fail, "statistics",
                            "somebody has run ANALYZE, after which SQLite may answer wrongly",
                            "stop the server and run: sqlite3 FILE 'DROP TABLE sqlite_stat1; DROP "
                            "TABLE IF EXISTS sqlite_stat4'"});
    }
    if (found.wrong_tallies.empty()) {
        findings.push_back({Level::ok, "tallies", "they agree with a recount"});
    } else {
        findings.push_back(
            {Level::fail, "tallies",
             fmt::format("these differ from a recount: {}", fmt::join(found.wrong_tallies, ", ")),
             "something has written past the triggers; totals are wrong until a "
             "backup is put in its place: tenantry restore"});
    }
}

void check_removals(const Examination& found, Findings& findings) {
    if (found.deleting.empty()) {
        findings.push_back({Level::ok, "removals", "none is half-way"});
    } else {
        constexpr std::size_t shown_max = 5;
        auto shown = found.deleting;
        if (shown.size() > shown_max) shown.resize(shown_max);
        findings.push_back({Level::warn, "removals",
                            fmt::format("{} tenants are half-way in or out: {}",
                                        found.deleting.size(), fmt::join(shown, ", ")),
                            fmt::format("if nothing is at work on it, finish with: tenantry "
                                        "tenant delete {}",
                                        shown.front())});
    }
    if (found.unscrubbed == 0) {
        findings.push_back({Level::ok, "remains", "nothing is left of deleted tenants"});
    } else {
        findings.push_back(
            {Level::warn, "remains",
             fmt::format("bytes of {} deleted tenants may be left in the file", found.unscrubbed),
             "run: tenantry scrub"});
    }
}

Findings diagnose_postgres(const server::Configuration& configuration, const pg::Url& url,
                           Timestamp now) {
    Findings findings;
    const auto version = engine::postgres::schema_version(url);
    if (!version) return Findings{Finding{Level::fail, "database", version.error().message}};
    if (version->current != version->latest) {
        findings.push_back({Level::fail, "database",
                            fmt::format("schema version {}, this program needs {}",
                                        version->current, version->latest),
                            "run as its owner: tenantry migrate; then ask again"});
        return findings;
    }
    findings.push_back({Level::ok, "database", fmt::format("schema version {}", version->current)});
    const auto gaps = engine::postgres::audit(url);
    if (!gaps) {
        findings.push_back({Level::fail, "isolation", gaps.error().message});
    } else if (gaps->empty()) {
        findings.push_back({Level::ok, "isolation", "row-level security holds this role"});
    } else {
        for (const auto& gap : *gaps) {
            // A table of others is not served, and does no harm so.
            const auto level = engine::postgres::is_about_others(gap) ? Level::warn : Level::fail;
            findings.push_back({level, "isolation", gap.problem, "run: " + gap.remedy});
        }
    }
    findings.push_back(check_signing_secret(configuration));
    findings.push_back(check_clock(now, Timestamp{}));
    return findings;
}

Findings diagnose(const server::Configuration& configuration, Timestamp now) {
    if (const auto& url = configuration.database.value.postgres())
        return diagnose_postgres(configuration, *url, now);
    const auto& database = configuration.database.value.path();
    const auto version = engine::sqlite::schema_version(database);
    if (!version) return Findings{Finding{Level::fail, "database", version.error().message}};
    Findings findings;
    const bool latest = version->current == version->latest;
    if (latest) {
        findings.push_back(
            {Level::ok, "database", fmt::format("schema version {}", version->current)});
    } else {
        findings.push_back({Level::fail, "database",
                            fmt::format("schema version {}, this program needs {}",
                                        version->current, version->latest),
                            "make a backup and run: tenantry migrate; then ask again"});
    }
    findings.push_back(check_permissions(database));
    findings.push_back(check_log(database));
    findings.push_back(check_disk(database));
    findings.push_back(check_signing_secret(configuration));
    const auto found =
        latest ? engine::sqlite::examine(database) : Result<Examination>{Examination{}};
    findings.push_back(check_clock(now, found ? found->last_written : Timestamp{}));
    if (!latest) return findings;
    if (!found) {
        findings.push_back({Level::fail, "integrity", found.error().message,
                            "stop the server and put a backup in its place: tenantry restore"});
        return findings;
    }
    findings.push_back(check_master_key(configuration, found->tenant_keys));
    check_content(*found, findings);
    check_removals(*found, findings);
    return findings;
}

void print_json(const Findings& findings, bool well) {
    boost::json::array checks;
    for (const auto& finding : findings) {
        checks.push_back(boost::json::object{{"check", finding.check},
                                             {"level", name_of(finding.level)},
                                             {"what", finding.what},
                                             {"advice", finding.advice}});
    }
    print(
        boost::json::serialize(boost::json::object{{"well", well}, {"checks", std::move(checks)}}) +
        "\n");
}

void print_text(const Findings& findings) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& finding : findings) {
        rows.push_back(
            {std::string{name_of(finding.level)}, std::string{finding.check}, finding.what});
        if (!finding.advice.empty()) rows.push_back({"", "", "-> " + finding.advice});
    }
    print(table(rows));
}

Result<ExitCode> examine(const DoctorOptions& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    const auto findings = diagnose(configuration, system_clock().now());
    const bool well = std::ranges::none_of(
        findings, [](const Finding& finding) { return finding.level == Level::fail; });
    if (options.json) {
        print_json(findings, well);
    } else {
        print_text(findings);
    }
    return well ? ExitCode::done : ExitCode::failed;
}

}  // namespace

void add_doctor(Command parent) {
    auto options = std::make_shared<DoctorOptions>();
    auto command = parent.add("doctor", "Look for what is wrong and say what to do");
    command.flag("--json", "Answer in JSON", options->json);
    add_settings(command, options->settings, {"database", "jwt_secret_file"});
    command
        .examples(
            "  tenantry doctor\n"
            "  tenantry doctor --json | jq '.checks[] | select(.level != \"ok\")'\n"
            "\n"
            "Changes nothing; a server may be running. Reads the whole database, so it takes a "
            "while with a\n"
            "large one. Exit code 1 if something failed; a warning is none.")
        .action([options] { return examine(*options); });
}

}  // namespace tenantry::cli
