#include "operator_routes.hpp"

#include "routes.hpp"

#include <gtest/gtest.h>

#include <type_traits>

namespace tenantry::http {
namespace {

// A handler of one table can't stand in the other.
static_assert(!std::is_convertible_v<OperatorHandler, Handler>);
static_assert(!std::is_convertible_v<Handler, OperatorHandler>);
static_assert(!std::is_constructible_v<Call, OperatorCall>);
static_assert(!std::is_constructible_v<OperatorCall, Call>);

bool for_operators(std::string_view path) { return is_for_operators(Target::parse(path).value()); }

TEST(OperatorRoutes, AreAllThatIsUnderAdmin) {
    EXPECT_TRUE(for_operators("/admin"));
    EXPECT_TRUE(for_operators("/admin/v1/tenants"));
    EXPECT_TRUE(for_operators("/admin/v9/anything?x=y"));
    EXPECT_TRUE(for_operators("/%61dmin/v1/tenants"));
    EXPECT_FALSE(for_operators("/"));
    EXPECT_FALSE(for_operators("/api/admin"));
    EXPECT_FALSE(for_operators("/administration"));
    EXPECT_FALSE(for_operators("/ADMIN"));
}

TEST(OperatorRoutes, TheOtherTableHasNone) {
    for (const auto* path : {"/admin", "/admin/v1/tenants", "/admin/v1/audit"}) {
        EXPECT_EQ(find_route(Method::get, Target::parse(path).value()).error().code,
                  Errc::no_such_route);
    }
}

TEST(OperatorRoutes, TellTheirMethods) {
    const auto allowed = [](std::string_view path) {
        return allowed_operator_methods(Target::parse(path).value());
    };
    EXPECT_EQ(allowed("/admin/v1/tenants"), "GET, HEAD, POST, OPTIONS");
    EXPECT_EQ(allowed("/admin/v1/tenants/acme"), "GET, HEAD, PATCH, DELETE, OPTIONS");
    EXPECT_EQ(allowed("/admin/v1/tenants/acme/members/ann@acme.example"), "PATCH, DELETE, OPTIONS");
    EXPECT_EQ(allowed("/admin/v1/tenants/acme/members/ann/more"), "");
}

TEST(PathPattern, TakesItsSegmentsInOrder) {
    const std::vector<std::string> segments{"a", "1", "b", "2"};
    PathIds ids{};
    EXPECT_TRUE(matches("/a/{id}/b/{item}", segments, ids));
    EXPECT_EQ(ids, (PathIds{"1", "2"}));
    EXPECT_FALSE(matches("/a/{id}/c/{item}", segments, ids));
    EXPECT_FALSE(matches("/a/{id}/b", segments, ids));
    EXPECT_FALSE(matches("/a/{id}/b/{item}/c", segments, ids));
}

}  // namespace
}  // namespace tenantry::http
