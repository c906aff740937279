#include "auth/key_uses.hpp"

#include <gtest/gtest.h>

namespace tenantry::auth {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp noon{std::chrono::seconds{1'767'225'600}};

ApiKeyId key(char last) {
    return ApiKeyId::parse(std::string{"01890a5d-ac96-774b-bcce-b302099a805"} + last).value();
}

TEST(KeyUses, AreToldOnce) {
    KeyUses uses;
    uses.note(key('2'), noon);
    uses.note(key('1'), noon + 1s);
    EXPECT_EQ(uses.take(noon + 2s), (std::vector<KeyUse>{{key('1'), noon + 1s}, {key('2'), noon}}));
    EXPECT_TRUE(uses.take(noon + 3s).empty());
}

TEST(KeyUses, AreToldOnceAMinuteForEachKey) {
    KeyUses uses;
    uses.note(key('1'), noon);
    uses.take(noon);
    uses.note(key('1'), noon + 59s);
    EXPECT_TRUE(uses.take(noon + 59s).empty());
    uses.note(key('1'), noon + 60s);
    EXPECT_EQ(uses.take(noon + 61s), (std::vector<KeyUse>{{key('1'), noon + 60s}}));
}

TEST(KeyUses, ThatWereForgottenAreToldAnew) {
    KeyUses uses;
    uses.note(key('1'), noon);
    EXPECT_EQ(uses.take(noon + 2min).size(), 1U);
    uses.note(key('1'), noon + 2min);
    EXPECT_EQ(uses.take(noon + 2min), (std::vector<KeyUse>{{key('1'), noon + 2min}}));
}

}  // namespace
}  // namespace tenantry::auth
