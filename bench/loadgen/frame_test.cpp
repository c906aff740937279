#include "frame.hpp"

#include <gtest/gtest.h>

namespace tenantry::bench {
namespace {

using namespace std::string_literals;

std::string error_of(std::string_view bytes) {
    const auto read = read_frame(bytes);
    return read ? "none" : read.error();
}

// A frame as a server sends it.
std::string from_server(std::string_view head, const std::string& payload) {
    return std::string{head} + payload;
}

void expect_whole(const std::string& bytes, const std::string& payload) {
    for (std::size_t size = 0; size < bytes.size(); size = size < 20 ? size + 1 : size * 2) {
        const auto read = read_frame(std::string_view{bytes}.substr(0, size));
        ASSERT_TRUE(read && !*read) << size;
    }
    const auto longer = bytes + "more";
    const auto read = read_frame(longer);
    ASSERT_TRUE(read && *read);
    EXPECT_EQ((*read)->opcode, Opcode::text);
    EXPECT_EQ((*read)->payload, payload);
    EXPECT_EQ((*read)->size, bytes.size());
}

TEST(ReadFrame, TakesEachFormOfALengthOnceAllIsThere) {
    expect_whole("\x81\x00"s, "");
    expect_whole(from_server("\x81\x05"s, "hello"), "hello");
    const std::string middle(300, 'm');
    expect_whole(from_server("\x81\x7e\x01\x2c"s, middle), middle);
    const std::string large(70'000, 'l');
    expect_whole(from_server("\x81\x7f\0\0\0\0\0\x01\x11\x70"s, large), large);
}

TEST(ReadFrame, RefusesWhatNoServerHereSends) {
    EXPECT_EQ(error_of("\x01\x02hi"s), "a part of a message, or an unknown opcode");
    EXPECT_EQ(error_of("\x80\x02hi"s), "a part of a message, or an unknown opcode");
    EXPECT_EQ(error_of("\x83\x02hi"s), "a part of a message, or an unknown opcode");
    EXPECT_EQ(error_of("\xc1\x02hi"s), "a frame with reserved bits or a mask");
    EXPECT_EQ(error_of("\x81\x82mask"s), "a frame with reserved bits or a mask");
    EXPECT_EQ(error_of("\x81\x7f\0\0\0\0\x01\x00\x00\x01"s), "a frame of 16777217 bytes");
}

TEST(AppendFrame, IsMaskedAndShort) {
    const auto head = [](std::size_t size) {
        std::string out;
        append_frame(out, Opcode::text, std::string(size, 'x'));
        return out.substr(0, out.size() - size);
    };
    EXPECT_EQ(head(125), "\x81\xfd\0\0\0\0"s);
    EXPECT_EQ(head(126), "\x81\xfe\0\x7e\0\0\0\0"s);
    EXPECT_EQ(head(65'535), "\x81\xfe\xff\xff\0\0\0\0"s);
    EXPECT_EQ(head(65'536), "\x81\xff\0\0\0\0\0\x01\0\0\0\0\0\0"s);
}

TEST(CloseCode, StandsInTheFirstTwoBytes) {
    EXPECT_EQ(close_code("\x03\xf0too slow"s), 1008);
    EXPECT_EQ(close_code(""), 1005);
}

}  // namespace
}  // namespace tenantry::bench
