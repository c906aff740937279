#include "base/timestamp.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace tenantry {
namespace {

using std::chrono::microseconds;

std::string print(Timestamp value) {
    std::string out;
    append_timestamp(out, value);
    return out;
}

TEST(Timestamp, ReadsAnyRfc3339DateTime) {
    struct Case {
        std::string_view text;
        std::string_view printed;
    };
    const Case cases[] = {
        {"2026-01-05T00:16:17Z", "2026-01-05T00:16:17.000Z"},
        {"2026-01-05t00:16:17z", "2026-01-05T00:16:17.000Z"},
        {"2026-01-05 00:16:17Z", "2026-01-05T00:16:17.000Z"},
        {"2026-01-05T00:16:17.5Z", "2026-01-05T00:16:17.500Z"},
        {"2026-01-05T00:16:17.123456Z", "2026-01-05T00:16:17.123456Z"},
        {"2026-01-05T00:16:17.000001Z", "2026-01-05T00:16:17.000001Z"},
        {"2026-01-05T00:16:17.123456789Z", "2026-01-05T00:16:17.123456Z"},  // cut, not rounded
        {"2026-01-05T00:16:17.9999999Z", "2026-01-05T00:16:17.999999Z"},
        {"2026-01-05T00:16:17+00:00", "2026-01-05T00:16:17.000Z"},
        {"2026-01-05T00:16:17-00:00", "2026-01-05T00:16:17.000Z"},
        {"2026-01-05T00:16:17-05:00", "2026-01-05T05:16:17.000Z"},
        {"2026-01-05T00:16:17+05:30", "2026-01-04T18:46:17.000Z"},
        {"2026-01-05T00:16:17+23:59", "2026-01-04T00:17:17.000Z"},
        {"2025-12-31T23:59:59-00:01", "2026-01-01T00:00:59.000Z"},
        {"2024-02-29T12:00:00Z", "2024-02-29T12:00:00.000Z"},
        {"2000-02-29", "2000-02-29T00:00:00.000Z"},
        {"2026-01-05", "2026-01-05T00:00:00.000Z"},
        {"1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"},
        {"1600-06-15T01:02:03.004Z", "1600-06-15T01:02:03.004Z"},
    };
    for (const auto& [text, printed] : cases) {
        const auto parsed = parse_timestamp(text);
        ASSERT_TRUE(parsed) << text;
        EXPECT_EQ(print(*parsed), printed) << text;
    }
}

TEST(Timestamp, ALeapSecondIsTheSecondAfter) {
    EXPECT_EQ(print(parse_timestamp("2016-12-31T23:59:60Z").value()), "2017-01-01T00:00:00.000Z");
    EXPECT_EQ(print(parse_timestamp("2016-12-31T18:59:60.25-05:00").value()),
              "2017-01-01T00:00:00.250Z");
    EXPECT_FALSE(parse_timestamp("2016-12-31T23:59:61Z"));
}

TEST(Timestamp, CountsMicrosecondsFromTheEpoch) {
    EXPECT_EQ(parse_timestamp("1970-01-01T00:00:00.000001Z").value(), Timestamp{microseconds{1}});
    EXPECT_EQ(parse_timestamp("2026-01-05T00:16:17Z").value(),
              Timestamp{microseconds{1'767'572'177'000'000}});
}

TEST(Timestamp, YearsRunFrom0001To9999) {
    EXPECT_EQ(print(parse_timestamp("0001-01-01T00:00:00Z").value()), "0001-01-01T00:00:00.000Z");
    EXPECT_EQ(print(parse_timestamp("9999-12-31T23:59:59.999999Z").value()),
              "9999-12-31T23:59:59.999999Z");
    EXPECT_EQ(print(parse_timestamp("0001-01-01").value()), "0001-01-01T00:00:00.000Z");
    // The offset may lead out of the range, and the leap second as well.
    EXPECT_FALSE(parse_timestamp("0001-01-01T00:00:00+00:01"));
    EXPECT_FALSE(parse_timestamp("9999-12-31T23:59:59-00:01"));
    EXPECT_FALSE(parse_timestamp("9999-12-31T23:59:60Z"));
    EXPECT_FALSE(parse_timestamp("0000-12-31T23:59:59Z"));
    EXPECT_FALSE(parse_timestamp("10000-01-01T00:00:00Z"));
}

TEST(Timestamp, RefusesAllElse) {
    for (const std::string_view text : {"",
                                        "now",
                                        "2026",
                                        "2026-01",
                                        "2026-1-5",
                                        "2026-13-01",
                                        "2026-00-01",
                                        "2026-01-32",
                                        "2026-01-00",
                                        "2025-02-29",
                                        "1900-02-29",
                                        "2026-04-31",
                                        "2026-01-05T",
                                        "2026-01-05T00:16",
                                        "2026-01-05T00:16:17",
                                        "2026-01-05T24:00:00Z",
                                        "2026-01-05T00:60:00Z",
                                        "2026-01-05T00:16:17.Z",
                                        "2026-01-05T00:16:17.1234567890Z",
                                        "2026-01-05T00:16:17+24:00",
                                        "2026-01-05T00:16:17+05:60",
                                        "2026-01-05T00:16:17+0500",
                                        "2026-01-05T00:16:17+05",
                                        "2026-01-05T00:16:17 Z",
                                        "2026-01-05T00:16:17Z ",
                                        " 2026-01-05",
                                        "2026-01-05T00:16:17ZZ",
                                        "2026/01/05",
                                        "05.01.2026",
                                        "2026-01-05T-1:00:00Z",
                                        "-001-01-01",
                                        "+2026-01-05",
                                        "20260105T001617Z",
                                        "2026-01-05T00:16:17,5Z",
                                        "1767572177"}) {
        const auto parsed = parse_timestamp(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().code, Errc::bad_value) << text;
    }
}

RC_GTEST_PROP(TimestampProperty, PrintedReadsBack, ()) {
    const auto seconds = *rc::gen::inRange<std::int64_t>(-62'135'596'800, 253'402'300'800);
    const auto micros = *rc::gen::inRange<std::int64_t>(0, 1'000'000);
    const Timestamp value{std::chrono::seconds{seconds} + microseconds{micros}};
    RC_ASSERT(parse_timestamp(print(value)).value() == value);
}

TEST(Clock, SystemClockIsNow) {
    const auto before = std::chrono::floor<microseconds>(std::chrono::system_clock::now());
    const auto read = system_clock().now();
    EXPECT_GE(read, before);
    EXPECT_LE(read, std::chrono::system_clock::now());
}

}  // namespace
}  // namespace tenantry
