#include "cli/commands.hpp"

#include "cli/context.hpp"
#include "cli/output.hpp"
#include "server/signing_keys_file.hpp"
#include "services/records_json.hpp"

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <memory>

namespace tenantry::cli {
namespace {

using std::chrono::milliseconds;

struct SigningKeyOptions {
    SettingFlags settings;
    std::optional<milliseconds> keep;
    std::optional<std::string> kid;
    bool json = false;
};

std::string text_of(const std::optional<Timestamp>& time) {
    return time ? services::timestamp_text(*time) : "-";
}

Result<ExitCode> rotate(const SigningKeyOptions& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    const auto file = server::signing_keys_file(configuration);
    TENANTRY_TRY(kid, server::rotate_signing_keys(file, system_clock().now(),
                                                  options.keep.value_or(std::chrono::days{1})));
    print(kid + "\n");
    report(
        fmt::format("made a signing key in {}; every server that reads the file signs with it "
                    "from now, or half a minute from now if there was another",
                    file.string()));
    return ExitCode::done;
}

Result<ExitCode> list(const SigningKeyOptions& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    TENANTRY_TRY(keys, server::read_signing_keys(server::signing_keys_file(configuration)));
    const auto* signing = server::signing_at(keys, system_clock().now());
    if (options.json) {
        boost::json::array array;
        for (const auto& key : keys) {
            array.push_back(boost::json::object{
                {"kid", key.pair.kid()},
                {"signs", &key == signing},
                {"since", text_of(key.since)},
                {"until", key.until ? boost::json::value(text_of(key.until)) : nullptr}});
        }
        print(boost::json::serialize(array) + "\n");
        return ExitCode::done;
    }
    if (keys.empty()) {
        print(
            "Tokens are signed with the secret (HS256); for keys that others can verify tokens by, "
            "run:\ntenantry signing-key rotate\n");
        return ExitCode::done;
    }
    std::vector<std::vector<std::string>> rows{{"KID", "STATE", "SINCE", "VERIFIES UNTIL"}};
    for (const auto& key : keys) {
        rows.push_back({key.pair.kid(),
                        &key == signing ? "signs" : (key.until ? "verifies" : "next"),
                        text_of(key.since), text_of(key.until)});
    }
    print(table(rows));
    return ExitCode::done;
}

Result<ExitCode> revoke(const SigningKeyOptions& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    TENANTRY_TRY_VOID(server::revoke_signing_key(server::signing_keys_file(configuration),
                                                 *options.kid, system_clock().now()));
    print(fmt::format("The key {} is gone; within seconds its tokens are refused\n", *options.kid));
    return ExitCode::done;
}

void add_rotate(Command parent) {
    auto options = std::make_shared<SigningKeyOptions>();
    auto command = parent.add("rotate", "Make a key pair that signs from now on");
    command.option("--keep",
                   {.form = "DURATION",
                    .help = "How long tokens of the keys before it still hold; by default 1d"},
                   options->keep, server::parse_duration);
    add_settings(command, options->settings, {"database", "signing_keys_file"});
    command.examples("  tenantry signing-key rotate --keep 2h").action([options] {
        return rotate(*options);
    });
}

void add_list(Command parent) {
    auto options = std::make_shared<SigningKeyOptions>();
    auto command = parent.add("list", "List the key pairs, without their secret halves");
    command.flag("--json", "Answer in JSON", options->json);
    add_settings(command, options->settings, {"database", "signing_keys_file"});
    command.examples("  tenantry signing-key list --json").action([options] {
        return list(*options);
    });
}

void add_revoke(Command parent) {
    auto options = std::make_shared<SigningKeyOptions>();
    auto command = parent.add("revoke", "Take a key away: its tokens are refused at once");
    command.option("KID", {.form = "", .help = "As listed", .required = true}, options->kid,
                   parse_name);
    add_settings(command, options->settings, {"database", "signing_keys_file"});
    command.examples("  tenantry signing-key revoke sC0vIK0bXWjYh1bIyZTq9pYIh0dC4Z2nyOYyaDBcTBg")
        .action([options] { return revoke(*options); });
}

}  // namespace

void add_signing_key(Command parent) {
    auto key = parent.add("signing-key", "Make, list and revoke the keys that sign access tokens");
    key.examples(
        "Without such keys access tokens are signed with the secret, and only who has that can "
        "verify them.\nThe public halves are at /auth/v1/.well-known/jwks.json.");
    add_rotate(key);
    add_list(key);
    add_revoke(key);
}

}  // namespace tenantry::cli
