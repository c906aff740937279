#include "answer.hpp"

#include <gtest/gtest.h>

namespace tenantry::bench {
namespace {

constexpr std::string_view whole =
    "HTTP/1.1 201 Created\r\ncontent-type: application/json\r\nContent-Length: 4\r\n\r\nbody";

std::string error_of(std::string_view bytes) {
    const auto fed = AnswerFramer{}.feed(bytes);
    return fed ? "none" : fed.error();
}

TEST(AnswerFramer, TakesAnAnswerThatArrivesByteByByte) {
    AnswerFramer framer;
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto fed = framer.feed(whole.substr(0, size));
        ASSERT_TRUE(fed && !*fed) << size;
    }
    const auto fed = framer.feed(whole);
    ASSERT_TRUE(fed && *fed);
    EXPECT_EQ((*fed)->status, 201);
    EXPECT_EQ((*fed)->body, "body");
}

TEST(AnswerFramer, StartsAnewAfterReset) {
    AnswerFramer framer;
    ASSERT_TRUE(framer.feed(whole));
    framer.reset();
    const auto fed = framer.feed("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    ASSERT_TRUE(fed && *fed);
    EXPECT_EQ((*fed)->status, 200);
    EXPECT_EQ((*fed)->body, "");
}

constexpr std::string_view in_chunks =
    "HTTP/1.1 206 Partial Content\r\nTransfer-Encoding: chunked\r\nContent-Range: 0-1/50\r\n\r\n"
    "2\r\nbo\r\n0b\r\ndy\r\n in two\r\n0\r\n\r\n";

TEST(AnswerFramer, JoinsChunksWhereTheyAreAllowed) {
    AnswerFramer framer{true};
    for (std::size_t size = 0; size < in_chunks.size(); ++size) {
        const auto fed = framer.feed(in_chunks.substr(0, size));
        ASSERT_TRUE(fed && !*fed) << size;
    }
    const auto fed = framer.feed(in_chunks);
    ASSERT_TRUE(fed && *fed);
    EXPECT_EQ((*fed)->body, "body\r\n in two");
    EXPECT_EQ((*fed)->total, 50);
    framer.reset();
    const auto next = framer.feed(whole);
    ASSERT_TRUE(next && *next);
    EXPECT_EQ((*next)->total, std::nullopt);
}

TEST(AnswerFramer, RefusesBadChunks) {
    const auto error = [](std::string_view body) {
        std::string text{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"};
        const auto fed = AnswerFramer{true}.feed(text.append(body));
        return fed ? "none" : fed.error();
    };
    EXPECT_EQ(error("x\r\n"), "a bad size of a chunk");
    EXPECT_EQ(error("1\r\nabc"), "a chunk that is longer than it says");
    EXPECT_EQ(error("0\r\n\r\nabc"), "3 bytes behind the answer");
}

TEST(AnswerFramer, RefusesWhatItCantFrame) {
    EXPECT_EQ(error_of("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"), "no HTTP/1.1 status line");
    EXPECT_EQ(error_of("HTTP/1.1 200 OK\r\nServer: x\r\n\r\n"), "no Content-Length");
    EXPECT_EQ(error_of("HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n"), "a bad Content-Length");
    EXPECT_EQ(error_of("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n"),
              "a bad Content-Length");
    EXPECT_EQ(error_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
              "a Transfer-Encoding instead of a Content-Length");
    EXPECT_EQ(error_of("HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"),
              "the server closes the connection, status 503");
    EXPECT_EQ(error_of(std::string{whole} + "HT"), "2 bytes behind the answer");
}

}  // namespace
}  // namespace tenantry::bench
