#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "cli/records.hpp"
#include "services/tenant_quotas.hpp"

#include <fmt/format.h>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <memory>

namespace tenantry::cli {
namespace {

using services::quota_infos;

constexpr std::string_view default_word = "default";

struct TenantQuotaOptions {
    SettingFlags settings;
    std::optional<TenantId> id;
    services::QuotaChanges changes{};
    bool json = false;
};

Take take_quota(TenantQuotaOptions& options, std::size_t index) {
    return [&options, index](std::string_view text) -> Result<void> {
        auto& change = options.changes[index];
        if (text == default_word) {
            change.emplace(std::nullopt);
            return {};
        }
        TENANTRY_TRY(value, services::parse_quota(quota_infos[index], text));
        change.emplace(value);
        return {};
    };
}

Result<ExitCode> set_quota(const TenantQuotaOptions& options) {
    if (std::ranges::none_of(options.changes, [](const auto& c) { return c.has_value(); })) {
        return fail(Errc::missing_field,
                    "say which quota to set, such as --requests-per-second 200; see: tenantry "
                    "tenant set-quota --help");
    }
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    TENANTRY_TRY(store, open_store(configuration));
    TENANTRY_TRY(settings, services::set_quotas(*store, *options.id, options.changes));
    const auto shown = services::held_quotas(settings, server::default_quotas(configuration));
    if (options.json) {
        boost::json::object json{{"id", options.id->text()}, {"quotas", to_json(shown)}};
        print(boost::json::serialize(json) + "\n");
    } else {
        print(fmt::format("Quotas of tenant {}\n\n{}", options.id->text(), to_text(shown)));
    }
    return ExitCode::done;
}

}  // namespace

void add_tenant_set_quota(Command parent) {
    auto command = parent.add("set-quota", "Change what a tenant may use, at once");
    auto options = std::make_shared<TenantQuotaOptions>();
    command.option("ID", {.form = "", .help = "The tenant", .required = true}, options->id,
                   TenantId::parse);
    for (std::size_t i = 0; i < quota_infos.size(); ++i) {
        command.option(server::flag_name(quota_infos[i].name),
                       {.form = "NUMBER", .help = quota_infos[i].help}, take_quota(*options, i));
    }
    command.flag("--json", "Answer in JSON", options->json);
    add_settings(command, options->settings, {"database"});
    command
        .examples(
            "  tenantry tenant set-quota acme --requests-per-second 200 --request-burst 500\n"
            "  tenantry tenant set-quota acme --rows unlimited --body-bytes default\n"
            "\n"
            "A quota is a number, `unlimited` (or 0), or `default` for what the server's settings "
            "say. A running\n"
            "server follows within a second.")
        .action([options] { return set_quota(*options); });
}

}  // namespace tenantry::cli
