#include "parameters.hpp"

#include <gtest/gtest.h>

#include <array>

namespace tenantry::http {
namespace {

Target target_of(std::string_view query) {
    return Target::parse("/?" + std::string{query}).value();
}

std::string refusal(const Error& error) {
    return std::string{code_of(error.code)} + " " + error.field;
}

std::string page(std::string_view query) {
    const auto parsed = parse_page(target_of(query));
    if (!parsed) return refusal(parsed.error());
    return std::to_string(parsed->limit.rows()) + " " + std::to_string(parsed->offset) + " " +
           parsed->after.value_or("-");
}

TEST(PageParameters, HaveDefaults) {
    EXPECT_EQ(page(""), "50 0 -");
    EXPECT_EQ(page("limit=&offset=&after="), "50 0 -");
}

TEST(PageParameters, AreRead) {
    EXPECT_EQ(page("limit=1&offset=10000000"), "1 10000000 -");
    EXPECT_EQ(page("limit=1000&after=abc"), "1000 0 abc");
}

TEST(PageParameters, OutOfRangeIsRefused) {
    for (const auto* text : {"0", "1001", "4294967296", "99999999999999999999"}) {
        EXPECT_EQ(page("limit=" + std::string{text}), "out_of_range limit") << text;
    }
    for (const auto* text : {"10000001", "18446744073709551616"}) {
        EXPECT_EQ(page("offset=" + std::string{text}), "out_of_range offset") << text;
    }
}

TEST(PageParameters, WhatIsNoNumberIsRefused) {
    for (const auto* text : {"x", "-1", "1.5", "1x", "%201", "0x10"}) {
        EXPECT_EQ(page("limit=" + std::string{text}), "bad_value limit") << text;
        EXPECT_EQ(page("offset=" + std::string{text}), "bad_value offset") << text;
    }
}

TEST(PageParameters, OffsetAndCursorExcludeEachOther) {
    EXPECT_EQ(page("offset=1&after=x"), "bad_query offset");
}

std::string known(std::string_view query) {
    static constexpr std::array<std::string_view, 2> names{"a", "b"};
    const auto checked = check_parameters(target_of(query), names);
    return checked ? "ok" : refusal(checked.error());
}

TEST(Parameters, OnlyKnownOnesAreTaken) {
    EXPECT_EQ(known("a=1&b=2"), "ok");
    EXPECT_EQ(known("a=1&c=2"), "bad_query c");
    EXPECT_EQ(known("A=1"), "bad_query A");
    EXPECT_EQ(known("tenant_id=other"), "bad_query tenant_id");
    EXPECT_EQ(known("=1"), "bad_query ");
}

TEST(Parameters, EachIsTakenOnce) {
    EXPECT_EQ(known("a=1&a=1"), "bad_query a");
    EXPECT_EQ(known("a=&a=1"), "bad_query a");
}

TEST(Parameters, LongNamesAreCutBetweenCharacters) {
    EXPECT_EQ(known(std::string(63, 'x') + "%C3%A9=1"), "bad_query " + std::string(63, 'x'));
}

TEST(LeadCriteria, AreRead) {
    const auto criteria =
        parse_lead_criteria(
            target_of(
                "status=new&city=Bay+St&source=&property_type=condo&search=%25&sort=score&limit=3"
                "&assigned_agent=01890a5d-ac96-774b-bcce-b302099a8057"))
            .value();
    EXPECT_EQ(criteria.status, "new");
    EXPECT_EQ(criteria.city, "Bay St");
    EXPECT_EQ(criteria.source, std::nullopt);
    EXPECT_EQ(criteria.property_type, "condo");
    EXPECT_EQ(criteria.search, "%");
    EXPECT_EQ(criteria.sort, "score");
    EXPECT_EQ(criteria.page.limit.rows(), 3U);
    EXPECT_EQ(criteria.assigned_agent,
              AgentId::parse("01890a5d-ac96-774b-bcce-b302099a8057").value());
}

TEST(LeadCriteria, NewestFirstUnlessAskedOtherwise) {
    EXPECT_EQ(parse_lead_criteria(target_of("sort="))->sort, "-created_at");
}

TEST(LeadCriteria, AgentMustBeAnId) {
    const auto criteria = parse_lead_criteria(target_of("assigned_agent=me"));
    ASSERT_FALSE(criteria);
    EXPECT_EQ(refusal(criteria.error()), "bad_id assigned_agent");
}

}  // namespace
}  // namespace tenantry::http
