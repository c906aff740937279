#include "services/lead_mapping.hpp"

#include <gmock/gmock.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::services {
namespace {

using testing::HasSubstr;

const Uuid new_id = parse_uuid("00000000-0000-7000-8000-000000000001").value();
const Timestamp now = parse_timestamp("2026-11-23T10:00:00Z").value();

query::Stamp stamp() {
    return {now, [] { return new_id; }};
}

/// A row under `headers`, converted for the tenant `harborview`.
Result<LeadRow> convert(const std::vector<std::string>& headers,
                        const std::vector<std::string_view>& fields, CountryCode country = {},
                        std::string_view tenant = "harborview") {
    const auto mapping = LeadMapping::make(headers, {}, std::move(country)).value();
    return mapping.convert({2, fields}, TenantId::parse(tenant).value(), stamp());
}

/// One more column beside a first name: the text of the value it becomes, "null", or the refusal.
std::string converted(const std::string& header, std::string_view field) {
    const std::vector<std::string> headers{"first_name", header};
    const auto row = convert(headers, {"Ada", field});
    if (!row) return row.error().field + " " + row.error().message;
    return schema::to_text(row->values.at(3));
}

TEST(LeadRowTest, FillsTheMappedColumnsAndNothingElse) {
    const auto row = convert({"first_name", "Email"}, {"Ada", "ada@example.com"}).value();
    const auto tenant = query::Value{schema::Text{"harborview"}};
    EXPECT_EQ(row.values, (std::vector<query::Value>{tenant, new_id, schema::Text{"Ada"},
                                                     schema::Text{"ada@example.com"}}));
    EXPECT_FALSE(row.id_given);
}

TEST(LeadRowTest, ReadsEachKindOfValue) {
    EXPECT_EQ(converted("last_name", "  Lovelace\t"), "Lovelace");
    EXPECT_EQ(converted("last_name", ""), "null");
    EXPECT_EQ(converted("email", "Ada@Example.COM "), "ada@example.com");
    EXPECT_EQ(converted("email", ""), "null");
    EXPECT_EQ(converted("phone", "(416) 555-0100"), "+14165550100");
    EXPECT_EQ(converted("phone", " call the office "), "call the office");
    EXPECT_EQ(converted("status", "Qualified"), "qualified");
    EXPECT_EQ(converted("status", ""), "new");
    EXPECT_EQ(converted("tags", "vip; cash ;;"), R"(["vip","cash"])");
    EXPECT_EQ(converted("tags", ""), "[]");
    EXPECT_EQ(converted("tags", R"(["a;b", "c"])"), R"(["a;b","c"])");
    EXPECT_EQ(converted("tags", "[new];old"), R"(["[new]","old"])");
    EXPECT_EQ(converted("metadata", R"({"a" : [1, {"b":null}]})"), R"({"a":[1,{"b":null}]})");
    EXPECT_EQ(converted("metadata", ""), "{}");
    EXPECT_EQ(converted("metadata", "null"), "{}");
    EXPECT_EQ(converted("score", "87.5"), "87.50");
    EXPECT_EQ(converted("created_at", "2026-03-01"), "2026-03-01T00:00:00.000Z");
    EXPECT_EQ(converted("created_at", "2026-03-01T10:00:00+02:00"), "2026-03-01T08:00:00.000Z");
    EXPECT_EQ(converted("created_at", ""), "2026-11-23T10:00:00.000Z");
    EXPECT_EQ(converted("last_contacted_at", ""), "null");
    EXPECT_EQ(converted("address", "421 Main\r\nApp. 1"), "421 Main\r\nApp. 1");
    EXPECT_EQ(converted("Notes", "call \"after\" six"), R"({"notes":"call \"after\" six"})");
    EXPECT_EQ(converted("Notes", " "), "{}");
}

TEST(LeadRowTest, RefusesInWordsUnderTheFilesOwnHeader) {
    EXPECT_EQ(converted("Email Address", "not-an-email"), "Email Address is not an address");
    EXPECT_EQ(converted("Lead Status", "maybe"),
              "Lead Status is not one of new, contacted, qualified, converted, closed");
    EXPECT_EQ(converted("metadata", R"({"broken":)"), "metadata is not JSON");
    EXPECT_EQ(converted("created_at", "31/12/2026"),
              "created_at is not an RFC 3339 date-time or date");
    EXPECT_EQ(converted("lead_id", "1234"), "lead_id is not a UUID");
    EXPECT_EQ(converted("score", "high"), "score is not a number");
    EXPECT_EQ(converted("City", std::string(256, 'x')),
              "City has 256 bytes; at most 255 are allowed");
    EXPECT_EQ(converted("tags", std::string(256, 'x')),
              "tags has an entry of 256 bytes; at most 255 are allowed");
    EXPECT_EQ(converted("", "x"), "column 2 holds a value but has no name in the header");
    EXPECT_EQ(converted("tenant_id", "plateau"),
              "tenant_id names another tenant than the one imported into");
}

TEST(LeadRowTest, UnnamedColumnsMayBeEmpty) {
    EXPECT_TRUE(convert({"first_name", "", ""}, {"Ada", "", " "}));
}

TEST(LeadRowTest, TenantMayBeNamedIfItIsTheSame) {
    EXPECT_TRUE(convert({"first_name", "tenant_id"}, {"Ada", "harborview"}));
    EXPECT_TRUE(convert({"first_name", "tenant_id"}, {"Ada", ""}));
}

TEST(LeadRowTest, FirstNameIsRequired) {
    const auto row = convert({"First Name"}, {"  "});
    ASSERT_FALSE(row);
    EXPECT_EQ(row.error(), fail(Errc::missing_field, "is required", "First Name"));
}

TEST(LeadRowTest, NumberOfFieldsMustFit) {
    EXPECT_EQ(convert({"first_name", "city"}, {"Ada"}).error(),
              fail(Errc::bad_value, "1 field, 2 expected"));
    EXPECT_EQ(convert({"first_name"}, {"Ada", "x", "y"}).error(),
              fail(Errc::bad_value, "3 fields, 1 expected"));
}

TEST(LeadRowTest, OtherColumnsJoinTheFilesOwnMetadata) {
    const std::vector<std::string> headers{"first_name", "Notes", "metadata", "Beds"};
    const auto metadata = [&](std::string_view notes, std::string_view own, std::string_view beds) {
        const auto row = convert(headers, {"Ada", notes, own, beds});
        return row ? schema::to_text(row->values.at(3))
                   : row.error().field + " " + row.error().message;
    };
    EXPECT_EQ(metadata("n", R"({"utm":1})", "3"), R"({"utm":1,"beds":"3","notes":"n"})");
    EXPECT_EQ(metadata("n", R"({"notes":"own"})", ""), R"({"notes":"own"})");
    EXPECT_EQ(metadata("n", "", "3"), R"({"beds":"3","notes":"n"})");
    EXPECT_EQ(metadata("n", "[1]", ""),
              "metadata is not a JSON object, which other columns could join");
    EXPECT_EQ(metadata("", "[1]", ""), "[1]");
    EXPECT_THAT(metadata(std::string(64UL * 1024, 'x'), "", ""),
                HasSubstr("metadata has 65548 bytes; at most 65536"));
}

TEST(LeadRowTest, TakesTheFilesId) {
    const auto row =
        convert({"first_name", "Lead ID"}, {"Ada", "F0588E8C-108F-4963-AE57-0075878BD663"}).value();
    EXPECT_TRUE(row.id_given);
    EXPECT_EQ(row.id, parse_uuid("f0588e8c-108f-4963-ae57-0075878bd663").value());
    EXPECT_EQ(row.values.at(1), query::Value{row.id});
}

TEST(LeadRowTest, IdOfARowWithoutIdAndEmailComesFromItsContent) {
    const std::vector<std::string> headers{"first_name", "last_name", "email", "lead_id"};
    const auto id_of = [&](const std::vector<std::string_view>& fields,
                           std::string_view tenant = "harborview") {
        return convert(headers, fields, {}, tenant).value().id;
    };
    const auto id = id_of({"Ada", "Byron", "", ""});
    EXPECT_EQ(id.version(), boost::uuids::uuid::version_unknown);
    EXPECT_EQ(id.data[6] >> 4, 8);
    EXPECT_EQ(id_of({" Ada", "Byron ", "", " "}), id);
    EXPECT_NE(id_of({"Ada", "Byro", "", ""}), id);
    EXPECT_NE(id_of({"AdaB", "yron", "", ""}), id);
    EXPECT_NE(id_of({"Ada", "Byron", "", ""}, "plateau"), id);
    EXPECT_EQ(id_of({"Ada", "Byron", "ada@example.com", ""}), new_id);
}

TEST(LeadRowTest, CountryCodeIsForNationalNumbers) {
    const auto row =
        convert({"first_name", "phone"}, {"Ada", "020 7946 0958"}, CountryCode::parse("44").value())
            .value();
    EXPECT_EQ(row.values.at(3), query::Value{schema::Text{"+442079460958"}});
}

}  // namespace
}  // namespace tenantry::services
