#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "cli/records.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>
#include <memory>

namespace tenantry::cli {
namespace {

struct AuditOptions {
    SettingFlags settings;
    std::optional<TenantId> tenant;
    std::optional<std::size_t> limit;
    bool json = false;
};

Result<std::size_t> parse_limit(std::string_view text) {
    constexpr std::size_t limit_max = 1'000'000;
    std::size_t limit = 0;
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, limit);
    if (error != std::errc{} || stopped != end || limit < 1 || limit > limit_max)
        return fail(Errc::out_of_range, "is not a whole number from 1 to 1000000");
    return limit;
}

Result<ExitCode> list(const AuditOptions& options) {
    constexpr std::size_t limit_default = 100;
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    TENANTRY_TRY(store, open_store(configuration));
    TENANTRY_TRY(entries, store->audit({.tenant = options.tenant,
                                        .limit = options.limit.value_or(limit_default)}));
    std::ranges::reverse(entries);
    if (options.json) {
        boost::json::array array;
        for (const auto& entry : entries) array.push_back(to_json(entry));
        print(boost::json::serialize(array) + "\n");
    } else if (entries.empty()) {
        print("Nothing has been done yet\n");
    } else {
        print(to_text(entries));
    }
    return ExitCode::done;
}

}  // namespace

void add_audit(Command parent) {
    auto audit = parent.add("audit", "Show what was done, when and by whom");
    auto options = std::make_shared<AuditOptions>();
    auto command = audit.add("list", "List acts of administration, the latest last");
    command
        .option("--tenant", {.form = "ID", .help = "Only what was done to this tenant"},
                options->tenant, TenantId::parse)
        .option("--limit", {.form = "COUNT", .help = "How many of the latest; by default 100"},
                options->limit, parse_limit)
        .flag("--json", "Answer in JSON", options->json);
    add_settings(command, options->settings, {"database"});
    command.examples("  tenantry audit list --tenant acme --json").action([options] {
        return list(*options);
    });
}

}  // namespace tenantry::cli
