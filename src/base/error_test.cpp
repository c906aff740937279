#include "base/error.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>

namespace tenantry {
namespace {

TEST(Errc, EachHasATextOfItsOwn) {
    std::set<std::string_view> texts;
    const auto last = static_cast<int>(Errc::mail_unavailable);
    for (int i = 0; i <= last; ++i) {
        const auto text = code_of(static_cast<Errc>(i));
        EXPECT_FALSE(text.empty());
        EXPECT_EQ(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_8"), std::string_view::npos)
            << text;
        EXPECT_TRUE(texts.insert(text).second) << text;
    }
}

TEST(Errc, TextsThatClientsRelyOnStand) {
    EXPECT_EQ(code_of(Errc::tenant_required), "tenant_required");
    EXPECT_EQ(code_of(Errc::tenant_mismatch), "tenant_mismatch");
    EXPECT_EQ(code_of(Errc::not_found), "not_found");
    EXPECT_EQ(code_of(Errc::unique_violation), "unique_violation");
    EXPECT_EQ(code_of(Errc::bad_cursor), "bad_cursor");
}

Result<int> half(int number) {
    if (number % 2 != 0) return fail(Errc::bad_value, "is odd", "number");
    return number / 2;
}

Result<int> quarter(int number) {
    TENANTRY_TRY(first, half(number));
    TENANTRY_TRY(second, half(first));
    return second;
}

Result<void> check_even(int number) {
    TENANTRY_TRY_VOID(half(number));
    return {};
}

TEST(Result, TryGoesOnWithTheValueOrReturnsTheError) {
    EXPECT_EQ(quarter(12).value(), 3);
    EXPECT_EQ(quarter(7).error(), (Error{Errc::bad_value, "is odd", "number"}));
    EXPECT_EQ(quarter(6).error(), (Error{Errc::bad_value, "is odd", "number"}));
    EXPECT_TRUE(check_even(2));
    EXPECT_EQ(check_even(3).error().code, Errc::bad_value);
}

TEST(Result, TakingTheValueOfARefusalThrowsItsCodeAndNoMore) {
    const Result<int> refused = fail(Errc::not_found, "a text that may name things", "id");
    try {
        std::ignore = refused.value();
        FAIL() << "nothing was thrown";
    } catch (const std::logic_error& error) {
        EXPECT_EQ(std::string{error.what()}, "value of a refused result taken: not_found");
    }
}

TEST(Error, ComparesCodeMessageAndField) {
    EXPECT_EQ(fail(Errc::bad_id, "m", "f"), (Error{Errc::bad_id, "m", "f"}));
    EXPECT_NE(fail(Errc::bad_id, "m", "f"), fail(Errc::bad_id, "m"));
    EXPECT_NE(fail(Errc::bad_id, "m"), fail(Errc::bad_value, "m"));
}

}  // namespace
}  // namespace tenantry
