#include "http/request.hpp"

#include <gtest/gtest.h>

namespace tenantry::http {
namespace {

std::string shown(std::string_view text) {
    const auto target = Target::parse(text);
    if (!target) return "refused: " + std::string{code_of(target.error().code)};
    if (target->asterisk) return "*";
    std::string out;
    for (const auto& segment : target->segments) out += "/[" + segment + "]";
    for (const auto& parameter : target->parameters)
        out += " " + parameter.name + "=[" + parameter.value + "]";
    return out;
}

TEST(Target, IsTakenApart) {
    EXPECT_EQ(shown("/"), "/[]");
    EXPECT_EQ(shown("/api/leads"), "/[api]/[leads]");
    EXPECT_EQ(shown("/api/leads/"), "/[api]/[leads]/[]");
    EXPECT_EQ(shown("/api//leads"), "/[api]/[]/[leads]");
    EXPECT_EQ(shown("/api/../x"), "/[api]/[..]/[x]");
    EXPECT_EQ(shown("/a?b=c&d&=e&&f=g=h"), "/[a] b=[c] d=[] =[e] f=[g=h]");
    EXPECT_EQ(shown("/a?"), "/[a]");
    EXPECT_EQ(shown("/a?b?c"), "/[a] b?c=[]");
    EXPECT_EQ(shown("*"), "*");
}

TEST(Target, IsDecodedOnceAndPartByPart) {
    EXPECT_EQ(shown("/a%2Fb/%63+d?x%3D=y%26z&q=a+b%2Bc"), "/[a/b]/[c+d] x==[y&z] q=[a b+c]");
    EXPECT_EQ(shown("/%2561"), "/[%61]");
    EXPECT_EQ(shown("/%C3%A9?q=%e2%82%ac"), "/[é] q=[€]");
    EXPECT_EQ(shown("/\xC3\xA9"), "/[é]");
}

TEST(Target, AbsoluteFormIsUnderstood) {
    EXPECT_EQ(shown("http://example.com/a?b=c"), "/[a] b=[c]");
    EXPECT_EQ(shown("HTTPS://example.com"), "/[]");
    EXPECT_EQ(shown("http://example.com?b=c"), "/[] b=[c]");
}

TEST(Target, WhatIsMalformedIsRefused) {
    for (const auto* text : {"", "a", "a/b", "/a#b", "/a?b#c", "/%", "/%4", "/%zz", "/a?b=%",
                             "/a?%g0=b", "ftp://x/"}) {
        EXPECT_EQ(shown(text), "refused: bad_request") << text;
    }
}

TEST(Target, WhatIsNoCleanUtf8IsRefused) {
    for (const auto* text : {"/%00", "/%ff", "/%c0%af", "/a?b=%80", "/a?%ed%a0%80=b", "/\xff"}) {
        EXPECT_EQ(shown(text), "refused: bad_utf8") << text;
    }
}

TEST(Target, EmptyParametersCountAsAbsent) {
    const auto target = Target::parse("/?a=&b=1&c").value();
    EXPECT_EQ(target.find("a"), nullptr);
    EXPECT_EQ(target.find("c"), nullptr);
    EXPECT_EQ(target.find("d"), nullptr);
    ASSERT_NE(target.find("b"), nullptr);
    EXPECT_EQ(*target.find("b"), "1");
}

std::string bearer(std::string authorization) {
    const Request request{.authorization = std::move(authorization)};
    const auto token = bearer_of(request);
    return token ? "[" + std::string{*token} + "]" : std::string{code_of(token.error().code)};
}

TEST(Bearer, IsTheTokenBehindItsScheme) {
    EXPECT_EQ(bearer(""), "[]");
    EXPECT_EQ(bearer("Bearer a.b.c"), "[a.b.c]");
    EXPECT_EQ(bearer("bEARER   a.b.c "), "[a.b.c]");
    EXPECT_EQ(bearer("Bearer"), "[]");
    EXPECT_EQ(bearer("Bearer "), "[]");
}

TEST(Bearer, OtherSchemesAreRefused) {
    EXPECT_EQ(bearer("Basic YTpi"), "token_invalid");
    EXPECT_EQ(bearer("Bearera.b.c"), "token_invalid");
    EXPECT_EQ(bearer("a.b.c"), "token_invalid");
}

TEST(Request, ClearForgetsEverything) {
    Request request{.method = Method::put,
                    .target = "/",
                    .authorization = "a",
                    .tenant_selector = "t",
                    .content_type = "c",
                    .origin = "o",
                    .body = std::string(100'000, 'x')};
    request.clear();
    EXPECT_EQ(request.method, Method::other);
    EXPECT_FALSE(request.tenant_selector);
    EXPECT_EQ(request.target + request.authorization + request.content_type + request.origin +
                  request.body,
              "");
    EXPECT_LT(request.body.capacity(), 100'000U);
}

}  // namespace
}  // namespace tenantry::http
