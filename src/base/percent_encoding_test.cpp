#include "base/percent_encoding.hpp"

#include <gtest/gtest.h>

namespace tenantry {
namespace {

TEST(PercentEncoding, LeavesWhatIsUnreservedOrKept) {
    EXPECT_EQ(percent_encoded("aZ09-._~"), "aZ09-._~");
    EXPECT_EQ(percent_encoded("a b/c?d%"), "a%20b%2Fc%3Fd%25");
    EXPECT_EQ(percent_encoded("/a b", "/"), "/a%20b");
    EXPECT_EQ(percent_encoded("\xC3\xA9\x01"), "%C3%A9%01");
    EXPECT_EQ(percent_encoded(""), "");
}

}  // namespace
}  // namespace tenantry
