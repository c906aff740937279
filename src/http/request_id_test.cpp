#include "request_id.hpp"

#include <gtest/gtest.h>

#include <set>

namespace tenantry::http {
namespace {

TEST(RequestIdTest, WhatAClientSaysIsKept) {
    for (const auto* id : {"a", "7f3c-22.B_x", "00-4bf92f3577b34da6a3ce929d0e0e4736-00"})
        EXPECT_EQ(request_id_of(id), id);
    const std::string longest(64, 'x');
    EXPECT_EQ(request_id_of(longest), longest);
}

TEST(RequestIdTest, WhatWouldBeTroubleInALogIsReplaced) {
    for (const std::string& id :
         {std::string{}, std::string{"a b"}, std::string{"a\nb"}, std::string{"\xC3\xA9"},
          std::string{"a=\"b\""}, std::string(65, 'x')}) {
        const auto made = request_id_of(id);
        EXPECT_NE(made, id);
        EXPECT_EQ(made.size(), 12U);
        EXPECT_EQ(request_id_of(made), made);
    }
}

TEST(RequestIdTest, NoTwoAreTheSame) {
    std::set<std::string> ids;
    for (int i = 0; i < 10'000; ++i) ids.insert(request_id_of(""));
    EXPECT_EQ(ids.size(), 10'000U);
}

}  // namespace
}  // namespace tenantry::http
