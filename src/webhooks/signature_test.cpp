#include "signature.hpp"

#include <gtest/gtest.h>

#include <array>

namespace tenantry::webhooks {
namespace {

// Made with Python's hmac over `msg_1.1767225600.{"type":"test"}`, under the bytes 0 to 31 and
// under 24 times `x`.
TEST(Signature, IsThatOfStandardWebhooks) {
    std::string first;
    for (char byte = 0; byte < 32; ++byte) first += byte;
    const std::array secrets{first, std::string(24, 'x')};
    EXPECT_EQ(signatures(std::span{secrets}.first(1), "msg_1", 1'767'225'600, R"({"type":"test"})"),
              "v1,gnOGJyJkfiLuj/1/p9g6bAzdiyvdN3jkFad8qBQ+G80=");
    EXPECT_EQ(signatures(secrets, "msg_1", 1'767'225'600, R"({"type":"test"})"),
              "v1,gnOGJyJkfiLuj/1/p9g6bAzdiyvdN3jkFad8qBQ+G80= "
              "v1,NBde3HZCrppkCO2ikr2Cr6upElsDrfwFOHHzMGyh81I=");
}

TEST(Signature, IsNoneWithoutASecret) { EXPECT_EQ(signatures({}, "msg_1", 1, "{}"), ""); }

}  // namespace
}  // namespace tenantry::webhooks
