#include "auth/token.hpp"

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "server/secret_file.hpp"

#include <fmt/format.h>

#include <memory>

namespace tenantry::cli {
namespace {

using std::chrono::milliseconds;

struct TokenOptions {
    SettingFlags settings;
    std::optional<TenantId> tenant;
    std::optional<std::string> user;
    std::optional<Role> role;
    std::optional<milliseconds> expires;
};

/// Whom a token is for, and what it lets them do.
struct Bearer {
    std::string subject;
    Role role;
};

Result<milliseconds> parse_expiry(std::string_view text) {
    TENANTRY_TRY(duration, server::parse_duration(text));
    if (duration < std::chrono::seconds{1})
        return fail(Errc::out_of_range, "a token holds for 1s at least");
    return duration;
}

Error no_such_user(const TokenOptions& options) {
    return fail(Errc::not_found, fmt::format("tenant {0} has no user {1}; see: tenantry tenant "
                                             "show {0}; or make one with: tenantry user create "
                                             "--tenant {0} --email {1} --role ROLE",
                                             options.tenant->text(), *options.user));
}

Result<Bearer> bearer_of_member(const TokenOptions& options, const engine::MemberRecord& member) {
    const auto role = options.role.value_or(member.role);
    if (role > member.role) {
        return fail(Errc::role_insufficient,
                    fmt::format("{} is {} in tenant {}, and a token can't make more of that; leave "
                                "--role out, or name a lower one",
                                member.email, name_of(member.role), member.tenant.text()));
    }
    return Bearer{member.user.text(), role};
}

/// A subject from elsewhere, such as a user of the login service that shares the signing secret.
Result<Bearer> bearer_from_elsewhere(const TokenOptions& options,
                                     const server::Configuration& configuration) {
    TENANTRY_TRY(workshop, Workshop::open(configuration));
    if (workshop->directory().standing(*options.tenant, *options.user).is_user) {
        return fail(
            Errc::not_a_member,
            fmt::format(
                "{} is a user, but no member of tenant {}; the server would refuse the token",
                *options.user, options.tenant->text()));
    }
    if (!options.role) {
        return fail(
            Errc::missing_field,
            fmt::format(
                "{} is no user of tenant {}, so say what the token is good for: --role ROLE",
                *options.user, options.tenant->text()));
    }
    return Bearer{*options.user, *options.role};
}

Result<Bearer> find_bearer(const TokenOptions& options,
                           const server::Configuration& configuration) {
    TENANTRY_TRY(store, open_store(configuration));
    TENANTRY_TRY(tenant, require_active(*store, *options.tenant));
    const auto member = store->member(tenant.id, *options.user);
    if (member) return bearer_of_member(options, *member);
    if (member.error().code != Errc::not_found) return member.error();
    // An address is certainly meant to be one of ours.
    if (is_email(*options.user)) return no_such_user(options);
    return bearer_from_elsewhere(options, configuration);
}

Result<ExitCode> make_token(const TokenOptions& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    TENANTRY_TRY(bearer, find_bearer(options, configuration));
    TENANTRY_TRY(signing, server::signing_secret(configuration));
    if (signing.created)
        report(fmt::format("made a secret to sign tokens with: {}", signing.file.string()));
    const auth::TokenVerifier signer{std::move(signing.secret)};
    const auto now = system_clock().now();
    const auth::Claims claims{.subject = bearer.subject,
                              .tenant = options.tenant,
                              .role = std::string{name_of(bearer.role)},
                              .expires_at = now + options.expires.value_or(std::chrono::hours{1})};
    print(signer.issue(claims, now) + "\n");
    return ExitCode::done;
}

}  // namespace

void add_token(Command parent) {
    auto options = std::make_shared<TokenOptions>();
    auto command = parent.add("token", "Print a token for the API, and nothing else");
    command
        .option("--tenant", {.form = "ID", .help = "The tenant that it is for", .required = true},
                options->tenant, TenantId::parse)
        .option("--user",
                {.form = "USER",
                 .help = "E-mail address or id of a member, or a subject of another login service",
                 .required = true},
                options->user, parse_name)
        .option(
            "--role",
            {.form = "ROLE",
             .help = "viewer, operator, admin or owner; at most, and by default, the member's own"},
            options->role, parse_role)
        .option("--expires",
                {.form = "DURATION", .help = "How long it holds: 90s, 15m, 12h, 7d; by default 1h"},
                options->expires, parse_expiry);
    add_settings(command, options->settings, {"database", "jwt_secret", "jwt_secret_file"});
    command
        .examples(
            "  tenantry token --tenant acme --user ann@acme.example --expires 12h\n"
            "  curl -H \"Authorization: Bearer $(tenantry token --tenant acme --user "
            "ann@acme.example)\" \\\n"
            "       http://127.0.0.1:8080/api/leads\n"
            "\n"
            "The secret that signs it is that of the server: see tenantry config. Without a "
            "configured one,\n"
            "it is made on first use and kept beside the database.")
        .action([options] { return make_token(*options); });
}

}  // namespace tenantry::cli
