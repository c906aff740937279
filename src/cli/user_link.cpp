// Links that let somebody in by the mailbox, for servers that send no mail.

#include "base/text.hpp"
#include "cli/actor.hpp"
#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "engine/database.hpp"
#include "server/account_links.hpp"
#include "services/accounts.hpp"

#include <fmt/format.h>

#include <memory>

namespace tenantry::cli {
namespace {

using std::chrono::milliseconds;

struct UserLinkOptions {
    SettingFlags settings;
    std::optional<std::string> email;
    std::optional<TenantId> tenant;
    std::optional<Role> role;
    std::optional<milliseconds> expires;
};

Result<std::string> parse_email(std::string_view text) {
    if (!is_email(text)) return fail(Errc::bad_value, "this is no e-mail address");
    return to_lower_ascii(text);
}

Result<ExitCode> make_link(const UserLinkOptions& options) {
    if (options.role && !options.tenant) {
        return fail(Errc::bad_configuration,
                    "a role is one in a tenant: name it with --tenant, or leave --role out");
    }
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    TENANTRY_TRY_VOID(require_database(configuration, Missing::refuse));
    TENANTRY_TRY(store, engine::open_account_store(configuration.database.value.location()));
    const auto purpose =
        options.tenant ? engine::MailPurpose::invite : engine::MailPurpose::recovery;
    if (purpose == engine::MailPurpose::recovery) {
        TENANTRY_TRY(account, store->find(*options.email));
        if (!account) {
            return fail(Errc::not_found, fmt::format("there is no user {}; invite them: tenantry "
                                                     "user link {} --tenant ID --role ROLE",
                                                     *options.email, *options.email));
        }
    }
    engine::MailToken token{
        .purpose = purpose,
        .email = *options.email,
        .membership = {},
        .expires_at = system_clock().now() + options.expires.value_or(std::chrono::days{1})};
    if (options.tenant)
        token.membership.emplace(*options.tenant, options.role.value_or(Role::viewer));
    const auto made = services::OpaqueToken::make();
    TENANTRY_TRY_VOID(store->keep_mail_token(token, made.hash, actor()));
    print(server::link_of(configuration.site_url.value, purpose, made.text) + "\n");
    if (configuration.site_url.value.empty()) {
        report(
            fmt::format("this is a token alone, since site_url is not set; it goes to "
                        "verifyOtp({{ token_hash, type: '{}' }})",
                        engine::name_of(purpose)));
    }
    return ExitCode::done;
}

}  // namespace

void add_user_link(Command parent) {
    auto options = std::make_shared<UserLinkOptions>();
    auto command = parent.add("link", "Print a link that lets somebody in, once");
    command
        .option("EMAIL", {.form = "", .help = "Whom it is for", .required = true}, options->email,
                parse_email)
        .option("--tenant", {.form = "ID", .help = "Invites into this tenant"}, options->tenant,
                TenantId::parse)
        .option("--role", {.form = "ROLE", .help = "What they become there; by default viewer"},
                options->role, parse_role)
        .option("--expires", {.form = "DURATION", .help = "How long the link holds; by default 1d"},
                options->expires, server::parse_duration);
    add_settings(command, options->settings, {"database", "site_url"});
    command
        .examples(
            "  tenantry user link ann@acme.example --tenant acme --role admin\n"
            "  tenantry user link ann@acme.example\n"
            "\n"
            "The second is for somebody who forgot the password. Whoever has the link is taken for "
            "the owner of\n"
            "the mailbox: hand it to nobody else.")
        .action([options] { return make_link(*options); });
}

}  // namespace tenantry::cli
