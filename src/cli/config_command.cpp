#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "server/master_key.hpp"
#include "server/secret_file.hpp"

#include <fmt/format.h>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <memory>

namespace tenantry::cli {
namespace {

struct ConfigCommandOptions {
    SettingFlags settings;
    bool json = false;
};

/// Variables that look like settings and are none: most likely a slip of the pen.
std::vector<std::string> unknown_variables() {
    std::vector<std::string> unknown;
    for (const auto& [name, value] : server::read_environment()) {
        const bool known = name == "TENANTRY_CONFIG" ||
                           std::ranges::any_of(server::settings(), [&](const auto& setting) {
                               return server::environment_name(setting.name) == name;
                           });
        if (!known) unknown.push_back(name);
    }
    return unknown;
}

/// What there is to say of a file that is set nowhere; nullopt if there is nothing.
std::optional<std::string> default_file(const server::Configuration& configuration,
                                        std::string_view setting) {
    const auto& database = configuration.database.value;
    const auto in = [](const std::filesystem::path& file) {
        return fmt::format("(in {})", file.string());
    };
    if (setting == "jwt_secret_file" && !configuration.jwt_secret.value &&
        !configuration.jwt_secret_file.value) {
        return in(server::own_secret_file(database));
    }
    if (setting == "master_key_file" && !configuration.master_key.value &&
        !configuration.master_key_file.value) {
        return in(server::own_master_key_file(database.path()));
    }
    return std::nullopt;
}

void print_json(const server::Configuration& configuration) {
    boost::json::object settings;
    for (const auto& setting : server::show(configuration)) {
        boost::json::object one{{"value", setting.value},
                                {"source", server::name_of(setting.origin.kind)}};
        if (setting.value.empty()) one["value"] = nullptr;
        if (!setting.origin.where.empty()) one["where"] = setting.origin.where;
        settings[setting.name] = std::move(one);
    }
    print(boost::json::serialize(settings) + "\n");
}

void print_table(const server::Configuration& configuration) {
    std::vector<std::vector<std::string>> rows{{"SETTING", "VALUE", "FROM"}};
    for (const auto& setting : server::show(configuration)) {
        auto value = setting.value;
        if (value.empty()) value = "-";
        if (const auto file = default_file(configuration, setting.name)) value = *file;
        const auto& where = setting.origin.where;
        rows.push_back({std::string{setting.name}, value,
                        where.empty() ? std::string{server::name_of(setting.origin.kind)} : where});
    }
    print(table(rows));
}

Result<ExitCode> show_configuration(const ConfigCommandOptions& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    if (options.json) {
        print_json(configuration);
    } else {
        print_table(configuration);
    }
    for (const auto& name : unknown_variables()) {
        report(fmt::format("note: {} is in the environment, but is no setting", name));
    }
    return ExitCode::done;
}

}  // namespace

void add_config(Command parent) {
    auto options = std::make_shared<ConfigCommandOptions>();
    auto command = parent.add("config", "Show every setting, and where its value comes from");
    command.flag("--json", "Answer in JSON", options->json);
    add_all_settings(command, options->settings);
    command
        .examples(
            "  tenantry config\n"
            "  tenantry config --json --config /etc/tenantry/tenantry.toml\n"
            "\n"
            "Defaults give way to the configuration file, that to the environment, that to flags.\n"
            "The flags are those of serve. Secrets are shown as (set).")
        .action([options] { return show_configuration(*options); });
}

}  // namespace tenantry::cli
