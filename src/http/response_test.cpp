#include "http/problem.hpp"

#include <gtest/gtest.h>

namespace tenantry::http {
namespace {

std::string wire(const Response& response, Framing framing = {}) {
    framing.date = "Thu, 01 Jan 1970 00:00:00 GMT";
    std::string out;
    append_response(out, response, framing);
    return out;
}

TEST(Response, IsFramedByItsLength) {
    EXPECT_EQ(wire(Response{.body = "{}"}),
              "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: "
              "2\r\ncache-control: no-store\r\n"
              "date: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n{}");
}

TEST(Response, NoContentHasNeitherLengthNorType) {
    EXPECT_EQ(wire(Response{.status = Status::no_content}),
              "HTTP/1.1 204 No Content\r\ncache-control: no-store\r\ndate: Thu, 01 Jan 1970 "
              "00:00:00 GMT\r\n\r\n");
}

TEST(Response, HeadGetsTheHeadersAlone) {
    EXPECT_EQ(wire(Response{.body = "{}"}, {.head = true}),
              "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: "
              "2\r\ncache-control: no-store\r\n"
              "date: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n");
}

TEST(Response, SaysWhatBecomesOfTheConnection) {
    EXPECT_NE(wire({}, {.keep_alive = false}).find("\r\nconnection: close\r\n"), std::string::npos);
    EXPECT_NE(wire({}, {.say_keep_alive = true}).find("\r\nconnection: keep-alive\r\n"),
              std::string::npos);
    EXPECT_EQ(wire({}).find("connection"), std::string::npos);
}

TEST(Response, CarriesItsOwnHeaders) {
    Response response{.status = Status::created, .body = "{}"};
    add_header(response, "location", "/api/leads/1");
    EXPECT_EQ(wire(response),
              "HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: "
              "2\r\ncache-control: no-store\r\n"
              "date: Thu, 01 Jan 1970 00:00:00 GMT\r\nlocation: /api/leads/1\r\n\r\n{}");
}

class NoBody final : public BodySource {
public:
    boost::asio::awaitable<Result<bool>> next(std::string&) override { co_return false; }
};

TEST(Response, StreamsAreInChunks) {
    Response response{.content_type = "text/csv"};
    response.stream = std::make_unique<NoBody>();
    EXPECT_EQ(wire(response),
              "HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\ntransfer-encoding: chunked\r\n"
              "cache-control: no-store\r\ndate: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n");
    std::string out;
    append_piece(out, "0123456789abcdef", false, Delimiting::chunks);
    append_piece(out, "", false, Delimiting::chunks);
    append_piece(out, "x", true, Delimiting::chunks);
    EXPECT_EQ(out, "10\r\n0123456789abcdef\r\n1\r\nx\r\n0\r\n\r\n");
}

TEST(Response, StreamsForHttp10EndWithTheConnection) {
    Response response;
    response.stream = std::make_unique<NoBody>();
    const auto head = wire(response, {.keep_alive = false, .stream = Delimiting::close});
    EXPECT_EQ(head.find("transfer-encoding"), std::string::npos);
    EXPECT_EQ(head.find("content-length"), std::string::npos);
    std::string out;
    append_piece(out, "abc", true, Delimiting::close);
    EXPECT_EQ(out, "abc");
}

TEST(Response, NotModifiedHasNoBody) {
    const auto bytes = wire(Response{.status = Status::not_modified, .cache_control = "no-cache"});
    EXPECT_EQ(bytes,
              "HTTP/1.1 304 Not Modified\r\ncache-control: no-cache\r\n"
              "date: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n");
}

TEST(ResponseDeathTest, HeaderWithALineBreakIsABug) {
    Response response;
    EXPECT_DEATH(add_header(response, "location", "a\r\nb"), "");
}

TEST(Problem, HasSentenceCodeAndField) {
    const auto response = problem(fail(Errc::bad_value, "status is \"x\"", "status"));
    EXPECT_EQ(response.status, Status::bad_request);
    EXPECT_EQ(response.body, R"({"error":"status is \"x\"","code":"bad_value","field":"status"})");
}

TEST(Problem, FieldIsLeftOutWhereThereIsNone) {
    const auto response = problem(fail(Errc::tenant_required, "Tenant context required"));
    EXPECT_EQ(response.status, Status::forbidden);
    EXPECT_EQ(response.body, R"({"error":"Tenant context required","code":"tenant_required"})");
}

TEST(Problem, FieldThatWasCutWithinACharacterLosesTheRestOfIt) {
    EXPECT_EQ(problem(fail(Errc::unknown_field, "none", "na\xc3")).body,
              R"({"error":"none","code":"unknown_field","field":"na"})");
    EXPECT_EQ(problem(fail(Errc::unknown_field, "none", "\xe2\x82")).body,
              R"({"error":"none","code":"unknown_field"})");
}

TEST(Problem, UnauthenticatedAnswersChallenge) {
    EXPECT_EQ(problem(fail(Errc::token_missing, "")).headers,
              "www-authenticate: Bearer realm=\"tenantry\"\r\n");
    EXPECT_EQ(problem(fail(Errc::token_expired, "")).headers,
              "www-authenticate: Bearer realm=\"tenantry\", error=\"invalid_token\"\r\n");
}

TEST(Problem, WhatPassesSaysWhenToComeBack) {
    EXPECT_EQ(problem(fail(Errc::overloaded, "")).headers, "retry-after: 1\r\n");
    EXPECT_EQ(problem(fail(Errc::shutting_down, "")).headers, "retry-after: 5\r\n");
}

TEST(Problem, DetailsAreForThoseWhoAskForThem) {
    const Request request{.target = "/api/leads?status=x", .accept = "application/problem+json"};
    auto response = problem(fail(Errc::bad_value, "status is \"x\"", "status"));
    tell_as_preferred(request, response);
    EXPECT_EQ(response.body,
              R"({"type":"urn:tenantry:problem:bad_value","title":"Bad value","status":400,)"
              R"("detail":"status is \"x\"","code":"bad_value","field":"status",)"
              R"("instance":"/api/leads"})");
    EXPECT_NE(wire(response).find("\r\ncontent-type: application/problem+json\r\n"),
              std::string::npos);
}

TEST(Problem, DetailsLeaveOutWhatThereIsNot) {
    const Request request{.target = "/\xff", .accept = "application/problem+json"};
    auto response = internal_error();
    tell_as_preferred(request, response);
    EXPECT_EQ(
        response.body,
        R"({"type":"urn:tenantry:problem:internal_error","title":"Internal error","status":500,)"
        R"("detail":"something went wrong on the server; its log has the cause under this answer's x-request-id",)"
        R"("code":"internal_error"})");
}

TEST(Problem, OtherAnswersStayAsTheyAre) {
    const Request request{.accept = "application/problem+json"};
    Response response{.body = "{}"};
    tell_as_preferred(request, response);
    EXPECT_EQ(response.body, "{}");
    auto refused = problem(fail(Errc::not_found, "none"));
    tell_as_preferred({.accept = "application/json"}, refused);
    EXPECT_EQ(refused.body, R"({"error":"none","code":"not_found"})");
    EXPECT_EQ(refused.content_type, "application/json");
}

TEST(Problem, InternalErrorSaysNothing) {
    const auto response = internal_error();
    EXPECT_EQ(response.status, Status::internal_server_error);
    EXPECT_EQ(response.headers, "");
    EXPECT_EQ(
        response.body,
        R"({"error":"something went wrong on the server; its log has the cause under this answer's x-request-id",)"
        R"("code":"internal_error"})");
}

}  // namespace
}  // namespace tenantry::http
