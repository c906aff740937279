#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "cli/records.hpp"
#include "services/api_keys.hpp"

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <memory>

namespace tenantry::cli {
namespace {

using std::chrono::milliseconds;

struct KeyOptions {
    SettingFlags settings;
    std::optional<TenantId> tenant;
    std::optional<std::string> name;
    std::optional<Role> role;
    std::optional<auth::ApiKey::Kind> kind;
    std::optional<milliseconds> expires;
    std::optional<auth::ApiKeyId> id;
    bool for_operator = false;
    bool json = false;
};

Result<milliseconds> parse_expiry(std::string_view text) {
    TENANTRY_TRY(duration, server::parse_duration(text));
    if (duration < std::chrono::seconds{1})
        return fail(Errc::out_of_range, "a key holds for 1s at least");
    return duration;
}

void print_json(const boost::json::value& value) { print(boost::json::serialize(value) + "\n"); }

/// Whose key it is to be. An operator's is never made by leaving something out.
/// Errors: bad_configuration, the code of mistakes in the command line.
Result<engine::KeyOwner> owner_of(const KeyOptions& options) {
    if (options.tenant.has_value() == options.for_operator) {
        return fail(Errc::bad_configuration,
                    "say whose key it is, by one of --tenant ID and --operator");
    }
    if (options.for_operator && (options.role || options.kind)) {
        return fail(Errc::bad_configuration,
                    "an operator's key has no role in a tenant; leave --role and --kind out");
    }
    const bool publishable = options.kind == auth::ApiKey::Kind::publishable;
    if (publishable && options.role) {
        return fail(Errc::bad_configuration,
                    "a publishable key gives no role, since everybody sees it; leave --role out");
    }
    if (options.tenant && !publishable && !options.role) {
        return fail(Errc::bad_configuration,
                    "say what the key is good for: --role viewer, operator, admin or owner");
    }
    return engine::KeyOwner{options.tenant};
}

Result<ExitCode> create(const KeyOptions& options) {
    TENANTRY_TRY(owner, owner_of(options));
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    TENANTRY_TRY(store, open_store(configuration));
    services::KeyWish wish{.owner = owner, .name = *options.name, .role = options.role};
    if (options.kind) wish.kind = *options.kind;
    if (options.expires) wish.expires_at = system_clock().now() + *options.expires;
    TENANTRY_TRY(issued, services::issue_key(*store, wish));
    if (options.json) {
        auto json = to_json(issued.record);
        json["key"] = issued.key.text();
        print_json(json);
        return ExitCode::done;
    }
    print(fmt::format("{}\n", issued.key.text()));
    report(fmt::format("made key {} ({}); it is shown this once, so keep it now",
                       issued.record.id.text(), issued.record.name));
    return ExitCode::done;
}

Result<ExitCode> list(const KeyOptions& options) {
    if (options.tenant && options.for_operator)
        return fail(Errc::bad_configuration, "name at most one of --tenant ID and --operator");
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    TENANTRY_TRY(store, open_store(configuration));
    std::optional<engine::KeyOwner> owner;
    if (options.tenant || options.for_operator) owner = engine::KeyOwner{options.tenant};
    TENANTRY_TRY(keys, store->keys(owner, {}));
    if (options.json) {
        boost::json::array array;
        for (const auto& key : keys) array.push_back(to_json(key));
        print_json(array);
    } else if (keys.empty()) {
        print(
            "There are no such keys; make one with: tenantry key create --tenant ID --name NAME "
            "--role ROLE\n");
    } else {
        print(to_text(keys));
    }
    return ExitCode::done;
}

Result<ExitCode> revoke(const KeyOptions& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    TENANTRY_TRY(store, open_store(configuration));
    TENANTRY_TRY(key, store->revoke_key(*options.id, std::nullopt));
    if (options.json) {
        print_json(to_json(key));
    } else {
        print(fmt::format("Key {} ({}) is revoked\n", key.id.text(), printable(key.name)));
    }
    return ExitCode::done;
}

void add_create(Command parent) {
    auto options = std::make_shared<KeyOptions>();
    auto command = parent.add("create", "Make an API key and print it, this once");
    command
        .option("--tenant", {.form = "ID", .help = "The tenant whose key it is"}, options->tenant,
                TenantId::parse)
        .flag("--operator", "An operator's key instead, for /admin/v1", options->for_operator)
        .option("--name", {.form = "NAME", .help = "What it is for", .required = true},
                options->name, parse_name)
        .option("--role", {.form = "ROLE", .help = "viewer, operator, admin or owner"},
                options->role, parse_role)
        .option(
            "--kind",
            {.form = "KIND", .help = "secret or publishable: a key that Supabase's clients know"},
            options->kind, services::parse_key_kind)
        .option("--expires",
                {.form = "DURATION", .help = "How long it holds: 12h, 90d; by default for ever"},
                options->expires, parse_expiry)
        .flag("--json", "Answer in JSON", options->json);
    add_settings(command, options->settings, {"database"});
    command
        .examples(
            "  tenantry key create --tenant acme --name website --role operator --expires 90d\n"
            "  tenantry key create --tenant acme --name 'web app' --kind publishable\n"
            "  tenantry key create --operator --name console\n"
            "\n"
            "Only a digest is kept: a key that was lost is replaced by a new one. A key is sent "
            "like a token,\n"
            "as `Authorization: Bearer KEY`. Whoever has an operator's key has every tenant.")
        .action([options] { return create(*options); });
}

void add_list(Command parent) {
    auto options = std::make_shared<KeyOptions>();
    auto command = parent.add("list", "List API keys, without the keys themselves");
    command
        .option("--tenant", {.form = "ID", .help = "Only those of this tenant"}, options->tenant,
                TenantId::parse)
        .flag("--operator", "Only those of operators", options->for_operator)
        .flag("--json", "Answer in JSON", options->json);
    add_settings(command, options->settings, {"database"});
    command.examples("  tenantry key list --tenant acme --json").action([options] {
        return list(*options);
    });
}

void add_revoke(Command parent) {
    auto options = std::make_shared<KeyOptions>();
    auto command = parent.add("revoke", "Refuse a key from the next request on, for good");
    command
        .option("ID", {.form = "", .help = "Its id: see tenantry key list", .required = true},
                options->id, auth::ApiKeyId::parse)
        .flag("--json", "Answer in JSON", options->json);
    add_settings(command, options->settings, {"database"});
    command.examples("  tenantry key revoke 01a209cb-05ec-71cd-a251-a759c66d57cb")
        .action([options] { return revoke(*options); });
}

}  // namespace

void add_key(Command parent) {
    auto key = parent.add("key", "Make, list and revoke API keys");
    add_create(key);
    add_list(key);
    add_revoke(key);
}

}  // namespace tenantry::cli
