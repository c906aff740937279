#include "schema/native_text.hpp"

#include "schema/json.hpp"

#include <gtest/gtest.h>

namespace tenantry::schema {
namespace {

std::string text_of(std::string_view json, bool is_json = false) {
    return native_text(read_json(json).value(), is_json);
}

TEST(NativeText, IsWhatTheTypeReads) {
    EXPECT_EQ(text_of(R"("2026-01-06")"), "2026-01-06");
    EXPECT_EQ(text_of("42"), "42");
    EXPECT_EQ(text_of("true"), "true");
    EXPECT_EQ(text_of(R"({"a":[1]})"), R"({"a":[1]})");
}

TEST(NativeText, OfArraysQuotesTheirElements) {
    EXPECT_EQ(text_of(R"([1,null,"NULL",""])"), R"({1,NULL,"NULL",""})");
    EXPECT_EQ(text_of(R"([[1,2],[3,4]])"), "{{1,2},{3,4}}");
    EXPECT_EQ(text_of(R"(["a\"b\\c,}"])"), R"({"a\"b\\c,}"})");
    EXPECT_EQ(text_of(R"([{"a":"b"}])"), R"({"{\"a\":\"b\"}"})");
    EXPECT_EQ(text_of("[]"), "{}");
}

TEST(NativeText, OfJsonIsJson) {
    EXPECT_EQ(text_of(R"("a")", true), R"("a")");
    EXPECT_EQ(text_of("[1,null]", true), "[1,null]");
}

}  // namespace
}  // namespace tenantry::schema
