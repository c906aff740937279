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
