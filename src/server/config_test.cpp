#include "server/config.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace tenantry::server {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view long_secret = "correct-horse-battery-staple-and-more";

ConfigFile file(std::string text, std::filesystem::path folder = {}) {
    return {.name = "tenantry.toml", .folder = std::move(folder), .text = std::move(text)};
}

Result<Configuration> configure_file(std::string text) {
    return configure({.file = file(std::move(text))});
}

/// What a refused configuration says; empty if it was accepted.
std::string refusal(const ConfigSources& sources) {
    const auto configuration = configure(sources);
    if (configuration) return {};
    EXPECT_EQ(configuration.error().code, Errc::bad_configuration);
    return configuration.error().message;
}
std::string refusal(std::string text) {
    return refusal(ConfigSources{.file = file(std::move(text))});
}

TEST(Configuration, HasTheStatedDefaults) {
    const auto held = configure({});
    ASSERT_TRUE(held);
    EXPECT_EQ(held->database.value.text(), "sqlite:tenantry.db");
    EXPECT_EQ(held->listen.value.text(), "127.0.0.1:8080");
    EXPECT_FALSE(held->jwt_secret.value);
    EXPECT_FALSE(held->jwt_secret_file.value);
    EXPECT_EQ(held->log_level.value, LogLevel::info);
    EXPECT_FALSE(held->access_log.value);
    EXPECT_GE(held->threads.value, 1U);
    EXPECT_EQ(held->readers.value, 4U);
    EXPECT_EQ(held->writers.value, 8U);
    EXPECT_EQ(held->connections_max.value, 10'000U);
    EXPECT_EQ(held->write_queue_max.value, 10'000U);
    EXPECT_EQ(held->body_bytes_max.value, 8UL * 1024 * 1024);
    EXPECT_EQ(held->header_bytes_max.value, 64UL * 1024);
    EXPECT_EQ(held->request_deadline.value, 15s);
    EXPECT_EQ(held->idle_timeout.value, 75s);
    EXPECT_EQ(held->shutdown_timeout.value, 10s);
    EXPECT_EQ(held->lock_timeout.value, 5s);
    EXPECT_EQ(held->log_format.value, LogFormat::text);
    EXPECT_EQ(held->metrics.value, http::MetricsAccess::operators);
    EXPECT_EQ(default_quotas(*held), services::Quotas{});
    for (const auto& setting : show(*held)) EXPECT_EQ(setting.origin, Origin{}) << setting.name;
}

TEST(Configuration, ReadsEverySettingFromAFile) {
    const auto held = configure_file(R"(
database = "sqlite:/srv/a.db"
listen = "[::1]:81"
jwt_secret_file = "/etc/secret"
master_key_file = "/etc/master"
signing_keys_file = "/etc/keys"
issuers_file = "/etc/issuers"
public_url = "https://api.example/"
site_url = "https://app.example/welcome"
access_token_lifetime = "15m"
session_idle_max = "7d"
password_bytes_min = 12
sign_in_attempts = 30
smtp_url = "smtp://mail.example:587"
smtp_user = "tenantry"
smtp_from = "no-reply@app.example"
smtp_ca_file = "/etc/ca"
cors_origins = ["https://a.example", "https://b.example"]
operators_act_as = "viewer"
functions = ["top_leads", "lead_count"]
log_level = "debug"
access_log = true
log_format = "json"
metrics = "off"
threads = 3
readers = 2
writers = 32
connections_max = 7
write_queue_max = 8
body_bytes_max = "1MiB"
import_bytes_max = "2GiB"
header_bytes_max = 2048
request_deadline = "1s"
import_deadline = "1h"
idle_timeout = "2m"
shutdown_timeout = "0s"
lock_timeout = "250ms"
changes_kept = 500
changes_kept_for = "1h"
realtime_channels_max = 10
realtime_events_per_second = 20
realtime_payload_bytes_max = "1MiB"
realtime_outbox_bytes_max = "128KiB"
realtime_tenant_outbox_bytes_max = "2MiB"
webhook_attempts = 3
webhooks_private = true
quota_requests_per_second = 200
quota_request_burst = "unlimited"
quota_concurrent_requests = 0
quota_rows = 1000000
quota_body_bytes = 65536
)");
    ASSERT_TRUE(held) << held.error().message;
    std::vector<std::string> lines;
    for (const auto& setting : show(*held)) {
        if (setting.origin.kind == Origin::Kind::file)
            lines.push_back(std::string{setting.name} + "=" + setting.value);
    }
    EXPECT_EQ(lines, (std::vector<std::string>{
                         "database=sqlite:/srv/a.db",
                         "listen=[::1]:81",
                         "jwt_secret_file=/etc/secret",
                         "master_key_file=/etc/master",
                         "signing_keys_file=/etc/keys",
                         "issuers_file=/etc/issuers",
                         "public_url=https://api.example",
                         "site_url=https://app.example/welcome",
                         "access_token_lifetime=15m",
                         "session_idle_max=7d",
                         "password_bytes_min=12",
                         "sign_in_attempts=30",
                         "smtp_url=smtp://mail.example:587",
                         "smtp_user=tenantry",
                         "smtp_from=no-reply@app.example",
                         "smtp_ca_file=/etc/ca",
                         "cors_origins=https://a.example,https://b.example",
                         "operators_act_as=viewer",
                         "functions=top_leads,lead_count",
                         "log_level=debug",
                         "access_log=true",
                         "log_format=json",
                         "metrics=off",
                         "threads=3",
                         "readers=2",
                         "writers=32",
                         "connections_max=7",
                         "write_queue_max=8",
                         "body_bytes_max=1MiB",
                         "import_bytes_max=2GiB",
                         "header_bytes_max=2KiB",
                         "request_deadline=1s",
                         "import_deadline=1h",
                         "idle_timeout=2m",
                         "shutdown_timeout=0s",
                         "lock_timeout=250ms",
                         "changes_kept=500",
                         "changes_kept_for=1h",
                         "realtime_channels_max=10",
                         "realtime_events_per_second=20",
                         "realtime_payload_bytes_max=1MiB",
                         "realtime_outbox_bytes_max=128KiB",
                         "realtime_tenant_outbox_bytes_max=2MiB",
                         "webhook_attempts=3",
                         "webhooks_private=true",
                         "quota_requests_per_second=200",
                         "quota_request_burst=unlimited",
                         "quota_concurrent_requests=unlimited",
                         "quota_rows=1000000",
                         "quota_body_bytes=65536",
                     }));
    EXPECT_EQ(lines.size() + 4, settings().size())
        << "all but jwt_secret, master_key, smtp_password and database_direct, which a file "
           "doesn't "
           "go with";
}

TEST(Configuration, UrlsAreWholeAndHoldNoSecret) {
    const auto refusal = [](const std::string& line) {
        const auto held = configure_file(line);
        return held ? std::string{} : held.error().message;
    };
    EXPECT_NE(refusal("smtp_url = 'smtp://tenantry:k3y@mail.example'").find("smtp_user"),
              std::string::npos);
    EXPECT_EQ(refusal("smtp_url = 'smtp://tenantry:k3y@mail.example'").find("k3y"),
              std::string::npos);
    for (const auto* url : {"app.example", "ftp://app.example", "https://", "https://a b",
                            "https://app.example/#x", "javascript:alert(1)"}) {
        EXPECT_NE(refusal(std::string{"site_url = '"} + url + "'"), "") << url;
        EXPECT_NE(refusal(std::string{"public_url = '"} + url + "'"), "") << url;
    }
}

TEST(Configuration, TheDirectDatabaseIsASecondWayToThePostgresOne) {
    const auto held = configure_file(
        "database = 'postgres://u@pool/x'\ndatabase_direct = 'postgres://u:k3y@db/x'");
    ASSERT_TRUE(held) << held.error().message;
    EXPECT_EQ(held->database_direct.value->postgres()->option("host"), "db");
    for (const auto& setting : show(*held)) {
        if (setting.name == "database_direct") {
            EXPECT_EQ(setting.value, "postgres://u@db/x");
        }
    }
    EXPECT_EQ(refusal("database_direct = 'postgres://u:k3y@db/x'"),
              "tenantry.toml:1:19: database_direct is a second way to a PostgreSQL database, and "
              "database is sqlite:tenantry.db; set both, or leave this one out");
    EXPECT_EQ(refusal("database_direct = 'sqlite:a.db'"),
              "tenantry.toml:1:19: database_direct: this is a PostgreSQL database: "
              "postgres://user@host/database");
    const auto broken = refusal("database_direct = 'postgres://u:k3y@db/x?nosuch=1'");
    EXPECT_EQ(broken.find("k3y"), std::string::npos) << broken;
    auto open = file("database = 'postgres://h/d'\ndatabase_direct = 'postgres://u:k3y@db/x'");
    open.readable_by_others = true;
    EXPECT_NE(refusal({.file = open}).find("chmod 600"), std::string::npos);
}

// Every subset of the three sources: the strongest one present wins and is remembered.
TEST(Configuration, TheLaterSourceIsTheStronger) {
    for (unsigned sources = 0; sources < 8; ++sources) {
        ConfigSources given;
        std::string expected = "127.0.0.1:8080";
        Origin origin{};
        if ((sources & 1U) != 0) {
            given.file = file("\nlisten = '127.0.0.1:1'");
            expected = "127.0.0.1:1";
            origin = {Origin::Kind::file, "tenantry.toml:2:10"};
        }
        if ((sources & 2U) != 0) {
            given.environment = {{"TENANTRY_LISTEN", "127.0.0.1:2"}};
            expected = "127.0.0.1:2";
            origin = {Origin::Kind::environment, "TENANTRY_LISTEN"};
        }
        if ((sources & 4U) != 0) {
            given.flags = {{"listen", "127.0.0.1:3"}};
            expected = "127.0.0.1:3";
            origin = {Origin::Kind::flag, "--listen"};
        }
        const auto held = configure(given);
        ASSERT_TRUE(held);
        EXPECT_EQ(held->listen.value.text(), expected);
        EXPECT_EQ(held->listen.origin, origin);
    }
}

TEST(Configuration, EverySettingHasANameInEachSource) {
    for (const auto& setting : settings()) {
        EXPECT_TRUE(environment_name(setting.name).starts_with("TENANTRY_"));
        EXPECT_TRUE(flag_name(setting.name).starts_with("--"));
        EXPECT_FALSE(setting.form.empty());
        EXPECT_FALSE(setting.help.empty());
    }
    EXPECT_EQ(environment_name("jwt_secret"), "TENANTRY_JWT_SECRET");
    EXPECT_EQ(flag_name("log_level"), "--log-level");
}

TEST(Configuration, AWeakerSourceIsStillChecked) {
    EXPECT_NE(refusal({.file = file("listen = 'nowhere'"), .flags = {{"listen", "127.0.0.1:3"}}}),
              "");
}

TEST(Configuration, OperatorsActForNoTenantUnlessThatIsSaid) {
    EXPECT_FALSE(configure({})->operators_act_as.value);
    EXPECT_FALSE(configure_file("operators_act_as = 'none'")->operators_act_as.value);
    EXPECT_EQ(configure_file("operators_act_as = 'admin'")->operators_act_as.value, Role::admin);
    EXPECT_NE(refusal("operators_act_as = 'owner'"), "");
}

TEST(Configuration, TakesPathsInAFileFromItsFolder) {
    const auto held = configure(
        {.file = file("database = 'sqlite:a.db'\njwt_secret_file = 'key'", "/etc/tenantry")});
    ASSERT_TRUE(held);
    EXPECT_EQ(held->database.value.path(), "/etc/tenantry/a.db");
    EXPECT_EQ(*held->jwt_secret_file.value, "/etc/tenantry/key");
    EXPECT_EQ(
        configure({.environment = {{"TENANTRY_DATABASE", "sqlite:a.db"}}})->database.value.path(),
        "a.db");
}

TEST(Configuration, ReadsTextBeyondAscii) {
    const auto held = configure_file(
        "\xEF\xBB\xBF# où sont les données ?\ndatabase = \"sqlite:/srv/donn\\u00E9es~é.db\" # "
        "là\n");
    ASSERT_TRUE(held) << held.error().message;
    EXPECT_EQ(held->database.value.path(), "/srv/données~é.db");
    EXPECT_TRUE(refusal("clé = 1").starts_with("tenantry.toml:1:3: here the file is no TOML"));
    EXPECT_TRUE(refusal("'clé' = 1").starts_with("tenantry.toml:1:1: there is no setting \"clé\""));
}

TEST(Configuration, NamesPlaceAndAllowedKeysOfAnUnknownOne) {
    const auto message = refusal("listen = '127.0.0.1:1'\n  lisen = 'x'\n");
    EXPECT_TRUE(message.starts_with("tenantry.toml:2:3: there is no setting \"lisen\"")) << message;
    for (const auto& setting : settings())
        EXPECT_NE(message.find(setting.name), std::string::npos) << message;
}

TEST(Configuration, NamesPlaceAndTypeOfAWrongOne) {
    EXPECT_EQ(
        refusal("threads = 'four'"),
        "tenantry.toml:1:11: threads: this must be a whole number without quotes, but is text");
    EXPECT_EQ(refusal("\nlisten = 8080"),
              "tenantry.toml:2:10: listen: this must be text in quotes, but is a whole number");
    EXPECT_EQ(
        refusal("access_log = 'true'"),
        "tenantry.toml:1:14: access_log: this must be true or false without quotes, but is text");
    EXPECT_EQ(refusal("[listen]\nx = 1"),
              "tenantry.toml:1:1: listen: this must be text in quotes, but is a table");
    EXPECT_EQ(refusal("idle_timeout = 75"),
              "tenantry.toml:1:16: idle_timeout: this must be text such as \"15s\", but is a whole "
              "number");
    EXPECT_NE(refusal("threads = 1.5").find("a decimal number"), std::string::npos);
    EXPECT_NE(refusal("threads = [1]").find("an array"), std::string::npos);
    EXPECT_NE(refusal("listen = ['a', 'b']").find("an array"), std::string::npos);
    EXPECT_NE(refusal("cors_origins = ['https://a', 1]").find("an array"), std::string::npos);
    EXPECT_NE(refusal("cors_origins = []").find("an array"), std::string::npos);
    EXPECT_NE(refusal("threads = 2026-01-01").find("a date or time"), std::string::npos);
}

TEST(Configuration, NamesTheRangeOfAWrongNumber) {
    EXPECT_EQ(refusal("threads = 0"),
              "tenantry.toml:1:11: threads: this is a whole number from 1 to 256; found \"0\"");
    EXPECT_EQ(refusal({.environment = {{"TENANTRY_THREADS", "257"}}}),
              "TENANTRY_THREADS: this is a whole number from 1 to 256; found \"257\"");
    EXPECT_EQ(refusal({.flags = {{"body_bytes_max", "1"}}}),
              "--body-bytes-max: this is a size from 1KiB to 1GiB; found \"1\"");
    EXPECT_EQ(refusal({.flags = {{"request_deadline", "2h"}}}),
              "--request-deadline: this is a duration from 1ms to 1h; found \"2h\"");
    for (const std::string_view number :
         {"", "-1", "1x", " 1", "1.0", "0x1", "99999999999999999999"}) {
        EXPECT_NE(refusal({.environment = {{"TENANTRY_THREADS", std::string{number}}}}), "")
            << number;
    }
}

TEST(Configuration, RefusesWhatIsNotUtf8) {
    EXPECT_EQ(refusal({.environment = {{"TENANTRY_DATABASE", "sqlite:\xFF"}}}),
              "TENANTRY_DATABASE: this must be UTF-8 text without NUL");
    EXPECT_NE(refusal("jwt_secret_file = \"\\u0000\""), "");
}

TEST(Configuration, RefusesAnEmptyVariable) {
    for (const auto& setting : settings()) {
        const auto name = environment_name(setting.name);
        EXPECT_TRUE(refusal({.environment = {{name, ""}}}).starts_with(name + ": ")) << name;
    }
}

TEST(Configuration, PlacesAnErrorOfToml) {
    EXPECT_TRUE(refusal("listen = '127.0.0.1:1'\nthreads = = 1")
                    .starts_with("tenantry.toml:2:11: here the file is no TOML"));
    EXPECT_TRUE(refusal("threads = 1\nthreads = 2").starts_with("tenantry.toml:2:"));
    EXPECT_NE(refusal(std::string{"threads = 1\0", 12}), "");
    EXPECT_NE(refusal("threads = 1 # \xFF\xFE"), "");
    EXPECT_NE(refusal(std::string(2000, '[')), "");
    EXPECT_EQ(refusal(std::string{"threads = 1\n[\0", 14}),
              "tenantry.toml:1:1: the file is no UTF-8 text");
    EXPECT_TRUE(
        refusal("threads = 1\n\n[:]\n").starts_with("tenantry.toml:3:2: here the file is no TOML"));
}

TEST(Configuration, NeverRepeatsASecret) {
    const std::string secret = "k3y";
    for (const std::string& text :
         {std::string{"jwt_secret = k3y"}, std::string{"jwt_secret = 'k3y"},
          std::string{"jwt_secret = 'k3y'"}, std::string{"jwt_secret = \"\"\"\nk3y\\k3y\"\"\""},
          std::string{"master_key = k3y"}, std::string{"master_key = 'k3y'"},
          std::string{"master_key_file = 'f'\nmaster_key = k3y"}, std::string{"jwt_secret k3y"},
          std::string{"jwt_secret = ['k3y']"},
          std::string{"threads = 0 # the secret\nk3y = k3y k3y"}}) {
        const auto message = refusal(text);
        EXPECT_NE(message, "") << text;
        if (!text.starts_with("threads")) {
            EXPECT_EQ(message.find(secret), std::string::npos) << message;
        }
    }
    const auto held =
        configure({.environment = {{"TENANTRY_JWT_SECRET", std::string{long_secret}}}});
    ASSERT_TRUE(held);
    for (const auto& setting : show(*held)) {
        EXPECT_EQ(setting.value.find(long_secret), std::string::npos);
        if (setting.name == "jwt_secret") {
            EXPECT_EQ(setting.value, "(set)");
        }
    }
    const auto message =
        refusal({.environment = {{"TENANTRY_DATABASE", "postgres://me:k3y@host/db"}}});
    EXPECT_EQ(message.find(secret), std::string::npos) << message;
}

TEST(Configuration, RefusesASecretThatIsTooShort) {
    EXPECT_TRUE(refusal({.environment = {{"TENANTRY_JWT_SECRET", "short"}}})
                    .starts_with("TENANTRY_JWT_SECRET: "));
}

TEST(Configuration, RefusesASecretInAFileThatOthersCanRead) {
    auto open = file("jwt_secret = '" + std::string{long_secret} + "'");
    EXPECT_TRUE(configure({.file = open}));
    open.readable_by_others = true;
    const auto message = refusal({.file = open});
    EXPECT_NE(message.find("chmod 600 tenantry.toml"), std::string::npos) << message;
}

TEST(Configuration, KeepsOneOfSecretAndSecretFile) {
    const std::string secret{long_secret};
    EXPECT_NE(
        refusal("jwt_secret = '" + secret + "'\njwt_secret_file = 'key'").find("leave one out"),
        std::string::npos);
    const auto variable_wins = configure({.file = file("jwt_secret_file = 'key'"),
                                          .environment = {{"TENANTRY_JWT_SECRET", secret}}});
    ASSERT_TRUE(variable_wins);
    EXPECT_TRUE(variable_wins->jwt_secret.value);
    EXPECT_FALSE(variable_wins->jwt_secret_file.value);
    const auto flag_wins = configure(
        {.environment = {{"TENANTRY_JWT_SECRET", secret}}, .flags = {{"jwt_secret_file", "key"}}});
    ASSERT_TRUE(flag_wins);
    EXPECT_FALSE(flag_wins->jwt_secret.value);
    EXPECT_EQ(*flag_wins->jwt_secret_file.value, "key");
}

TEST(Configuration, KeepsOneOfMasterKeyAndItsFile) {
    const std::string key(64, '7');
    EXPECT_EQ(refusal("master_key = '" + key + "'\nmaster_key_file = 'key'"),
              "tenantry.toml:1:14: master_key and master_key_file are both set; leave one out");
    const auto held = configure(
        {.file = file("master_key_file = 'key'"), .environment = {{"TENANTRY_MASTER_KEY", key}}});
    ASSERT_TRUE(held);
    EXPECT_TRUE(held->master_key.value);
    EXPECT_FALSE(held->master_key_file.value);
    EXPECT_NE(refusal({.environment = {{"TENANTRY_MASTER_KEY", key + "7"}}}), "");
}

TEST(Configuration, WhatIsShownSetsTheSameAgain) {
    const auto held = configure(
        {.flags = {{"idle_timeout", "90s"}, {"header_bytes_max", "65537"}, {"listen", "[::1]:0"}}});
    ASSERT_TRUE(held);
    ConfigSources again;
    for (const auto& setting : show(*held)) {
        if (!setting.value.empty()) again.flags.emplace_back(setting.name, setting.value);
    }
    const auto same = configure(again);
    ASSERT_TRUE(same) << same.error().message;
    const auto values = [](const Configuration& configuration) {
        std::vector<std::string> all;
        for (const auto& setting : show(configuration)) all.push_back(setting.value);
        return all;
    };
    EXPECT_EQ(values(*same), values(*held));
}

class ConfigFiles : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "tenantry-config-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
        before_ = std::filesystem::current_path();
        std::filesystem::current_path(folder_);
    }
    void TearDown() override {
        std::filesystem::current_path(before_);
        std::filesystem::remove_all(folder_);
    }
    static void write(const std::filesystem::path& path, std::string_view text) {
        std::ofstream{path} << text;
    }

    std::filesystem::path folder_;
    std::filesystem::path before_;
};

TEST_F(ConfigFiles, TheOneInTheFolderIsOptional) {
    EXPECT_EQ(*find_config_file({}, {}), std::nullopt);
    write("tenantry.toml", "threads = 1");
    const auto found = find_config_file({}, {});
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->name, "tenantry.toml");
    EXPECT_EQ((*found)->folder, "");
    EXPECT_EQ((*found)->text, "threads = 1");
}

TEST_F(ConfigFiles, FlagThenVariableThenFolder) {
    write("tenantry.toml", "# folder");
    write("variable.toml", "# variable");
    write("flag.toml", "# flag");
    const std::map<std::string, std::string> environment{{"TENANTRY_CONFIG", "variable.toml"}};
    EXPECT_EQ((*find_config_file({}, {}))->text, "# folder");
    EXPECT_EQ((*find_config_file({}, environment))->text, "# variable");
    EXPECT_EQ((*find_config_file("flag.toml", environment))->text, "# flag");
}

TEST_F(ConfigFiles, ANamedOneMustBeThere) {
    const auto flag = find_config_file("gone.toml", {});
    ASSERT_FALSE(flag);
    EXPECT_EQ(flag.error(),
              fail(Errc::bad_configuration,
                   "cannot read the configuration file gone.toml: No such file or directory"));
    EXPECT_FALSE(find_config_file({}, {{"TENANTRY_CONFIG", "gone.toml"}}));
    EXPECT_FALSE(find_config_file({}, {{"TENANTRY_CONFIG", ""}}));
}

TEST_F(ConfigFiles, OnlyAFileOfReasonableSizeIsOne) {
    std::filesystem::create_directory("folder.toml");
    EXPECT_FALSE(read_config_file("folder.toml"));
    EXPECT_FALSE(read_config_file("/dev/zero"));
    ASSERT_EQ(::mkfifo("pipe.toml", 0600), 0);
    EXPECT_FALSE(read_config_file("pipe.toml"));
    write("large.toml", std::string((1UL << 20) + 1, '#'));
    EXPECT_FALSE(read_config_file("large.toml"));
}

TEST_F(ConfigFiles, RemembersWhetherOthersCanRead) {
    write("a.toml", "");
    ASSERT_EQ(::chmod("a.toml", 0600), 0);
    EXPECT_FALSE(read_config_file("a.toml")->readable_by_others);
    ASSERT_EQ(::chmod("a.toml", 0640), 0);
    EXPECT_TRUE(read_config_file("a.toml")->readable_by_others);
    EXPECT_EQ(read_config_file(folder_ / "a.toml")->folder, folder_);
}

}  // namespace
}  // namespace tenantry::server
