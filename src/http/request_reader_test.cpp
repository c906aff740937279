#include "http/request_reader.hpp"

#include "http/spool.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <ostream>

namespace tenantry::http {
namespace {

using State = RequestReader::State;

/// What came of a stream, in words: one line a request.
struct Seen {
    std::string requests{};
    std::string refusal{};
    bool wants_more = false;

    friend bool operator==(const Seen&, const Seen&) = default;
    friend std::ostream& operator<<(std::ostream& out, const Seen& seen) {
        return out << seen.requests << "[" << seen.refusal << "]"
                   << (seen.wants_more ? " more" : "");
    }
};

void tell(Seen& seen, RequestReader& reader) {
    const auto& request = reader.request();
    seen.requests += fmt::format(
        "{} {} auth='{}' type='{}' tenant='{}' body='{}'{}{}{}\n", name_of(request.method),
        request.target, request.authorization, request.content_type,
        request.tenant_selector.value_or("-"), request.body, reader.keep_alive() ? "" : " close",
        reader.is_http_1_0() ? " 1.0" : "", reader.expects_continue() ? " continue" : "");
}

/// Feeds `text` as it would come in pieces of `piece` bytes.
Seen read_in_pieces(std::string_view text, std::size_t piece, const Limits& limits = {}) {
    RequestReader reader{limits};
    Seen seen;
    std::string buffer;
    while (true) {
        const auto step = reader.feed(buffer);
        buffer.erase(0, step.used);
        if (step.state == State::refused) {
            seen.refusal = fmt::format("{} {}", static_cast<unsigned>(reader.refusal().status),
                                       code_of(reader.refusal().error.code));
            return seen;
        }
        if (step.state == State::complete) {
            tell(seen, reader);
            reader.restart();
        }
        if (step.state != State::need_more) continue;
        if (text.empty()) break;
        buffer += text.substr(0, piece);
        text.remove_prefix(std::min(piece, text.size()));
    }
    seen.wants_more = reader.started() || !buffer.empty();
    return seen;
}

Seen read_whole(std::string_view text, const Limits& limits = {}) {
    return read_in_pieces(text, text.size() + 1, limits);
}

const std::string several =
    "GET /api/leads?limit=2 HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer t\r\nX-Tenant-Id: "
    "acme\r\n\r\n"
    "POST /api/leads HTTP/1.1\r\nhost:h\r\nContent-Type: application/json\r\nContent-Length: "
    "7\r\n\r\n{\"a\":1}"
    "POST /api/events HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
    "chunked\r\n\r\n3;x=\"y\"\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\n"
    "Authorization: Bearer trailer\r\n\r\n"
    "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    "DELETE /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
    "BREW /pot HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

const Seen several_seen{
    "GET /api/leads?limit=2 auth='Bearer t' type='' tenant='acme' body=''\n"
    "POST /api/leads auth='' type='application/json' tenant='-' body='{\"a\":1}'\n"
    "POST /api/events auth='' type='' tenant='-' body='abc0123456789abcdef'\n"
    "PUT / auth='' type='' tenant='-' body=''\n"
    "DELETE /x auth='' type='' tenant='-' body='' 1.0\n"
    "OTHER /pot auth='' type='' tenant='-' body='' close\n"};

TEST(RequestReader, ReadsRequestsThatFollowOneAnother) {
    EXPECT_EQ(read_whole(several), several_seen);
}

TEST(RequestReader, PiecesOfAnySizeReadTheSame) {
    for (std::size_t piece = 1; piece <= several.size(); ++piece) {
        EXPECT_EQ(read_in_pieces(several, piece), several_seen) << "pieces of " << piece;
    }
}

TEST(RequestReader, OneCutAnywhereReadsTheSame) {
    const Limits limits;
    for (std::size_t cut = 1; cut < several.size(); ++cut) {
        RequestReader reader{limits};
        Seen seen;
        std::string buffer;
        for (const auto part :
             {std::string_view{several}.substr(0, cut), std::string_view{several}.substr(cut)}) {
            buffer += part;
            for (auto step = reader.feed(buffer);; step = reader.feed(buffer)) {
                buffer.erase(0, step.used);
                ASSERT_NE(step.state, State::refused)
                    << "cut at " << cut << ": " << reader.refusal().error.message;
                if (step.state == State::need_more) break;
                if (step.state != State::complete) continue;
                tell(seen, reader);
                reader.restart();
            }
        }
        EXPECT_EQ(seen, several_seen) << "cut at " << cut;
    }
}

TEST(RequestReader, TellsOfAHeadWhoseBodyHasYetToCome) {
    const Limits limits;
    RequestReader reader{limits};
    const std::string head =
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";
    const auto step = reader.feed(head);
    EXPECT_EQ(step.state, State::head);
    EXPECT_EQ(step.used, head.size());
    EXPECT_TRUE(reader.expects_continue());
    EXPECT_EQ(reader.feed("").state, State::need_more);
    EXPECT_EQ(reader.feed("{}").state, State::complete);
    EXPECT_EQ(reader.request().body, "{}");
}

TEST(RequestReader, SaysNothingOfAHeadWhoseBodyIsHere) {
    const Limits limits;
    RequestReader reader{limits};
    EXPECT_EQ(reader.feed("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}").state,
              State::complete);
}

TEST(RequestReader, HasStartedWithTheFirstByte) {
    const Limits limits;
    RequestReader reader{limits};
    EXPECT_FALSE(reader.started());
    (void)reader.feed("G");
    EXPECT_TRUE(reader.started());
}

struct Refused {
    std::string_view name;
    std::string_view text;
    std::string_view outcome = "400 bad_request";
};
std::ostream& operator<<(std::ostream& out, const Refused& refused) { return out << refused.name; }

class Refusals : public testing::TestWithParam<Refused> {};

TEST_P(Refusals, AreTheSameInPiecesOfAnySize) {
    const auto& [name, text, outcome] = GetParam();
    for (const std::size_t piece :
         {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7}, text.size()}) {
        const auto seen = read_in_pieces(text, piece);
        EXPECT_EQ(seen.refusal, outcome) << "pieces of " << piece;
        EXPECT_EQ(seen.requests, "");
    }
}

constexpr std::string_view nul_in_header{"GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n", 36};
constexpr std::string_view nul_in_target{"GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n", 29};

INSTANTIATE_TEST_SUITE_P(
    RequestReader, Refusals,
    testing::Values(
        Refused{"Garbage", "\x16\x03\x01\x02\x01\x01\r\n\r\n"},
        Refused{"NoVersion", "GET /\r\n\r\n"}, Refused{"Http2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
        Refused{"Http09", "GET / HTTP/0.9\r\n\r\n"}, Refused{"NoHost", "GET / HTTP/1.1\r\n\r\n"},
        Refused{"TwoHosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
        Refused{"SpaceBeforeColon", "GET / HTTP/1.1\r\nHost : h\r\n\r\n"},
        Refused{"FieldWithoutColon", "GET / HTTP/1.1\r\nHost\r\n\r\n"},
        Refused{"FoldedField", "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n"},
        Refused{"FoldedAuthorization",
                "GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer\r\n\tx\r\n\r\n"},
        Refused{"FoldedFirstLine", "GET / HTTP/1.1\r\n Host: h\r\n\r\n"},
        Refused{"NulInHeader", nul_in_header}, Refused{"NulInTarget", nul_in_target},
        Refused{"ControlInHeader", "GET / HTTP/1.1\r\nHost: h\r\nX: a\x01\r\n\r\n"},
        Refused{"DeleteInHeader", "GET / HTTP/1.1\r\nHost: h\r\nX: a\x7f\r\n\r\n"},
        Refused{"SpaceInTarget", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n"},
        Refused{"TwoLengths",
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"},
        Refused{"TwoEqualLengths",
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}"},
        Refused{"ListOfLengths", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2, 2\r\n\r\n{}"},
        Refused{"SignedLength", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +2\r\n\r\n{}"},
        Refused{"NegativeLength", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -2\r\n\r\n{}"},
        Refused{"HexLength", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x2\r\n\r\n{}"},
        Refused{"EmptyLength", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n\r\n{}"},
        Refused{"LengthBeyondAllNumbers",
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 18446744073709551616\r\n\r\n{}"},
        Refused{"LengthThenChunked",
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nTransfer-Encoding: "
                "chunked\r\n\r\n{}"},
        Refused{"ChunkedThenLength",
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: "
                "2\r\n\r\n{}"},
        Refused{"OtherCoding", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n"},
        Refused{"CodingList",
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
        Refused{"ChunkedTwice",
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
                "chunked\r\n\r\n0\r\n\r\n"},
        Refused{"ChunkedWithVerticalTab",
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \x0b"
                "chunked\r\n\r\n0\r\n\r\n"},
        Refused{"Identity", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\n\r\n"},
        Refused{"ChunkedInHttp10",
                "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        Refused{"TwoTokens",
                "GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer a\r\nAuthorization: Bearer "
                "b\r\n\r\n"},
        Refused{"TwoSelectors",
                "GET / HTTP/1.1\r\nHost: h\r\nx-tenant-id: a\r\nX-Tenant-ID: b\r\n\r\n"},
        Refused{"OtherExpectation", "GET / HTTP/1.1\r\nHost: h\r\nExpect: a-pony\r\n\r\n",
                "417 bad_request"},
        Refused{"BadChunkSize",
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
                "chunked\r\n\r\nxyz\r\nabc\r\n0\r\n\r\n"},
        Refused{"ChunkLongerThanItsSize",
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
                "chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n"},
        Refused{"ChunkSizeBeyondAllNumbers",
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
                "chunked\r\n\r\n10000000000000000\r\nabc\r\n0\r\n\r\n"},
        Refused{"BadTrailer",
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nbad "
                "trailer\r\n\r\n"},
        Refused{"LengthInTrailer",
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
                "chunked\r\n\r\n0\r\nContent-Length: 3\r\n\r\n"}),
    [](const auto& test) { return std::string{test.param.name}; });

class ReaderLimits : public testing::Test {
protected:
    Limits limits_{.header_bytes_max = 256, .target_bytes_max = 64, .body_bytes_max = 10};
    Seen read(std::string_view text, std::size_t piece) {
        return read_in_pieces(text, piece, limits_);
    }
};

TEST_F(ReaderLimits, HeaderOfJustTheLimitIsRead) {
    std::string head = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
    head += std::string(limits_.header_bytes_max - head.size() - 4, 'x') + "\r\n\r\n";
    ASSERT_EQ(head.size(), limits_.header_bytes_max);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{100}, head.size()}) {
        EXPECT_EQ(read(head, piece).requests, "GET / auth='' type='' tenant='-' body=''\n")
            << piece;
    }
}

TEST_F(ReaderLimits, LongerHeaderIsRefused) {
    std::string one_field = "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(300, 'x') + "\r\n\r\n";
    std::string many_fields = "GET / HTTP/1.1\r\nHost: h\r\n";
    for (int i = 0; i < 100; ++i) many_fields += "X: y\r\n";
    std::string endless_line(300, 'G');
    for (const auto& text : {one_field, many_fields, endless_line}) {
        for (const std::size_t piece : {1U, 6U, 100U, 1000U}) {
            EXPECT_EQ(read(text, piece).refusal, "431 headers_too_large")
                << text << " in pieces of " << piece;
        }
    }
}

TEST_F(ReaderLimits, LongTargetIsRefused) {
    const auto text = "GET /" + std::string(64, 'x') + " HTTP/1.1\r\nHost: h\r\n\r\n";
    EXPECT_EQ(read(text, text.size()).refusal, "414 headers_too_large");
    EXPECT_EQ(read(text, 1).refusal, "414 headers_too_large");
}

TEST_F(ReaderLimits, BodyOfTheLimitIsRead) {
    const std::string_view plain =
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n0123456789";
    const std::string_view chunked =
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
        "chunked\r\n\r\n8\r\n01234567\r\n2\r\n89\r\n0\r\n\r\n";
    for (const auto text : {plain, chunked}) {
        EXPECT_EQ(read(text, 1000).requests,
                  "POST / auth='' type='' tenant='-' body='0123456789'\n");
    }
}

TEST_F(ReaderLimits, LongerBodyIsRefusedByItsAnnouncement) {
    const std::string_view plain = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n";
    const std::string_view chunked =
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n01234567\r\n3\r\n";
    for (const auto text : {plain, chunked}) {
        EXPECT_EQ(read(text, 1000).refusal, "413 body_too_large");
        EXPECT_EQ(read(text, 1).refusal, "413 body_too_large");
    }
}

TEST_F(ReaderLimits, EndlessChunkHeaderIsRefused) {
    const auto text = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;" +
                      std::string(1000, 'x');
    for (const std::size_t piece : {1U, 100U, 2000U})
        EXPECT_EQ(read(text, piece).refusal, "400 bad_request");
}

TEST(RequestReader, LinesEndInCarriageReturnAndLineFeed) {
    EXPECT_EQ(read_whole("GET / HTTP/1.1\nHost: h\n\n").refusal, "400 bad_request");
    EXPECT_EQ(read_whole("GET / HTTP/1.1\r\nHost: h\n\n").refusal, "400 bad_request");
    EXPECT_EQ(read_whole("GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n").refusal, "400 bad_request");
}

TEST(RequestReader, RefusalStands) {
    const Limits limits;
    RequestReader reader{limits};
    EXPECT_EQ(reader.feed("nonsense\r\n\r\n").state, State::refused);
    EXPECT_EQ(reader.feed("GET / HTTP/1.1\r\nHost: h\r\n\r\n").state, State::refused);
    reader.restart();
    EXPECT_EQ(reader.feed("GET / HTTP/1.1\r\nHost: h\r\n\r\n").state, State::complete);
}

TEST(RequestReader, ListsInSeveralFieldsAreOne) {
    const Limits limits;
    RequestReader reader{limits};
    const std::string_view text =
        "GET / HTTP/1.1\r\nHost: h\r\nAccept: a/b\r\nIf-None-Match: \"x\"\r\nAccept: c/d\r\n\r\n";
    EXPECT_EQ(reader.feed(text).state, RequestReader::State::complete);
    EXPECT_EQ(reader.request().accept, "a/b, c/d");
    EXPECT_EQ(reader.request().if_none_match, "\"x\"");
    reader.restart();
    EXPECT_EQ(reader.request().accept, "");
}

TEST(RequestReader, FilesMayBeLargerAndGoToTheirSpool) {
    const Limits limits{.body_bytes_max = 4, .import_bytes_max = 8};
    RequestReader reader{limits, [](Method, std::string_view target) { return target == "/file"; }};
    const auto post = [](std::string_view target, std::string_view length) {
        return "POST " + std::string{target} +
               " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::string{length} + "\r\n\r\n";
    };
    EXPECT_EQ(reader.feed(post("/file", "8")).state, RequestReader::State::head);
    EXPECT_TRUE(reader.takes_file());
    reader.request().spool = Spool::open(std::filesystem::temp_directory_path()).value();
    const auto& spool = reader.request().spool;
    EXPECT_EQ(reader.feed("abcd").state, RequestReader::State::need_more);
    EXPECT_EQ(reader.feed("efgh").state, RequestReader::State::complete);
    EXPECT_EQ(reader.request().body, "");
    spool->store().value();
    EXPECT_EQ(spool->size(), 8U);
    reader.restart();
    EXPECT_EQ(reader.request().spool, nullptr);
    EXPECT_EQ(reader.feed(post("/file", "9")).state, RequestReader::State::refused);
    EXPECT_EQ(reader.refusal().error.message, "the body has more than 8 bytes");

    reader.restart();
    EXPECT_EQ(reader.feed(post("/other", "5")).state, RequestReader::State::refused);
    EXPECT_FALSE(reader.takes_file());
    EXPECT_EQ(reader.refusal().error.message, "the body has more than 4 bytes");
}

}  // namespace
}  // namespace tenantry::http
