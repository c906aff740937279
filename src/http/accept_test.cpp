#include "accept.hpp"

#include <gtest/gtest.h>

namespace tenantry::http {
namespace {

TEST(Accept, ProblemDetailsAreForThoseWhoNameThem) {
    for (const auto* accept :
         {"application/problem+json", "Application/Problem+JSON", " application/problem+json ",
          "application/json, application/problem+json", "application/problem+json;q=0.5, */*",
          "text/html;q=0.9,application/problem+json;q=0.1",
          "application/json;q=0.5, application/problem+json;q=0.5",
          "application/problem+json; charset=utf-8; q=1.000",
          R"(text/x;p="a,b\",c", application/problem+json)",
          "application/problem+json;q=0, application/problem+json;q=0.001"}) {
        EXPECT_TRUE(prefers_problem_details(accept)) << accept;
    }
}

TEST(Accept, OthersGetThePlainForm) {
    for (const auto* accept :
         {"", ",", "*/*", "application/*", "application/json", "application/problem+xml",
          "application/problem+json;q=0", "application/problem+json;q=0.000",
          "application/json, application/problem+json;q=0.9",
          R"(text/x;p="application/problem+json")", R"(text/x;p=", application/problem+json)",
          "application/problem+json/x", "application/problem+jsonx"}) {
        EXPECT_FALSE(prefers_problem_details(accept)) << accept;
    }
}

TEST(Accept, MalformedWeightsAreNone) {
    for (const auto* weight : {"", "2", "-1", "1.001", "0.1234", ".5", "0,5", "x", "\"1\"", "1x"}) {
        EXPECT_FALSE(prefers_problem_details("application/problem+json;q=" + std::string{weight}))
            << weight;
    }
}

}  // namespace
}  // namespace tenantry::http
