#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/output.hpp"
#include "engine/sqlite/sqlite_engine.hpp"
#include "server/secret_file.hpp"
#include "server/server.hpp"

#include <fmt/format.h>

#include <memory>

namespace tenantry::cli {
namespace {

struct ServeOptions {
    SettingFlags settings;
    bool migrate = false;
};

Result<void> prepare_database(const ServeOptions& options,
                              const server::Configuration& configuration) {
    const auto& database = configuration.database.value;
    if (options.migrate && database.postgres()) {
        return fail(Errc::bad_configuration,
                    "a PostgreSQL database is migrated as its owner, and served as another role: "
                    "run tenantry migrate first",
                    "database");
    }
    if (!options.migrate) return require_database(configuration, Missing::create);
    TENANTRY_TRY_VOID(engine::sqlite::migrate(database.path()));
    return {};
}

void announce(const server::Configuration& configuration, std::uint16_t port) {
    const auto& listen = configuration.listen.value;
    const auto url = listen.is_v6() ? fmt::format("http://[{}]:{}", listen.host(), port)
                                    : fmt::format("http://{}:{}", listen.host(), port);
    print(fmt::format("Listening on {}\n", url));
    if (!listen.is_loopback()) {
        report(
            "note: other machines can reach this address, and HTTP is not encrypted; put a proxy "
            "with TLS in front of it");
    }
}

Result<ExitCode> serve(const ServeOptions& options) {
    TENANTRY_TRY(configuration, load_configuration(options.settings));
    TENANTRY_TRY(serving, server::server_options(configuration));
    TENANTRY_TRY_VOID(prepare_database(options, configuration));
    TENANTRY_TRY(signing, server::signing_secret(configuration));
    if (signing.created)
        report(fmt::format("made a secret to sign tokens with: {}", signing.file.string()));

    server::StopSignal stop_signal;
    server::Log log{{.level = configuration.log_level.value,
                     .access_log = configuration.access_log.value,
                     .format = configuration.log_format.value}};
    auto server = server::Server::start(serving, std::move(signing.secret), log);
    if (!server) {
        // An address that is in use is no slip in the configuration: next time it may be free.
        report(server.error().message);
        return ExitCode::failed;
    }
    announce(configuration, (*server)->port());
    TENANTRY_TRY_VOID(finish_output());
    stop_signal.wait([&] { (*server)->reload(); });
    (*server)->stop();
    return ExitCode::done;
}

}  // namespace

void add_serve(Command parent) {
    auto options = std::make_shared<ServeOptions>();
    auto command = parent.add("serve", "Serve the API over HTTP until SIGINT or SIGTERM");
    command.flag("--migrate", "First bring an older database to this program's schema version",
                 options->migrate);
    add_all_settings(command, options->settings);
    command
        .examples(
            "  tenantry serve\n"
            "  tenantry serve --database sqlite:/var/lib/tenantry/tenantry.db --listen "
            "0.0.0.0:8080\n"
            "  TENANTRY_LOG_LEVEL=debug tenantry serve --access-log true\n"
            "\n"
            "Without a database file it makes one; one of an older schema version is refused "
            "unless --migrate\n"
            "is given. The first signal lets requests finish, a second one ends at once.")
        .action([options] { return serve(*options); });
}

}  // namespace tenantry::cli
