#include "server/signing_keys_file.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <fstream>

namespace tenantry::server {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr Timestamp start{std::chrono::seconds{1'800'000'000}};

class SigningKeysFile : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "tenantry-keys-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
        file_ = folder_ / "a.db.signing-keys";
    }
    void TearDown() override { fs::remove_all(folder_); }

    std::string signer(Timestamp now) const {
        const auto keys = read_signing_keys(file_).value();
        const auto* key = signing_at(keys, now);
        return key == nullptr ? std::string{} : key->pair.kid();
    }
    void write(std::string_view text, mode_t mode = 0600) const {
        std::ofstream{file_} << text;
        ASSERT_EQ(::chmod(file_.c_str(), mode), 0);
    }

    fs::path folder_;
    fs::path file_;
};

TEST_F(SigningKeysFile, WithoutOneNothingSigns) { EXPECT_EQ(signer(start), ""); }

TEST_F(SigningKeysFile, TheFirstKeySignsAtOnceAndIsItsOwnersAlone) {
    const auto first = rotate_signing_keys(file_, start, 1h).value();
    EXPECT_EQ(signer(start), first);
    EXPECT_EQ(fs::status(file_).permissions(), fs::perms{0600});
    EXPECT_EQ(read_signing_keys(file_).value().front().pair.kid(), first);
}

TEST_F(SigningKeysFile, TheNextSignsWhenAllServersKnowItAndTheOldVerifiesOn) {
    const auto first = rotate_signing_keys(file_, start, 1h).value();
    const auto second = rotate_signing_keys(file_, start + 1min, 1h).value();
    EXPECT_EQ(signer(start + 1min), first);
    EXPECT_EQ(signer(start + 1min + signing_keys_notice), second);
    const auto keys = read_signing_keys(file_).value();
    ASSERT_EQ(keys.size(), 2U);
    EXPECT_EQ(keys[0].until, start + 1min + signing_keys_notice + 1h);
    EXPECT_FALSE(keys[1].until);

    rotate_signing_keys(file_, start + 3h, 1h).value();
    EXPECT_EQ(read_signing_keys(file_).value().front().pair.kid(), second) << "the first is gone";
}

TEST_F(SigningKeysFile, ARevokedKeyIsGone) {
    const auto first = rotate_signing_keys(file_, start, 1h).value();
    EXPECT_EQ(revoke_signing_key(file_, "nobody", start).error().code, Errc::not_found);
    EXPECT_TRUE(revoke_signing_key(file_, first, start));
    EXPECT_TRUE(read_signing_keys(file_).value().empty());
}

TEST_F(SigningKeysFile, WhatIsNoneIsSaidWithoutTellingTheKey) {
    rotate_signing_keys(file_, start, 1h).value();
    std::string text;
    std::getline(std::ifstream{file_}, text, '\0');
    const auto at = text.find("\"d\":\"") + 5;
    const auto secret = text.substr(at, 20);
    auto cut = text;
    cut.erase(at, 3);
    for (const auto& bad : {std::string{"{}"}, std::string{"[]"}, std::string{"{\"keys\":[{}]}"},
                            std::string{"{\"keys\":[1]}"}, text.substr(0, text.size() / 2), cut}) {
        write(bad);
        const auto read = read_signing_keys(file_);
        ASSERT_FALSE(read) << bad;
        EXPECT_EQ(read.error().code, Errc::bad_configuration);
        EXPECT_EQ(read.error().message.find(secret.substr(5)), std::string::npos);
    }
    write(text, 0644);
    EXPECT_NE(read_signing_keys(file_).error().message.find("chmod"), std::string::npos);
}

}  // namespace
}  // namespace tenantry::server
