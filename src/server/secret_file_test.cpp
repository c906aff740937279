#include "server/secret_file.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <set>
#include <thread>
#include <vector>

namespace tenantry::server {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view long_secret = "correct-horse-battery-staple-and-more";

class SecretFile : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "tenantry-secret-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
        own_ = folder_ / "a.db.jwt-secret";
    }
    void TearDown() override { fs::remove_all(folder_); }

    Configuration configuration(std::vector<std::pair<std::string, std::string>> flags = {}) const {
        flags.emplace_back("database", "sqlite:" + (folder_ / "a.db").string());
        auto held = configure({.flags = std::move(flags)});
        EXPECT_TRUE(held);
        return std::move(*held);
    }
    static void write(const fs::path& path, std::string_view text, mode_t mode = 0600) {
        std::ofstream{path} << text;
        ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    }
    std::string refusal(const Configuration& configuration) const {
        const auto secret = signing_secret(configuration);
        return secret ? std::string{} : secret.error().message;
    }

    fs::path folder_;
    fs::path own_;
};

TEST_F(SecretFile, IsMadeOnceAndFoundAgain) {
    const auto first = signing_secret(configuration());
    ASSERT_TRUE(first);
    EXPECT_TRUE(first->created);
    EXPECT_EQ(first->file, own_);
    EXPECT_EQ(fs::status(own_).permissions(), fs::perms{0600});
    EXPECT_GE(first->secret.bytes().size(), 43U);  // 32 bytes or more as base64url

    const auto second = signing_secret(configuration());
    ASSERT_TRUE(second);
    EXPECT_FALSE(second->created);
    EXPECT_EQ(second->secret.bytes(), first->secret.bytes());
    EXPECT_EQ(std::distance(fs::directory_iterator{folder_}, {}), 1) << "nothing temporary is left";
}

TEST_F(SecretFile, IsAnotherOneForEachDatabase) {
    std::set<std::string, std::less<>> secrets;
    for (int i = 0; i < 5; ++i) {
        const auto made = signing_secret(configuration());
        ASSERT_TRUE(made);
        secrets.emplace(made->secret.bytes());
        fs::remove(own_);
    }
    EXPECT_EQ(secrets.size(), 5U);
}

TEST_F(SecretFile, IsTheSameForAllWhoMakeItAtOnce) {
    std::vector<std::string> seen(8);
    {
        std::vector<std::jthread> threads;
        for (auto& mine : seen) {
            threads.emplace_back(
                [this, &mine] { mine = signing_secret(configuration())->secret.bytes(); });
        }
    }
    EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 1U);
    EXPECT_EQ(std::distance(fs::directory_iterator{folder_}, {}), 1);
}

TEST_F(SecretFile, IsNotMadeWhereOneIsConfigured) {
    const auto held =
        configure({.environment = {{"TENANTRY_JWT_SECRET", std::string{long_secret}}}});
    ASSERT_TRUE(held);
    const auto secret = signing_secret(*held);
    ASSERT_TRUE(secret);
    EXPECT_EQ(secret->secret.bytes(), long_secret);
    EXPECT_EQ(secret->file, "");

    const auto path = folder_ / "key";
    write(path, std::string{long_secret} + "\r\n");
    const auto from_file = signing_secret(configuration({{"jwt_secret_file", path}}));
    ASSERT_TRUE(from_file);
    EXPECT_EQ(from_file->secret.bytes(), long_secret);
    EXPECT_FALSE(from_file->created);
    EXPECT_FALSE(fs::exists(own_));
}

TEST_F(SecretFile, ThatWasNamedMustBeThere) {
    EXPECT_EQ(refusal(configuration({{"jwt_secret_file", folder_ / "gone"}})),
              "there is no secret file " + (folder_ / "gone").string() +
                  " (jwt_secret_file from --jwt-secret-file)");
    EXPECT_FALSE(fs::exists(folder_ / "gone"));
}

TEST_F(SecretFile, ThatOthersCanReadIsRefusedWithTheCommandToRun) {
    for (const mode_t mode : {0640U, 0604U, 0644U, 0660U, 0777U}) {
        write(own_, long_secret, mode);
        EXPECT_EQ(refusal(configuration()), "the secret file " + own_.string() +
                                                " can be read by others; run: chmod 600 " +
                                                own_.string());
    }
    write(own_, long_secret, 0400);
    EXPECT_TRUE(signing_secret(configuration()));
}

TEST_F(SecretFile, MustHoldASecretOfReasonableLength) {
    for (const std::string& text :
         {std::string{}, std::string{"\n"}, std::string{"short\n"}, std::string(5000, 'x')}) {
        write(own_, text);
        const auto message = refusal(configuration());
        EXPECT_TRUE(message.starts_with("the secret file " + own_.string())) << message;
        EXPECT_EQ(message.find("short\n"), std::string::npos);
    }
}

TEST_F(SecretFile, IsNoFolderAndNoPipe) {
    fs::create_directory(own_);
    EXPECT_NE(refusal(configuration()), "");
    fs::remove(own_);
    ASSERT_EQ(::mkfifo(own_.c_str(), 0600), 0);
    EXPECT_NE(refusal(configuration()).find("is no file"), std::string::npos);
}

TEST_F(SecretFile, CannotBeMadeWithoutItsFolder) {
    fs::remove_all(folder_);
    EXPECT_NE(refusal(configuration()).find("there is no folder " + folder_.string()),
              std::string::npos);
}

}  // namespace
}  // namespace tenantry::server
