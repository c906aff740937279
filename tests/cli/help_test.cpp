#include "program_test.hpp"

namespace tenantry::cli {
namespace {

using Help = ProgramTest;

struct Case {
    std::vector<std::string> command;
    std::vector<std::string> options;
};

const std::vector<Case>& commands() {
    static const std::vector<Case> all{
        {{"serve"},
         {"--migrate",         "--config",           "--database",         "--listen",
          "--jwt-secret-file", "--cors-origins",     "--log-level",        "--access-log",
          "--threads",         "--readers",          "--writers",          "--connections-max",
          "--write-queue-max", "--body-bytes-max",   "--header-bytes-max", "--request-deadline",
          "--idle-timeout",    "--shutdown-timeout", "--lock-timeout",     "TENANTRY_LISTEN"}},
        {{"serve"}, {"--master-key-file"}},
        {{"master-key", "rotate"}, {"--new-key-file", "--database", "--master-key-file", "--json"}},
        {{"master-key", "show-id"}, {"--database", "--master-key-file", "--json"}},
        {{"master-key", "give-up"}, {"--yes-lose-secrets", "--database", "--master-key-file"}},
        {{"migrate"}, {"--database", "--config", "--json", "TENANTRY_DATABASE"}},
        {{"tenant", "create"}, {"ID", "--name", "--database", "--json"}},
        {{"tenant", "list"}, {"--database", "--json"}},
        {{"tenant", "show"}, {"ID", "--database", "--json"}},
        {{"tenant", "rename"}, {"ID", "--name", "--database", "--json"}},
        {{"tenant", "suspend"}, {"ID", "--database", "--json"}},
        {{"tenant", "resume"}, {"ID", "--database", "--json"}},
        {{"tenant", "delete"}, {"ID", "--yes-delete", "--database", "--json"}},
        {{"tenant", "export"}, {"ID", "--output", "--database", "--json"}},
        {{"tenant", "import"}, {"FILE", "--tenant", "--name", "--database", "--json"}},
        {{"backup"}, {"FILE", "--database", "--json"}},
        {{"restore"}, {"FILE", "--replace", "--database", "--json"}},
        {{"scrub"}, {"--database", "--lock-timeout", "--json"}},
        {{"doctor"}, {"--database", "--json"}},
        {{"user", "create"}, {"--tenant", "--email", "--name", "--role", "--database", "--json"}},
        {{"user", "list"}, {"--tenant", "--database", "--json"}},
        {{"user", "set-role"}, {"--tenant", "--user", "--role", "--database", "--json"}},
        {{"user", "remove"}, {"--tenant", "--user", "--database", "--json"}},
        {{"key", "create"},
         {"--tenant", "--operator", "--name", "--role", "--expires", "--database", "--json"}},
        {{"key", "create"}, {"--kind"}},
        {{"tenant", "sign-up"},
         {"ID", "--allow", "--role", "--unconfirmed", "--disallow", "--database", "--json"}},
        {{"user", "link"}, {"EMAIL", "--tenant", "--role", "--expires", "--database"}},
        {{"signing-key", "rotate"}, {"--keep", "--database", "--signing-keys-file"}},
        {{"signing-key", "list"}, {"--database", "--signing-keys-file", "--json"}},
        {{"signing-key", "revoke"}, {"KID", "--database", "--signing-keys-file"}},
        {{"key", "list"}, {"--tenant", "--operator", "--database", "--json"}},
        {{"key", "revoke"}, {"ID", "--database", "--json"}},
        {{"audit", "list"}, {"--tenant", "--limit", "--database", "--json"}},
        {{"relation", "check"}, {"NAME", "--database", "--json"}},
        {{"relation", "list"}, {"--database", "--json"}},
        {{"function", "check"}, {"NAME", "--database", "--json"}},
        {{"function", "list"}, {"--database", "--functions", "--json"}},
        {{"token"},
         {"--tenant", "--user", "--role", "--expires", "--database", "--jwt-secret-file"}},
        {{"import", "leads"},
         {"FILE", "--tenant", "--map", "--mapping", "--country-code", "--dry-run", "--json",
          "--database"}},
        {{"export"}, {"--tenant", "--format", "--output", "--database"}},
        {{"config"}, {"--json", "--config", "--database", "--listen"}},
        {{"version"}, {"--json"}},
    };
    return all;
}

TEST_F(Help, OfEachCommandNamesItsOptionsAndGivesAnExample) {
    for (const auto& [command, options] : commands()) {
        auto arguments = command;
        arguments.emplace_back("--help");
        const auto help = done(arguments);
        for (const auto& option : options) EXPECT_TRUE(holds(help, {option})) << command.back();
        EXPECT_TRUE(command.front() == "version" ||
                    holds(help, {"Examples:\n  ", "tenantry " + command.front()}))
            << help;
        for (const auto* secret : {"--jwt-secret ", "--master-key "})
            EXPECT_FALSE(holds(help, {secret})) << "a secret is no flag";
    }
}

TEST_F(Help, OfTheProgramNamesEachCommand) {
    const auto help = done({"--help"});
    for (const auto& [command, options] : commands())
        EXPECT_TRUE(holds(help, {"\n  " + command.front()}));
    EXPECT_EQ(done({"-h"}), help);
}

TEST_F(Help, NeedsNoConfiguration) {
    environment_["TENANTRY_LISTEN"] = "nonsense";
    for (const auto& [command, options] : commands()) {
        auto arguments = command;
        arguments.emplace_back("--help");
        done(arguments);
    }
    done({"version"});
}

TEST_F(Help, IsPointedAtByUsageErrors) {
    EXPECT_TRUE(holds(
        refused(2, Arguments{}),
        {"a command is missing after tenantry; there are serve, migrate", "tenantry --help"}));
    EXPECT_TRUE(holds(refused(2, {"tenant"}),
                      {"after tenantry tenant; there are create, list", "tenantry tenant --help"}));
    EXPECT_TRUE(holds(refused(2, {"token"}), {"--tenant", "tenantry token --help"}));
    EXPECT_TRUE(holds(refused(2, {"frobnicate"}), {"no command frobnicate"}));
    EXPECT_TRUE(holds(refused(2, {"tenant", "frobnicate"}), {"no command frobnicate"}));
    EXPECT_TRUE(holds(refused(2, {"tenant", "create", "no spaces"}),
                      {"ID: ", "tenantry tenant create --help"}));
}

TEST_F(Help, VersionIsTheSameEverywhere) {
    const auto version = done({"version"});
    EXPECT_TRUE(version.starts_with("tenantry ")) << version;
    EXPECT_EQ(done({"--version"}), version);
    EXPECT_EQ("tenantry " + std::string{done_json({"version"}).at("version").as_string()} + "\n",
              version);
}

}  // namespace
}  // namespace tenantry::cli
