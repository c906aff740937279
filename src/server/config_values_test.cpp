#include "server/config.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace tenantry::server {
namespace {

using namespace std::chrono_literals;

TEST(ListenAddress, ReadsAddressesAndWritesThemBack) {
    struct Case {
        std::string_view text;
        std::string_view host;
        std::uint16_t port;
        std::string_view canonical;
    };
    for (const auto& [text, host, port, canonical] : std::initializer_list<Case>{
             {"127.0.0.1:8080", "127.0.0.1", 8080, "127.0.0.1:8080"},
             {"0.0.0.0:0", "0.0.0.0", 0, "0.0.0.0:0"},
             {"localhost:65535", "127.0.0.1", 65535, "127.0.0.1:65535"},
             {"[::1]:80", "::1", 80, "[::1]:80"},
             {"[0:0:0:0:0:0:0:1]:80", "::1", 80, "[::1]:80"},
             {"[::]:443", "::", 443, "[::]:443"},
         }) {
        const auto address = ListenAddress::parse(text);
        ASSERT_TRUE(address) << text;
        EXPECT_EQ(address->host(), host);
        EXPECT_EQ(address->port(), port);
        EXPECT_EQ(address->text(), canonical);
        EXPECT_EQ(*ListenAddress::parse(address->text()), *address);
    }
}

TEST(ListenAddress, KnowsWhatOnlyThisMachineReaches) {
    EXPECT_TRUE(ListenAddress::parse("127.0.0.5:1")->is_loopback());
    EXPECT_TRUE(ListenAddress::parse("[::1]:1")->is_loopback());
    EXPECT_FALSE(ListenAddress::parse("0.0.0.0:1")->is_loopback());
    EXPECT_FALSE(ListenAddress::parse("[::]:1")->is_loopback());
}

TEST(ListenAddress, RefusesAllElse) {
    for (const std::string_view text : {"",
                                        ":",
                                        "8080",
                                        "127.0.0.1",
                                        "127.0.0.1:",
                                        ":8080",
                                        "127.0.0.1:65536",
                                        "127.0.0.1:-1",
                                        "127.0.0.1:+1",
                                        "127.0.0.1:80 ",
                                        " 127.0.0.1:80",
                                        "127.1:80",
                                        "256.0.0.1:80",
                                        "example.com:80",
                                        "::1:80",
                                        "[::1]80",
                                        "[]:80",
                                        "[127.0.0.1]:80",
                                        "[fe80::1%eth0]:80",
                                        "http://127.0.0.1:80",
                                        "127.0.0.1:99999999999999999999"}) {
        const auto address = ListenAddress::parse(text);
        ASSERT_FALSE(address) << text;
        EXPECT_EQ(address.error().code, Errc::bad_value);
    }
    EXPECT_FALSE(ListenAddress::parse(std::string_view{"127.0.0.1\0:80", 13}));
}

TEST(DatabaseUrl, ReadsPaths) {
    EXPECT_EQ(DatabaseUrl::parse("sqlite:tenantry.db")->path(), "tenantry.db");
    EXPECT_EQ(DatabaseUrl::parse("sqlite:/var/lib/a b.db")->path(), "/var/lib/a b.db");
    EXPECT_EQ(DatabaseUrl::parse("sqlite:///var/lib/a.db")->path(), "/var/lib/a.db");
    EXPECT_EQ(DatabaseUrl::parse("sqlite:////a.db")->text(), "sqlite:/a.db");
    EXPECT_EQ(DatabaseUrl::parse("sqlite:../a.db")->text(), "sqlite:../a.db");
}

TEST(DatabaseUrl, TakesRelativePathsFromTheBase) {
    EXPECT_EQ(DatabaseUrl::parse("sqlite:a.db", "/etc")->path(), "/etc/a.db");
    EXPECT_EQ(DatabaseUrl::parse("sqlite:/srv/a.db", "/etc")->path(), "/srv/a.db");
}

TEST(DatabaseUrl, IsAPostgresOneThatIsShownWithoutItsPassword) {
    for (const std::string_view text :
         {"postgres://u:hunter2@db/x", "postgresql://db/x?user=u&password=hunter2"}) {
        const auto url = DatabaseUrl::parse(text, "/etc/tenantry").value();
        EXPECT_EQ(url.text(), "postgres://u@db/x");
        EXPECT_TRUE(url.has_password());
        EXPECT_EQ(url.postgres()->option("password"), "hunter2");
        EXPECT_EQ(url.path(), "/etc/tenantry/tenantry") << "its own files";
        EXPECT_EQ(engine::text_of(url.location()), "postgres://u@db/x");
    }
    EXPECT_FALSE(DatabaseUrl::parse("postgres://u@db/x")->has_password());
    EXPECT_FALSE(DatabaseUrl::parse("sqlite:a.db")->postgres());
}

TEST(DatabaseUrl, SaysThatOtherDatabasesAreNotSupported) {
    const auto url = DatabaseUrl::parse("supabase+https://hunter2.supabase.co");
    ASSERT_FALSE(url);
    EXPECT_NE(url.error().message.find("not supported by this version"), std::string::npos);
    EXPECT_EQ(url.error().message.find("hunter2"), std::string::npos);
}

TEST(DatabaseUrl, RefusesAllElse) {
    for (const std::string_view text :
         {"", "tenantry.db", "sqlite", "sqlite:", "sqlite:///", "sqlite://host/a.db", "sqlite:dir/",
          "sqlite::memory:", "sqlite:file:a.db", "sqlite:a.db?mode=ro", "SQLite:a.db",
          "mysql://u:hunter2@db/x", "POSTGRES://u:hunter2@db/x",
          "postgres://u:hunter2@db/x?nosuch=1"}) {
        const auto url = DatabaseUrl::parse(text);
        ASSERT_FALSE(url) << text;
        EXPECT_EQ(url.error().code, Errc::bad_value);
        EXPECT_EQ(url.error().message.find("hunter2"), std::string::npos);
    }
    EXPECT_FALSE(DatabaseUrl::parse(std::string_view{"sqlite:a\0b", 10}));
}

TEST(Duration, ReadsEachUnit) {
    EXPECT_EQ(*parse_duration("500ms"), 500ms);
    EXPECT_EQ(*parse_duration("90s"), 90s);
    EXPECT_EQ(*parse_duration("15m"), 15min);
    EXPECT_EQ(*parse_duration("12h"), 12h);
    EXPECT_EQ(*parse_duration("7d"), 7 * 24h);
    EXPECT_EQ(*parse_duration("0s"), 0s);
    EXPECT_EQ(*parse_duration("3650d"), 3650 * 24h);
}

TEST(Duration, RefusesAllElse) {
    for (const std::string_view text :
         {"", "1", "s", "-1s", "+1s", "1.5h", "1 h", " 1h", "1h ", "1H", "1w", "1h30m", "3651d",
          "315360001s", "99999999999999999999s", "9999999999999999d"}) {
        EXPECT_FALSE(parse_duration(text)) << text;
    }
}

TEST(Duration, TextIsReadBack) {
    for (const auto& [duration, text] :
         std::initializer_list<std::pair<std::chrono::milliseconds, std::string_view>>{
             {0ms, "0s"},
             {1ms, "1ms"},
             {1500ms, "1500ms"},
             {15s, "15s"},
             {75s, "75s"},
             {120s, "2m"},
             {36h, "36h"},
             {48h, "2d"}}) {
        EXPECT_EQ(duration_text(duration), text);
        EXPECT_EQ(*parse_duration(text), duration);
    }
}

TEST(Bytes, ReadsNumbersAndUnits) {
    EXPECT_EQ(*parse_bytes("0"), 0U);
    EXPECT_EQ(*parse_bytes("65536"), 65536U);
    EXPECT_EQ(*parse_bytes("64KiB"), 65536U);
    EXPECT_EQ(*parse_bytes("8MiB"), 8388608U);
    EXPECT_EQ(*parse_bytes("1GiB"), 1073741824U);
    EXPECT_EQ(bytes_text(65536), "64KiB");
    EXPECT_EQ(bytes_text(65537), "65537");
    EXPECT_EQ(bytes_text(0), "0");
}

TEST(Bytes, RefusesAllElse) {
    for (const std::string_view text : {"", "KiB", "1K", "1kb", "8 MiB", "-1", "1.5MiB", "1TiB",
                                        "18446744073709551616", "99999999999999999GiB"}) {
        EXPECT_FALSE(parse_bytes(text)) << text;
    }
    EXPECT_EQ(*parse_bytes("18446744073709551615"), std::numeric_limits<std::size_t>::max());
}

TEST(Origins, ReadsWhatBrowsersSend) {
    EXPECT_EQ(*parse_origins("*"), std::vector<std::string>{"*"});
    EXPECT_EQ(*parse_origins("https://app.example.com, http://localhost:5173,http://[::1]:80"),
              (std::vector<std::string>{"https://app.example.com", "http://localhost:5173",
                                        "http://[::1]:80"}));
}

TEST(Functions, AreNames) {
    EXPECT_EQ(*parse_functions("top_leads, \u00e9tat"),
              (std::vector<std::string>{"top_leads", "\u00e9tat"}));
    const std::string long_name(64, 'a');
    for (const std::string_view text :
         {std::string_view{}, std::string_view{","}, std::string_view{"a,"},
          std::string_view{"a b"}, std::string_view{"a\"b"}, std::string_view{"a,b,a"},
          std::string_view{long_name}}) {
        EXPECT_FALSE(parse_functions(text)) << text;
    }
}

TEST(Origins, RefusesAllElse) {
    for (const std::string_view text :
         {"", ",", "*,", "app.example.com", "https://", "https://app.example.com/",
          "https://App.example.com", "ftp://x", "https://a b", "null"}) {
        EXPECT_FALSE(parse_origins(text)) << text;
    }
}

}  // namespace
}  // namespace tenantry::server
