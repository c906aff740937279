#include "reply.hpp"

#include <gtest/gtest.h>

namespace tenantry::mail {
namespace {

Reply reply_of(std::initializer_list<std::string_view> lines) {
    Reply reply;
    for (const auto line : lines) reply.add_line(line);
    return reply;
}

TEST(Reply, IsCodeAndText) {
    const auto reply = reply_of({"550 5.1.1 no such mailbox\r\n"});
    EXPECT_EQ(reply.code(), 550);
    EXPECT_EQ(reply.text(), "5.1.1 no such mailbox");
    EXPECT_TRUE(reply.complete());
    EXPECT_TRUE(reply.negative());
    EXPECT_TRUE(reply.for_good());
    EXPECT_FALSE(reply.positive());
}

TEST(Reply, LinesAreJoinedUntilTheLast) {
    Reply reply;
    reply.add_line("451-4.7.1 come back\r\n");
    EXPECT_FALSE(reply.complete());
    reply.add_line("451 in a minute\r\n");
    EXPECT_TRUE(reply.complete());
    EXPECT_EQ(reply.text(), "4.7.1 come back in a minute");
    EXPECT_TRUE(reply.negative());
    EXPECT_FALSE(reply.for_good());
}

TEST(Reply, TheLastOneCounts) {
    const auto reply = reply_of({"220 hello\r\n", "502-no\r\n", "502 EHLO\r\n", "250\r\n"});
    EXPECT_EQ(reply.code(), 250);
    EXPECT_EQ(reply.text(), "");
    EXPECT_TRUE(reply.positive());
}

TEST(Reply, NotEvenAPositiveCodeCountsBeforeItsLastLine) {
    EXPECT_FALSE(reply_of({"250-mail.example.com\r\n"}).positive());
    EXPECT_FALSE(reply_of({}).positive());
    EXPECT_FALSE(reply_of({}).negative());
}

TEST(Reply, WhatIsNoReplyIsSkipped) {
    const auto reply =
        reply_of({"220 hello\r\n", "\r\n", "HTTP/1.1 400 Bad Request\r\n", "25", "+1 x"});
    EXPECT_EQ(reply.code(), 220);
    EXPECT_EQ(reply.text(), "hello");
}

TEST(Reply, TextIsCut) {
    Reply reply;
    for (int i = 0; i < 100; ++i) reply.add_line("554-" + std::string(50, 'x') + "\r\n");
    reply.add_line("554 end\r\n");
    EXPECT_EQ(reply.text().size(), Reply::text_bytes_max);
    EXPECT_EQ(reply.code(), 554);
}

}  // namespace
}  // namespace tenantry::mail
