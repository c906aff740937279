#include "credentials.hpp"

#include "base64.hpp"

#include <gtest/gtest.h>

namespace tenantry::mail {
namespace {

TEST(Base64, IsPadded) {
    EXPECT_EQ(base64(""), "");
    EXPECT_EQ(base64("f"), "Zg==");
    EXPECT_EQ(base64("fo"), "Zm8=");
    EXPECT_EQ(base64("foo"), "Zm9v");
    EXPECT_EQ(base64("\xfb\xff\xfe"), "+//+");
}

TEST(Credentials, TextThatRepeatsThePasswordIsLeftOut) {
    const Credentials credentials{"ada", Password{"hunter2"}};
    const std::string hidden = "(a text that repeats the password)";
    EXPECT_EQ(credentials.presentable("5.7.8 wrong: hunter2"), hidden);
    EXPECT_EQ(credentials.presentable("5.7.8 wrong: aHVudGVyMg=="), hidden);
    EXPECT_EQ(credentials.presentable("5.7.8 wrong: AGFkYQBodW50ZXIy"), hidden);
    EXPECT_EQ(credentials.presentable("5.7.8 ada may not"), "5.7.8 ada may not");
}

TEST(Credentials, WithoutAPasswordNothingIsHidden) {
    const Credentials nobody{"", Password{}};
    EXPECT_TRUE(nobody.empty());
    EXPECT_EQ(nobody.presentable("5.7.1 no relaying"), "5.7.1 no relaying");
}

TEST(Credentials, WhatIsPresentedCanRewriteNoTerminal) {
    const Credentials credentials{"ada", Password{"hunter2"}};
    EXPECT_EQ(credentials.presentable("\x1b[2J\x07 no\xff"), "?[2J? no?");
}

}  // namespace
}  // namespace tenantry::mail
