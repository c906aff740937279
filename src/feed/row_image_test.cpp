#include "row_image.hpp"

#include "engine/executor.hpp"
#include "schema/lead_schema.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenantry::feed {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const schema::Relation& relation(std::string_view name) {
    return schema::lead_catalog().relation(name);
}

std::string read(std::string_view of, std::string_view text) {
    return read_image(relation(of), TenantId::parse("acme").value(), text).json;
}

constexpr auto contact =
    R"({"tenant_id":"acme","id":"00000000-0000-7000-8000-000000000001","lead_id":null,)"
    R"("channel":"é \" \\","identifier":"x","display_name":null,"verified":true,)"
    R"("metadata":{"a":1.5,"b":["x, {y}",null]},"created_at":"2026-01-05T00:16:17.000Z",)"
    R"("updated_at":"2026-01-05T00:16:17.123456Z"})";

TEST(RowImage, IsReadInTheFormOfEitherEngine) {
    EXPECT_EQ(
        read("contacts", R"({"id":"00000000-0000-7000-8000-000000000001","lead_id":null,)"
                         R"("channel":"é \" \\","identifier":"x","display_name":null,"verified":1,)"
                         R"("created_at":1767572177000000,"updated_at":1767572177123456,)"
                         R"("metadata":{"a":1.5,"b":["x, {y}",null]}})"),
        contact);
    EXPECT_EQ(
        read("contacts", R"( {"updated_at": "2026-01-05T01:16:17.123456+01:00", "verified": true,)"
                         R"( "created_at": "2026-01-05T00:16:17+00:00",)"
                         R"( "metadata": {"a":1.5,"b":["x, {y}",null]}, "channel": "\u00e9 \" \\",)"
                         R"( "identifier": "x", "id": "00000000-0000-7000-8000-000000000001"} )"),
        contact);
}

TEST(RowImage, NumbersHaveTheirScale) {
    for (const auto* text : {R"({"score":8750})", R"({"score":87.5})", R"({"score":87.50})"})
        EXPECT_THAT(read("leads", text), HasSubstr(R"("score":87.50)")) << text;
}

TEST(RowImage, WhatIsMissingIsNullAndWhatIsUnknownIsLeftOut) {
    const auto json = read("leads", R"({"first_name":"Ada","shoe_size":42,"more":{"a":[1,2]}})");
    EXPECT_THAT(json, HasSubstr(R"("first_name":"Ada","last_name":null)"));
    EXPECT_THAT(json, Not(HasSubstr("42")));
    EXPECT_THAT(json, HasSubstr(R"({"tenant_id":"acme",)"));
}

TEST(RowImage, SealedColumnsAreNotEvenReadIfTheyAreThere) {
    EXPECT_THAT(read("identities", R"({"platform":"x","cookies":"ciphertext"})"),
                Not(HasSubstr("ciphertext")));
}

TEST(RowImage, WhatIsNoImageIsAFault) {
    for (const auto* text :
         {"", "[]", "{", R"({"first_name")", R"({"first_name":"x)", R"({"first_name":1})",
          R"({"tags":[1]})", R"({"tags":["a")", R"({"score":"x"})", R"({"created_at":"x"})",
          R"({"id":"x"})", R"({"first_name":"x" "last_name":"y"})", R"({"first_name":"\)"})
        EXPECT_THROW(read("leads", text), engine::Fault) << text;
}

}  // namespace
}  // namespace tenantry::feed
