#include "auth/api_key.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace tenantry::auth {
namespace {

// Made once by hand; the check is CRC-32 (zlib's) in base 62, the hash sha256sum's.
constexpr std::string_view golden = "tnk_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG_3l4cvF";

TEST(ApiKeys, AreOfAFormThatToolsCanTell) {
    EXPECT_EQ(ApiKey::parse(golden).value().text(), golden);
    EXPECT_EQ(ApiKey::parse(golden).value().hash(),
              "696520fa553f3906b540b3982c6bdd2e4b9ea55676c5cf40f110a2abc9c381cd");
    EXPECT_EQ(ApiKey::parse(golden).value().prefix(), "tnk_01234567");
    EXPECT_EQ(ApiKey::parse(golden).value().kind(), ApiKey::Kind::tenant);
}

TEST(ApiKeys, SayInTheirPrefixWhoseTheyAre) {
    using Kind = ApiKey::Kind;
    for (const auto& [kind, beginning] : {std::pair{Kind::tenant, "tnk_"},
                                          {Kind::platform, "tno_"},
                                          {Kind::secret, "sb_secret_"},
                                          {Kind::publishable, "sb_publishable_"}}) {
        const auto key = ApiKey::make(kind);
        EXPECT_EQ(key.kind(), kind);
        EXPECT_EQ(key.text().size(), std::string_view{beginning}.size() + 43 + 1 + 6);
        EXPECT_TRUE(ApiKey::claims_to_be(key.text()));
        EXPECT_EQ(ApiKey::parse(key.text()).value().kind(), kind);
        EXPECT_TRUE(key.text().starts_with(beginning));
        EXPECT_EQ(key.prefix().size(), std::string_view{beginning}.size() + 8);
    }
}

TEST(ApiKeys, AreAllDifferentAndUseAllDigits) {
    std::set<std::string> keys;
    std::set<char> digits;
    for (int i = 0; i < 1000; ++i) {
        const auto key = ApiKey::make(ApiKey::Kind::tenant);
        keys.emplace(key.text());
        for (const char c : key.text().substr(4, 43)) digits.insert(c);
    }
    EXPECT_EQ(keys.size(), 1000U);
    EXPECT_EQ(digits.size(), 62U);
}

TEST(ApiKeys, WithAnyCharacterChangedAreRefusedWithoutBeingRepeated) {
    const auto key = ApiKey::make(ApiKey::Kind::tenant);
    for (std::size_t at = 0; at < key.text().size(); ++at) {
        for (const char c : {'a', 'Z', '0', '_', '-', '\0', '\xC3'}) {
            std::string changed{key.text()};
            if (changed[at] == c) continue;
            changed[at] = c;
            const auto refused = ApiKey::parse(changed);
            ASSERT_FALSE(refused) << at << c;
            EXPECT_EQ(refused.error().code, Errc::token_invalid);
            EXPECT_EQ(refused.error().message.find(key.text().substr(4, 8)), std::string::npos);
        }
    }
}

TEST(ApiKeys, OfAnotherLengthAreRefused) {
    const std::string key{ApiKey::make(ApiKey::Kind::tenant).text()};
    for (std::size_t length = 0; length < key.size(); ++length)
        EXPECT_FALSE(ApiKey::parse(key.substr(0, length))) << length;
    EXPECT_FALSE(ApiKey::parse(key + "a"));
    EXPECT_FALSE(ApiKey::parse(" " + key));
}

TEST(ApiKeys, AreNotMistakenForTokens) {
    EXPECT_FALSE(ApiKey::claims_to_be("eyJhbGciOiJIUzI1NiJ9.e30.x"));
    EXPECT_FALSE(ApiKey::claims_to_be(""));
    EXPECT_FALSE(ApiKey::claims_to_be("tnk"));
    EXPECT_FALSE(ApiKey::claims_to_be("TNK_"));
}

TEST(ApiKeys, MovedFromAreEmpty) {
    auto key = ApiKey::make(ApiKey::Kind::tenant);
    const std::string text{key.text()};
    ApiKey other{std::move(key)};
    EXPECT_EQ(other.text(), text);
    EXPECT_EQ(key.text(), "");  // NOLINT(bugprone-use-after-move): what the header states
    key = std::move(other);
    EXPECT_EQ(key.text(), text);
}

}  // namespace
}  // namespace tenantry::auth
