#pragma once
/// What commands share: the configuration's flags, the database, and waiting for coroutines.

#include "auth/scope_issuer.hpp"
#include "cli/command_line.hpp"
#include "engine/control_store.hpp"
#include "server/config.hpp"

#include <filesystem>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tenantry::engine {
class Engine;
class Executor;
}  // namespace tenantry::engine

namespace tenantry::cli {

/// Settings as a command's flags gave them.
struct SettingFlags {
    std::optional<std::string> config_file{};
    std::vector<std::pair<std::string, std::string>> values{};
};

/// Gives `command` a flag for each of those settings, and --config. `into` must outlive its run.
void add_settings(Command& command, SettingFlags& into,
                  std::initializer_list<std::string_view> names);
/// For all settings.
void add_all_settings(Command& command, SettingFlags& into);

/// What holds: defaults, file, environment, flags. Errors: bad_configuration.
Result<server::Configuration> load_configuration(const SettingFlags& flags);

/// A tenant's or user's name: 1 to 255 bytes of text without control characters.
/// Errors: bad_value.
Result<std::string> parse_name(std::string_view text);

enum class Missing { create, refuse };

/// Sees to it that the database is there and of this program's version. A missing file is made if
/// that is what `missing` says; a PostgreSQL database never is, since that takes its owner.
/// Errors: those of engine::schema_version.
Result<void> require_database(const server::Configuration& configuration, Missing missing);

/// The database's file, for what is only done to files. `instead` says what to do with a PostgreSQL
/// database. Errors: bad_configuration.
Result<std::filesystem::path> database_file(const server::Configuration& configuration,
                                            std::string_view instead);

/// The platform's records. Errors: as require_database.
Result<std::unique_ptr<engine::ControlStore>> open_store(const server::Configuration& configuration,
                                                         Missing missing = Missing::refuse);

/// The tenant, if it is there and active; the text of the error says how to make it so.
/// Errors: not_found, tenant_unavailable.
Result<engine::TenantRecord> require_active(engine::ControlStore& store, const TenantId& tenant);

/// The engine with a scope issuer for the work of commands, which come without a token.
class Workshop {
public:
    /// Errors: as require_database.
    static Result<std::unique_ptr<Workshop>> open(const server::Configuration& configuration);
    ~Workshop();
    Workshop(const Workshop&) = delete;
    Workshop& operator=(const Workshop&) = delete;

    engine::Executor& executor();
    auth::Directory& directory();
    const auth::ScopeIssuer& issuer() const { return issuer_; }

private:
    explicit Workshop(std::unique_ptr<engine::Engine> engine);
    std::unique_ptr<engine::Engine> engine_;
    // Never sees a token: its secret is random and goes with it.
    auth::TokenVerifier verifier_;
    auth::ScopeIssuer issuer_;
};

}  // namespace tenantry::cli
