#include "base/text.hpp"
#include "cli/actor.hpp"
#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "engine/database.hpp"

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <memory>

namespace tenantry::cli {
namespace {

struct TenantSignUpOptions {
    SettingFlags settings;
    std::optional<TenantId> id;
    std::optional<std::string> allow;
    std::optional<std::string> disallow;
    std::optional<Role> role;
    bool unconfirmed = false;
    bool json = false;
};

constexpr std::string_view anyone_word = "anyone";

Result<std::string> parse_domain(std::string_view text) {
    if (text == anyone_word) return std::string{engine::SignUpRule::anyone};
    if (is_email(fmt::format("a@{}", text))) return to_lower_ascii(text);
    return fail(Errc::bad_value, "this is a domain such as acme.example, or the word anyone");
}

std::string shown(const std::string& domain) {
    return domain == engine::SignUpRule::anyone ? std::string{anyone_word} : domain;
}

void print_rules(const TenantSignUpOptions& options, const std::vector<engine::SignUpRule>& rules) {
    if (options.json) {
        boost::json::array array;
        for (const auto& rule : rules) {
            array.push_back(boost::json::object{{"domain", shown(rule.domain)},
                                                {"role", name_of(rule.role)},
                                                {"confirm", rule.confirm}});
        }
        print(boost::json::serialize(array) + "\n");
        return;
    }
    if (rules.empty()) {
        print("Only who is invited can join\n");
        return;
    }
    std::vector<std::vector<std::string>> rows{{"WHO", "BECOMES", "ADDRESS"}};
    for (const auto& rule : rules) {
        rows.push_back({shown(rule.domain), std::string{name_of(rule.role)},
                        rule.confirm ? "confirmed by mail" : "taken on trust"});
    }
    print(table(rows));
}

Result<ExitCode> change(const TenantSignUpOptions& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    TENANTRY_TRY_VOID(require_database(configuration, Missing::refuse));
    TENANTRY_TRY(store, engine::open_account_store(configuration.database.value.location()));
    if ((options.role || options.unconfirmed) && !options.allow) {
        return fail(Errc::bad_configuration,
                    "--role and --unconfirmed say how somebody is let in: name them with --allow");
    }
    if (options.allow) {
        TENANTRY_TRY_VOID(store->set_sign_up_rule({.tenant = *options.id,
                                                   .domain = *options.allow,
                                                   .role = options.role.value_or(Role::viewer),
                                                   .confirm = !options.unconfirmed},
                                                  actor()));
    }
    if (options.disallow) {
        TENANTRY_TRY_VOID(store->remove_sign_up_rule(*options.id, *options.disallow, actor()));
    }
    TENANTRY_TRY(rules, store->sign_up_rules_of(*options.id));
    print_rules(options, rules);
    return ExitCode::done;
}

}  // namespace

void add_tenant_sign_up(Command parent) {
    auto options = std::make_shared<TenantSignUpOptions>();
    auto command = parent.add("sign-up", "Say who may join a tenant without an invitation");
    command
        .option("ID", {.form = "", .help = "The tenant", .required = true}, options->id,
                TenantId::parse)
        .option("--allow",
                {.form = "DOMAIN", .help = "Addresses of this domain, or the word anyone"},
                options->allow, parse_domain)
        .option("--role", {.form = "ROLE", .help = "What they become; by default viewer"},
                options->role, parse_role)
        .flag("--unconfirmed", "Take the address on trust, without a mail to it",
              options->unconfirmed)
        .option("--disallow", {.form = "DOMAIN", .help = "No longer"}, options->disallow,
                parse_domain)
        .flag("--json", "Answer in JSON", options->json);
    add_settings(command, options->settings, {"database"});
    command
        .examples(
            "  tenantry tenant sign-up acme --allow acme.example --role operator\n"
            "  tenantry tenant sign-up acme --disallow acme.example\n"
            "  tenantry tenant sign-up acme\n"
            "\n"
            "With --unconfirmed whoever knows an address of the domain gets in under it: it is for "
            "trying things\n"
            "out, and for tenants that are open to everybody.")
        .action([options] { return change(*options); });
}

}  // namespace tenantry::cli
