#include "message.hpp"

#include "frame.hpp"

#include <gtest/gtest.h>

namespace tenantry::http::realtime {
namespace {

using namespace std::string_literals;

std::string read(const Result<Inbound>& message) {
    if (!message) return "refused";
    const auto text = [](const std::optional<std::string>& part) { return part.value_or("-"); };
    auto out = text(message->join_ref) + " " + text(message->ref) + " " + message->topic + " " +
               message->event;
    if (message->push)
        out += (message->push->is_json ? " json " : " bytes ") + message->push->event + " " +
               message->push->payload;
    return out;
}

TEST(RealtimeMessage, TextIsReadInBothVersions) {
    EXPECT_EQ(read(parse_text(Version::v2, R"(["1","2","realtime:a","phx_join",{}])")),
              "1 2 realtime:a phx_join");
    EXPECT_EQ(read(parse_text(Version::v2, R"([null,"2","phoenix","heartbeat",{}])")),
              "- 2 phoenix heartbeat");
    EXPECT_EQ(
        read(parse_text(
            Version::v1,
            R"({"topic":"realtime:a","event":"phx_join","payload":{},"ref":"1","join_ref":"1"})")),
        "1 1 realtime:a phx_join");
    EXPECT_EQ(read(parse_text(Version::v1, R"({"topic":"phoenix","event":"heartbeat"})")),
              "- - phoenix heartbeat");
}

TEST(RealtimeMessage, OtherTextIsRefused) {
    for (const auto* text :
         {"", "[", "{}", "[]", "[null,null,null,null,null]", "7", R"(["1","2","t","e"])",
          R"(["1","2","t","e",{},{}])", R"([1,"2","t","e",{}])", R"(["1","2",3,"e",{}])",
          R"({"topic":"t","event":"e"})"}) {
        EXPECT_EQ(read(parse_text(Version::v2, text)), "refused") << text;
    }
    EXPECT_EQ(read(parse_text(Version::v1, R"(["1","2","t","e",{}])")), "refused");
    const std::string long_topic(topic_bytes_max + 1, 'x');
    EXPECT_EQ(read(parse_text(Version::v2, R"([null,null,")" + long_topic + R"(","e",{}])")),
              "refused");
}

TEST(RealtimeMessage, BinaryBroadcastsAreRead) {
    const auto frame = "\x03\x01\x02\x0a\x03\x00\x01"s + "1" + "22" + "realtime:a" + "hey" + "[1]";
    EXPECT_EQ(read(parse_binary(frame)), "1 22 realtime:a broadcast json hey [1]");
    const auto bytes = "\x03\x00\x00\x0a\x03\x02\x00"s + "realtime:a" + "hey" + "{}" + "\xFF\x00"s;
    EXPECT_EQ(read(parse_binary(bytes)), "- - realtime:a broadcast bytes hey \xFF\x00"s);
}

TEST(RealtimeMessage, OtherBytesAreRefused) {
    const auto whole = "\x03\x01\x02\x0a\x03\x00\x01"s + "1" + "22" + "realtime:a" + "hey" + "[1]";
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_EQ(read(parse_binary(whole.substr(0, size))), "refused") << size;
    EXPECT_EQ(read(parse_binary("\x04"s + whole.substr(1))), "refused");
    EXPECT_EQ(read(parse_binary("\x03\x00\x00\x01\x00\x00\x02t"s)), "refused");
    EXPECT_EQ(read(parse_binary("\x03\x00\x00\x01\x00\x00\x00\xFF"s)), "refused");
}

TEST(RealtimeMessage, AnswersRepeatWhereTheyBelong) {
    const std::optional<std::string> join_ref{"1"};
    const std::optional<std::string> ref;
    std::string out;
    append_reply(out, Version::v2, {join_ref, ref, "realtime:\"a"}, "ok", "{}");
    EXPECT_EQ(out, R"(["1",null,"realtime:\"a","phx_reply",{"status":"ok","response":{}}])");
    out.clear();
    append_reply(out, Version::v1, {join_ref, join_ref, "t"}, "error", R"({"reason":"x"})");
    EXPECT_EQ(out, R"({"topic":"t","event":"phx_reply","payload":{"status":"error","response":)"
                   R"({"reason":"x"}},"ref":"1","join_ref":"1"})");
}

TEST(RealtimeMessage, EnvelopesGoAroundPayloads) {
    for (const auto version : {Version::v1, Version::v2}) {
        const auto [before, after] = envelope_of(version, "realtime:a", "system");
        const auto message = parse_text(version, before + "{}" + after);
        EXPECT_EQ(read(message), "- - realtime:a system");
        EXPECT_TRUE(message->payload.is_object());
    }
}

TEST(RealtimeMessage, TheServersBinaryFrame) {
    EXPECT_EQ(binary_broadcast("top", "ev", "\x00\x01"s), "\x04\x03\x02\x00\x00topev\x00\x01"s);
}

TEST(RealtimeFrame, HeadersGrowWithTheirPayloads) {
    const auto header = [](std::size_t size) {
        std::string out;
        append_frame_header(out, Opcode::text, size);
        return out;
    };
    EXPECT_EQ(header(0), "\x81\x00"s);
    EXPECT_EQ(header(125), "\x81\x7D"s);
    EXPECT_EQ(header(126), "\x81\x7E\x00\x7E"s);
    EXPECT_EQ(header(65535), "\x81\x7E\xFF\xFF"s);
    EXPECT_EQ(header(65536), "\x81\x7F\x00\x00\x00\x00\x00\x01\x00\x00"s);
    EXPECT_EQ(close_frame(1008, "no"), "\x88\x04\x03\xF0no"s);
    EXPECT_EQ(close_frame(1008, std::string(200, 'x')).size(), 127U);
}

}  // namespace
}  // namespace tenantry::http::realtime
