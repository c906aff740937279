#include "realtime_message.hpp"

#include <gtest/gtest.h>

namespace tenantry::bench {
namespace {

std::string row(std::string_view tag, std::string_view tenant) {
    return std::string{R"({"tenant_id":"t1","last_name":")"}
        .append(tag)
        .append(R"(","metadata":{"marker":"tenant=)")
        .append(tenant)
        .append(R"("}})");
}

std::string change(const std::string& members) {
    return R"([null,null,"realtime:leads","postgres_changes",{"ids":[1],"data":{)" + members +
           R"(,"errors":null}}])";
}

TEST(EventOf, IsTheFourthElement) {
    EXPECT_EQ(event_of(change("")), "postgres_changes");
    EXPECT_EQ(event_of(R"(["1","1","realtime:leads","phx_reply",{"status":"ok"}])"), "phx_reply");
    EXPECT_EQ(event_of(R"(["1","1","realtime:leads","phx_re)"), "");
    EXPECT_EQ(event_of(R"({"event":"phx_reply"})"), "");
    EXPECT_EQ(event_of(""), "");
}

TEST(IsOk, LooksAtTheStatus) {
    EXPECT_TRUE(is_ok(R"(["1","1","a","phx_reply",{"status":"ok","response":{}}])"));
    EXPECT_FALSE(is_ok(R"(["1","1","a","phx_reply",{"status":"error","response":{}}])"));
}

TEST(TagOf, IsTheNewRowsWhicheverComesFirst) {
    const Tag tag{.run = 9, .tenant = 3, .number = 1234};
    const auto now = R"("record":)" + row(text_of(tag), "t1");
    const auto before = R"("old_record":)" + row("change-9-3-7", "t1");
    EXPECT_EQ(tag_of(change(now + "," + before)), tag);
    EXPECT_EQ(tag_of(change(before + "," + now)), tag);
    EXPECT_EQ(tag_of(change(now)), tag);
}

TEST(TagOf, IsNoneWithoutOneInTheNewRow) {
    const auto before = R"("old_record":)" + row("change-9-3-7", "t1");
    EXPECT_EQ(tag_of(change(before)), std::nullopt);
    EXPECT_EQ(tag_of(change(R"("record":)" + row("Abbott", "t1") + "," + before)), std::nullopt);
    EXPECT_EQ(tag_of(change(R"("record":)" + row("change-9-3", "t1"))), std::nullopt);
    EXPECT_EQ(tag_of(change(R"("record":)" + row("change-9-3-", "t1"))), std::nullopt);
    EXPECT_EQ(tag_of(R"("record":{"last_name":"change-9-3-12)"), std::nullopt);
}

TEST(HasForeignRow, LooksAtEveryMarker) {
    const auto own = R"("record":)" + row("change-9-0-1", "t1");
    EXPECT_FALSE(has_foreign_row(change(own), "t1"));
    EXPECT_TRUE(has_foreign_row(change(own + R"(,"old_record":)" + row("x", "t2")), "t1"));
    EXPECT_TRUE(has_foreign_row(change(R"("record":)" + row("x", "t11")), "t1"));
    EXPECT_TRUE(has_foreign_row(change(own), "t11"));
}

}  // namespace
}  // namespace tenantry::bench
