#include "message.hpp"

#include "schema/json.hpp"

#include <gtest/gtest.h>
#include <boost/json/object.hpp>

namespace tenantry::webhooks {
namespace {

const TenantId acme = TenantId::parse("acme").value();

TEST(Message, OfAGapSaysWhereToGoOn) {
    const consumers::Message gap{
        .id = "msg_1", .next = {"0123456789abcdef", 41}, .resync_required = true};
    EXPECT_EQ(encode(acme, gap, Timestamp{}),
              R"({"type":"resync_required","timestamp":"1970-01-01T00:00:00.000Z",)"
              R"("data":{"tenant_id":"acme","next":"0123456789abcdef-41"}})");
}

TEST(Message, IsTheSameWheneverItIsMade) {
    const auto change = std::make_shared<feed::Change>();
    change->seq = 7;
    change->relation = nullptr;
    consumers::Message message{.id = "msg_1", .next = {"0123456789abcdef", 7}};
    EXPECT_EQ(encode(acme, message, Timestamp{}),
              R"({"type":"changes","timestamp":"1970-01-01T00:00:00.000Z",)"
              R"("data":{"tenant_id":"acme","changes":[],"next":"0123456789abcdef-7"}})");
}

}  // namespace
}  // namespace tenantry::webhooks
