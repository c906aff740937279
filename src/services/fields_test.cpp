#include "services/fields.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

namespace tenantry::services {
namespace {

template <class Kind>
Error refused(std::string_view json) {
    return Fields<Kind>::parse(boost::json::parse(json)).error();
}

TEST(FieldsTest, ANewLeadNeedsAFirstNameAndKeepsWhatWasGiven) {
    const auto lead =
        NewLead::parse(
            boost::json::parse(
                R"({"first_name":"Ann","email":"Ann@Example.com","score":7.5,"tags":["a"]})"))
            .value();
    ASSERT_EQ(lead.assignments().size(), 4U);
    EXPECT_EQ(lead.assignments()[1].value, schema::Value{schema::Text{"ann@example.com"}});
    EXPECT_EQ(lead.assignments()[2].value, (schema::Value{Decimal{750, 2}}));
    EXPECT_EQ(refused<NewLeadKind>(R"({"email":"a@example.com"})"),
              fail(Errc::missing_field, "first_name is required", "first_name"));
}

TEST(FieldsTest, UnknownAndReadOnlyMembersAreRefusedByName) {
    EXPECT_EQ(refused<NewLeadKind>(R"({"first_name":"x","colour":"red"})").code,
              Errc::unknown_field);
    EXPECT_EQ(refused<NewLeadKind>(R"({"first_name":"x","colour":"red"})").field, "colour");
    for (const auto* member : {"id", "created_at", "updated_at"}) {
        const auto error = refused<NewLeadKind>(std::string{R"({"first_name":"x",")"} + member +
                                                R"(":"2026-01-01"})");
        EXPECT_EQ(error.code, Errc::read_only_field);
        EXPECT_EQ(error.field, member);
    }
    EXPECT_EQ(
        refused<NewAgentKind>(R"({"name":"x","email":"a@example.com","active_leads":3})").code,
        Errc::read_only_field);
}

TEST(FieldsTest, ATenantIdIsLetThroughToTheChokePoint) {
    const auto lead =
        NewLead::parse(boost::json::parse(R"({"first_name":"x","tenant_id":"other"})")).value();
    EXPECT_EQ(lead.assignments()[1].column->name(), "tenant_id");
}

TEST(FieldsTest, ValuesOfWrongTypesAreRefusedByName) {
    const std::pair<const char*, Errc> cases[] = {
        {R"({"first_name":7})", Errc::bad_value},
        {R"({"first_name":null})", Errc::missing_field},
        {R"({"first_name":" "})", Errc::missing_field},
        {R"({"first_name":"x","status":"lost"})", Errc::bad_value},
        {R"({"first_name":"x","email":"no address"})", Errc::bad_value},
        {R"({"first_name":"x","score":"high"})", Errc::bad_value},
        {R"({"first_name":"x","score":123456})", Errc::out_of_range},
        {R"({"first_name":"x","tags":"a"})", Errc::bad_value},
        {R"({"first_name":"x","tags":[1]})", Errc::bad_value},
        {R"({"first_name":"x","assigned_agent":"nobody"})", Errc::bad_id},
        {R"({"first_name":"x","last_contacted_at":"yesterday"})", Errc::bad_value},
        {R"({"first_name":"x\u0000y"})", Errc::bad_utf8},
        {R"({"first_name":"x","metadata":{"a":"\u0000"}})", Errc::bad_utf8},
    };
    for (const auto& [json, code] : cases) EXPECT_EQ(refused<NewLeadKind>(json).code, code) << json;
    EXPECT_EQ(refused<NewLeadKind>("[]").code, Errc::bad_json);
}

TEST(FieldsTest, ChangesMayBeFewButNotNone) {
    EXPECT_EQ(
        LeadChanges::parse(boost::json::parse(R"({"city":null})")).value().assignments().size(),
        1U);
    EXPECT_EQ(refused<LeadChangesKind>("{}").code, Errc::missing_field);
}

TEST(FieldsTest, AReplacementSetsWhatIsAbsentToItsDefault) {
    const auto lead = LeadReplacement::parse(boost::json::parse(R"({"first_name":"x"})")).value();
    const auto value_of = [&](std::string_view name) -> schema::Value {
        for (const auto& [column, value] : lead.assignments()) {
            if (column->name() == name) return value;
        }
        return schema::Text{"absent"};
    };
    EXPECT_EQ(value_of("city"), schema::Value{schema::Null{}});
    EXPECT_EQ(value_of("status"), schema::Value{schema::Text{"new"}});
    EXPECT_EQ(value_of("created_at"), schema::Value{schema::Text{"absent"}});
    EXPECT_EQ(refused<LeadReplacementKind>(R"({"city":"Oslo"})").code, Errc::missing_field);
}

TEST(FieldsTest, AnEventsLeadIsNamedOnceAndItsTimeMayBeLeftOut) {
    EXPECT_TRUE(NewEvent::parse(boost::json::parse(R"({"type":"call","direction":"in"})")));
    EXPECT_EQ(refused<NewEventKind>(R"({"type":"call","direction":"sideways"})").code,
              Errc::bad_value);
}

}  // namespace
}  // namespace tenantry::services
