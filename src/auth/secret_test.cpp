#include "auth/token.hpp"

#include <gmock/gmock.h>

#include <type_traits>

namespace tenantry::auth {
namespace {

static_assert(!std::is_copy_constructible_v<Secret>);
static_assert(!std::is_constructible_v<Secret, std::string_view>);

TEST(Secret, LengthIsBounded) {
    EXPECT_EQ(Secret::parse(std::string(31, 's')).error().code, Errc::bad_configuration);
    EXPECT_EQ(Secret::parse("").error().code, Errc::bad_configuration);
    EXPECT_EQ(Secret::parse(std::string(1025, 's')).error().code, Errc::bad_configuration);
    for (const std::size_t length : {32UL, 33UL, 1024UL}) {
        EXPECT_EQ(Secret::parse(std::string(length, 's')).value().bytes(),
                  std::string(length, 's'));
    }
}

TEST(Secret, RefusalDoesNotRepeatTheText) {
    const auto refused = Secret::parse("hunter2");
    EXPECT_THAT(refused.error().message, testing::Not(testing::HasSubstr("hunter2")));
}

TEST(Secret, MovesHandOverTheOnlyCopy) {
    const std::string text(40, 'a');
    Secret first = Secret::parse(text).value();
    Secret second = std::move(first);
    EXPECT_EQ(second.bytes(), text);
    EXPECT_EQ(first.bytes(), "");  // NOLINT(bugprone-use-after-move): stated in the header

    Secret third = Secret::parse(std::string(50, 'b')).value();
    third = std::move(second);
    EXPECT_EQ(third.bytes(), text);
    EXPECT_EQ(second.bytes(), "");  // NOLINT(bugprone-use-after-move): stated in the header
}

}  // namespace
}  // namespace tenantry::auth
