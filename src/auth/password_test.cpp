#include "auth/password.hpp"

#include <gtest/gtest.h>

namespace tenantry::auth {
namespace {

TEST(Password, IsKnownByItsHashAlone) {
    const auto hash = hash_password("correct horse");
    EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << hash;
    EXPECT_TRUE(is_password(hash, "correct horse"));
    EXPECT_FALSE(is_password(hash, "correct horse "));
    EXPECT_FALSE(is_password(hash, ""));
    EXPECT_NE(hash_password("correct horse"), hash);
}

TEST(Password, WithNulAndOtherBytes) {
    const std::string_view odd{"a\0b\xff", 4};
    const auto hash = hash_password(odd);
    EXPECT_TRUE(is_password(hash, odd));
    EXPECT_FALSE(is_password(hash, "a"));
}

TEST(Password, OfNoHashIsNone) {
    for (const auto* hash : {"", "x", "$argon2i$v=19$m=19456,t=2,p=1$AAAA$AAAA", "$argon2id$"})
        EXPECT_FALSE(is_password(hash, "")) << hash;
    EXPECT_FALSE(is_password(std::string(500, 'x'), "x"));
}

}  // namespace
}  // namespace tenantry::auth
