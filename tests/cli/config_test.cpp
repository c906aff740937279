#include "program_test.hpp"

#include <sys/stat.h>

namespace tenantry::cli {
namespace {

constexpr const char* secret = "a secret that nobody may ever see printed";

class Config : public ProgramTest {
protected:
    /// The value of a setting and where it comes from.
    std::string held(std::string_view name, Arguments flags = {}) const {
        Arguments arguments{"config"};
        arguments.insert(arguments.end(), flags.begin(), flags.end());
        const auto one = done_json(arguments).at(name);
        std::string text{one.at("value").is_null() ? "-"
                                                   : std::string{one.at("value").as_string()}};
        text += " " + std::string{one.at("source").as_string()};
        if (const auto* where = one.as_object().if_contains("where"))
            text += " " + std::string{where->as_string()};
        return text;
    }
};

TEST_F(Config, ShowsTheStrongestSource) {
    EXPECT_EQ(held("listen"), "127.0.0.1:8080 default");
    support::write_file(path("tenantry.toml"), "listen = '127.0.0.1:1'\n");
    EXPECT_EQ(held("listen"), "127.0.0.1:1 file tenantry.toml:1:10");
    environment_["TENANTRY_LISTEN"] = "127.0.0.1:2";
    EXPECT_EQ(held("listen"), "127.0.0.1:2 environment TENANTRY_LISTEN");
    EXPECT_EQ(held("listen", {"--listen", "127.0.0.1:3"}), "127.0.0.1:3 flag --listen");
}

TEST_F(Config, FindsItsFileByFlagThenVariableThenFolder) {
    support::write_file(path("tenantry.toml"), "threads = 1");
    support::write_file(path("variable.toml"), "threads = 2");
    support::write_file(path("flag.toml"), "threads = 3");
    EXPECT_EQ(held("threads"), "1 file tenantry.toml:1:11");
    environment_["TENANTRY_CONFIG"] = "variable.toml";
    EXPECT_EQ(held("threads"), "2 file variable.toml:1:11");
    EXPECT_EQ(held("threads", {"--config", "flag.toml"}), "3 file flag.toml:1:11");
}

TEST_F(Config, IsReadableAsATable) {
    environment_["TENANTRY_DATABASE"] = "sqlite:/srv/a.db";
    const auto shown = done({"config"});
    EXPECT_TRUE(
        holds(shown, {"SETTING", "VALUE", "FROM",
                      "database                          sqlite:/srv/a.db", "TENANTRY_DATABASE",
                      "(in /srv/a.db.jwt-secret)", "body_bytes_max                    8MiB"}));
}

TEST_F(Config, NeverPrintsASecret) {
    environment_["TENANTRY_JWT_SECRET"] = secret;
    EXPECT_EQ(held("jwt_secret"), "(set) environment TENANTRY_JWT_SECRET");
    EXPECT_FALSE(holds(done({"config"}), {secret}));
    environment_.clear();

    support::write_file(path("tenantry.toml"), std::string{"jwt_secret = '"} + secret + "'\n");
    ASSERT_EQ(::chmod(path("tenantry.toml").c_str(), 0600), 0);
    EXPECT_EQ(held("jwt_secret"), "(set) file tenantry.toml:1:14");
    ASSERT_EQ(::chmod(path("tenantry.toml").c_str(), 0644), 0);
    const auto message = refused(2, {"config"});
    EXPECT_TRUE(holds(message, {"tenantry.toml:1:14", "chmod 600 tenantry.toml"}));
    EXPECT_FALSE(holds(message, {secret}));
}

TEST_F(Config, TakesNoSecretFromTheCommandLine) {
    for (const auto& command : {Arguments{"serve"}, Arguments{"token"}, Arguments{"config"}}) {
        auto arguments = command;
        arguments.insert(arguments.end(), {"--jwt-secret", secret});
        const auto message = refused(2, arguments);
        EXPECT_TRUE(holds(message, {"TENANTRY_JWT_SECRET", "--jwt-secret-file"}));
        EXPECT_FALSE(holds(message, {secret}));
    }
}

TEST_F(Config, TreatsTheMasterKeyAsASecret) {
    const std::string key(64, '7');
    environment_["TENANTRY_MASTER_KEY"] = key;
    EXPECT_EQ(held("master_key"), "(set) environment TENANTRY_MASTER_KEY");
    EXPECT_FALSE(holds(done({"config"}), {key}));
    environment_["TENANTRY_MASTER_KEY"] = key + "7";
    const auto bad = refused(2, {"config"});
    EXPECT_TRUE(holds(bad, {"TENANTRY_MASTER_KEY: a master key is 32 random bytes"}));
    EXPECT_FALSE(holds(bad, {key}));
    environment_.clear();

    support::write_file(path("tenantry.toml"), "master_key = '" + key + "'\n");
    ASSERT_EQ(::chmod(path("tenantry.toml").c_str(), 0644), 0);
    const auto message = refused(2, {"config"});
    EXPECT_TRUE(holds(message, {"tenantry.toml:1:14", "chmod 600 tenantry.toml"}));
    EXPECT_FALSE(holds(message, {key}));
    for (const auto* command : {"serve", "config"}) {
        const auto flag = refused(2, {command, "--master-key", key});
        EXPECT_TRUE(holds(flag, {"TENANTRY_MASTER_KEY", "--master-key-file"}));
        EXPECT_FALSE(holds(flag, {key}));
    }
}

TEST_F(Config, NamesThePlaceOfWhatIsWrong) {
    EXPECT_TRUE(holds(refused(2, {"config", "--listen", "8080"}),
                      {"--listen: an address", "127.0.0.1:8080"}));
    EXPECT_TRUE(holds(refused(2, {"config", "--threads", "0"}), {"--threads: ", "from 1 to 256"}));
    EXPECT_TRUE(
        holds(refused(2, {"config", "--config", "gone.toml"}), {"gone.toml", "No such file"}));
    environment_["TENANTRY_IDLE_TIMEOUT"] = "soon";
    EXPECT_TRUE(holds(refused(2, {"config"}), {"TENANTRY_IDLE_TIMEOUT: a duration", "\"soon\""}));
    environment_.clear();
    support::write_file(path("tenantry.toml"), "[server]\nport = 1\n");
    EXPECT_TRUE(holds(refused(2, {"config"}), {"tenantry.toml:1:2: there is no setting \"server\"; "
                                               "there are database, database_direct"}));
    support::write_file(path("tenantry.toml"), "listen = \n");
    EXPECT_TRUE(holds(refused(2, {"config"}), {"tenantry.toml:1:", "no TOML"}));
}

TEST_F(Config, EveryCommandReadsIt) {
    support::write_file(path("tenantry.toml"), "database = 'supabase+https://hunter2.host'");
    for (const auto& command :
         {Arguments{"serve"}, Arguments{"migrate"}, Arguments{"tenant", "list"},
          Arguments{"tenant", "create", "acme"}, Arguments{"export", "--tenant", "acme"}}) {
        const auto message = refused(2, command);
        EXPECT_TRUE(
            holds(message, {"tenantry.toml:1:12", "not supported by this version", "sqlite:PATH"}));
        EXPECT_FALSE(holds(message, {"hunter2"}));
    }
}

TEST_F(Config, APasswordInADatabaseUrlIsASecret) {
    support::write_file(path("tenantry.toml"), "database = 'postgres://me:hunter2@host/db'");
    ASSERT_EQ(::chmod(path("tenantry.toml").c_str(), 0644), 0);
    const auto message = refused(2, {"config"});
    EXPECT_TRUE(holds(message, {"tenantry.toml:1:12", "chmod 600 tenantry.toml"}));
    EXPECT_FALSE(holds(message, {"hunter2"}));
    ASSERT_EQ(::chmod(path("tenantry.toml").c_str(), 0600), 0);
    const auto shown = done({"config"});
    EXPECT_TRUE(holds(shown, {"postgres://me@host/db"}));
    EXPECT_FALSE(holds(shown, {"hunter2"}));
}

TEST_F(Config, MentionsVariablesThatNobodyReads) {
    environment_["TENANTRY_LISTN"] = "127.0.0.1:1";
    const auto ended = run({"config"});
    EXPECT_EQ(ended.code, 0);
    EXPECT_EQ(ended.err,
              "tenantry: note: TENANTRY_LISTN is in the environment, but is no setting\n");
}

}  // namespace
}  // namespace tenantry::cli
