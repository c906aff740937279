#include "server/master_key.hpp"

#include "cli/actor.hpp"
#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "engine/database.hpp"

#include <fmt/format.h>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <memory>

namespace tenantry::cli {
namespace {

using auth::KeyId;

struct MasterKeyOptions {
    SettingFlags settings;
    std::optional<std::string> new_key_file;
    bool confirmed = false;
    bool json = false;
};

Result<std::unique_ptr<auth::TenantKeys>> open_keys(const server::Configuration& configuration) {
    TENANTRY_TRY_VOID(require_database(configuration, Missing::refuse));
    return engine::open_tenant_keys(configuration.database.value.location(),
                                    configuration.lock_timeout.value);
}

void print_json(const boost::json::object& answer) { print(boost::json::serialize(answer) + "\n"); }

// --- rotate -------------------------------------------------------------------------------------

void print_rotated(const server::Rotated& done, const server::MasterKeyPlace& place) {
    print(fmt::format("The master key is now {}; {} {} wrapped anew\n", done.to.text(),
                      done.rewrapped,
                      done.rewrapped == 1 ? "tenant's key was" : "tenants' keys were"));
    if (done.file.empty()) {
        print(fmt::format("Servers need it to read secrets: set {} to it, and restart them\n",
                          place.setting));
    } else {
        print(
            fmt::format("It is in {}, where running servers find it; keep a copy elsewhere\n"
                        "The old one, {}, is in {}: backups made until now need it\n",
                        done.file.string(), done.from.text(), done.kept.string()));
    }
}

Result<ExitCode> rotate(const MasterKeyOptions& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    const auto place = server::master_key_place(configuration);
    std::optional<auth::MasterKey> to;
    if (options.new_key_file) {
        TENANTRY_TRY(key, server::read_master_key_file(*options.new_key_file));
        to.emplace(std::move(key));
    }
    TENANTRY_TRY(keys, open_keys(configuration));
    TENANTRY_TRY(done, server::rotate_master_key(place, *keys, std::move(to), actor()));
    if (!options.json) {
        print_rotated(done, place);
        return ExitCode::done;
    }
    boost::json::object answer{{"from", done.from.text()},
                               {"to", done.to.text()},
                               {"rewrapped", done.rewrapped},
                               {"file", nullptr},
                               {"old_key_file", nullptr}};
    if (!done.file.empty()) {
        answer["file"] = done.file.string();
        answer["old_key_file"] = done.kept.string();
    }
    print_json(answer);
    return ExitCode::done;
}

// --- show-id ------------------------------------------------------------------------------------

std::string or_dash(const std::optional<KeyId>& id) { return id ? id->text() : "-"; }

boost::json::value or_null(const std::optional<KeyId>& id) {
    return id ? boost::json::value(id->text()) : boost::json::value(nullptr);
}

/// The key that servers would use; nullopt if there is none yet.
Result<std::optional<KeyId>> id_at(const server::MasterKeyPlace& place,
                                   std::optional<KeyId> recorded) {
    if (!place.key && !recorded) {
        const auto key = server::read_master_key_file(place.file);
        if (key) return std::optional{key->id()};
        if (place.own && key.error().code == Errc::not_found) return std::optional<KeyId>{};
        return key.error();
    }
    TENANTRY_TRY(key, server::load_master_key(place, recorded, {}));
    return std::optional{key.id()};
}

Result<ExitCode> show_id(const MasterKeyOptions& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    const auto place = server::master_key_place(configuration);
    TENANTRY_TRY(keys, open_keys(configuration));
    TENANTRY_TRY(recorded, keys->master());
    TENANTRY_TRY(id, id_at(place, recorded));
    const auto source = place.key ? place.setting : place.file.string();
    if (options.json) {
        print_json(
            {{"master_key", or_null(id)}, {"source", source}, {"database", or_null(recorded)}});
    } else {
        print(table(
            {{"master key", or_dash(id), fmt::format("({})", source)},
             {"database", or_dash(recorded), recorded ? "(needed)" : "(no secret stored yet)"}}));
    }
    return ExitCode::done;
}

// --- give-up ------------------------------------------------------------------------------------

Result<ExitCode> give_up(const MasterKeyOptions& options) {
    if (!options.confirmed) {
        return fail(Errc::bad_request,
                    "nothing was changed; this gives up every secret for good: to confirm, add "
                    "--yes-lose-secrets");
    }
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    TENANTRY_TRY(keys, open_keys(configuration));
    TENANTRY_TRY(lost,
                 server::give_up_secrets(server::master_key_place(configuration), *keys, actor()));
    if (options.json) {
        print_json({{"tenants", lost}});
    } else {
        print(fmt::format("Gave up the secrets of {} {}; new ones can be stored\n", lost,
                          lost == 1 ? "tenant" : "tenants"));
    }
    return ExitCode::done;
}

// --- the commands -------------------------------------------------------------------------------

std::shared_ptr<MasterKeyOptions> add_options(Command& command) {
    auto options = std::make_shared<MasterKeyOptions>();
    command.flag("--json", "Answer in JSON", options->json);
    add_settings(command, options->settings,
                 {"database", "master_key", "master_key_file", "lock_timeout"});
    return options;
}

void add_rotate(Command parent) {
    auto command = parent.add("rotate", "Wrap the tenants' keys by a new master key");
    auto options = add_options(command);
    command
        .option("--new-key-file",
                {.form = "FILE",
                 .help = "Holds the new key: 32 bytes as base64 or hexadecimal digits; else a "
                         "random one is made"},
                options->new_key_file, parse_any_text)
        .examples(
            "  tenantry master-key rotate\n"
            "  (umask 077; head -c 32 /dev/urandom | base64 > new.key)\n"
            "  tenantry master-key rotate --new-key-file new.key\n"
            "\n"
            "No secret is read or written, and servers go on meanwhile. The new key takes the "
            "place of the\n"
            "old one in its file. A key given as master_key is yours to replace: restart the "
            "servers with the\n"
            "new one. Interrupted at any point, both keys are found; run it again to complete it.")
        .action([options] { return rotate(*options); });
}

void add_show_id(Command parent) {
    auto command = parent.add("show-id", "Show which master key there is, and which is needed");
    auto options = add_options(command);
    command
        .examples(
            "  tenantry master-key show-id\n"
            "\n"
            "An id tells keys apart and tells nothing of them. The exit code is 2 if the master "
            "key at hand is\n"
            "not the one that the database needs.")
        .action([options] { return show_id(*options); });
}

void add_give_up(Command parent) {
    auto command =
        parent.add("give-up", "Give up all secrets where the master key is lost, to start anew");
    auto options = add_options(command);
    command.flag("--yes-lose-secrets", "Confirm it", options->confirmed)
        .examples(
            "  tenantry master-key give-up --yes-lose-secrets\n"
            "\n"
            "It does nothing while the master key can be found. Cookies and credentials that were "
            "stored stay\n"
            "in their rows as ciphertext that nobody can read; store new ones over them.")
        .action([options] { return give_up(*options); });
}

}  // namespace

void add_master_key(Command parent) {
    auto group = parent.add("master-key", "Rotate and identify the key of secrets at rest");
    add_rotate(group);
    add_show_id(group);
    add_give_up(group);
}

}  // namespace tenantry::cli
