#include "routes.hpp"

#include <gtest/gtest.h>

namespace tenantry::http {
namespace {

std::string found(Method method, std::string_view path) {
    const auto target = Target::parse(path).value();
    const auto match = find_route(method, target);
    if (!match) return std::string{code_of(match.error().code)};
    return std::string{match->route->pattern} +
           (match->id.empty() ? "" : " " + std::string{match->id});
}

TEST(Routes, AreFoundByMethodAndPath) {
    EXPECT_EQ(found(Method::get, "/api/leads"), "/api/leads");
    EXPECT_EQ(found(Method::get, "/api/leads?x=y"), "/api/leads");
    EXPECT_EQ(found(Method::head, "/api/leads/7"), "/api/leads/{id} 7");
    EXPECT_EQ(found(Method::get, "/api/leads/7/events"), "/api/leads/{id}/events 7");
    EXPECT_EQ(found(Method::post, "/api/events"), "/api/events");
    EXPECT_EQ(found(Method::delete_, "/api/agents/a%2Fb"), "/api/agents/{id} a/b");
    EXPECT_EQ(found(Method::get, "/api/approvals/pending"), "/api/approvals/pending");
    EXPECT_EQ(found(Method::get, "/api/icp-profiles/templates"), "/api/icp-profiles/templates");
    EXPECT_EQ(found(Method::get, "/api/leads/export"), "/api/leads/export");
    EXPECT_EQ(found(Method::post, "/api/leads/import"), "/api/leads/import");
    EXPECT_EQ(found(Method::get, "/healthz"), "/healthz");
}

TEST(Routes, UnknownPathsAreRefused) {
    for (const auto* path :
         {"/", "/api", "/api/", "/api/lead", "/api/leads/1/event", "/api/leads/1/events/2",
          "/API/leads", "/x/api/leads", "/api/events/1/2", "/healthz/x"}) {
        EXPECT_EQ(found(Method::get, path), "no_such_route") << path;
    }
}

TEST(Routes, OtherMethodsAreRefused) {
    EXPECT_EQ(found(Method::delete_, "/api/leads"), "method_not_allowed");
    EXPECT_EQ(found(Method::other, "/api/leads"), "method_not_allowed");
    EXPECT_EQ(found(Method::put, "/api/events"), "method_not_allowed");
    EXPECT_EQ(found(Method::post, "/healthz"), "method_not_allowed");
}

TEST(Routes, FilesAreTakenWhereThePathIsThatOfTheImport) {
    EXPECT_TRUE(takes_file(Method::post, "/api/leads/import"));
    EXPECT_TRUE(takes_file(Method::post, "/api/leads/import?dry_run=true"));
    EXPECT_FALSE(takes_file(Method::put, "/api/leads/import"));
    EXPECT_FALSE(takes_file(Method::post, "/api/leads/import/"));
    EXPECT_FALSE(takes_file(Method::post, "/api/leads/impor%74"));
    EXPECT_FALSE(takes_file(Method::post, "/api/leads"));
}

TEST(Routes, AllowedMethodsAreThoseOfThePath) {
    const auto allowed = [](std::string_view path) {
        return allowed_methods(Target::parse(path).value());
    };
    EXPECT_EQ(allowed("/api/leads"), "GET, HEAD, POST, OPTIONS");
    EXPECT_EQ(allowed("/api/leads/1"), "GET, HEAD, PUT, PATCH, DELETE, OPTIONS");
    EXPECT_EQ(allowed("/api/events"), "GET, HEAD, POST, OPTIONS");
    EXPECT_EQ(allowed("/api/approvals/1/approve"), "POST, OPTIONS");
    EXPECT_EQ(allowed("/nowhere"), "");
    EXPECT_EQ(allowed("*"), "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
}

}  // namespace
}  // namespace tenantry::http
