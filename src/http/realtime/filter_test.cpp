#include "filter.hpp"

#include "change_fixture.hpp"

#include <gtest/gtest.h>

namespace tenantry::http::realtime {
namespace {

bool passes(std::string_view filter, const Members& members) {
    return ChangeFilter::parse(leads(), filter).value().passes(lead_row(members));
}
std::string refusal(std::string_view filter) {
    const auto parsed = ChangeFilter::parse(leads(), filter);
    return parsed ? "none"
                  : std::string{code_of(parsed.error().code)} + ": " + parsed.error().message;
}

const Members ada{{"first_name", "Ada"},
                  {"city", "Oslo, old town"},
                  {"status", "new"},
                  {"score", Decimal{8750, 2}},
                  {"email", "ada@example.com"}};

TEST(ChangeFilter, ComparesByType) {
    for (const auto* filter : {"",
                               "first_name=eq.Ada",
                               "first_name=neq.Bob",
                               "score=gt.87",
                               "score=gte.87.5",
                               "score=lt.100",
                               "score=lte.87.50",
                               "score=eq.8.75e1",
                               "email=eq.ADA@example.com",
                               "status=in.(new,\"x,y\")",
                               "first_name=eq.Ada,score=gt.5",
                               "first_name=like.A%",
                               "first_name=ilike.*DA",
                               "first_name=match.^A.a$",
                               "first_name=imatch.ADA",
                               "city=eq.\"Oslo, old town\"",
                               "city=in.(\"Oslo, old town\")",
                               "province=is.null",
                               "city=not.is.null",
                               "city=is.not_null",
                               "province=isdistinct.x",
                               "first_name=not.eq.Bob",
                               "first_name=not.in.(Bob,Eve)",
                               "first_name=gt.AD",
                               "city=not.isdistinct.\"Oslo, old town\"",
                               " first_name=eq.Ada"}) {
        EXPECT_TRUE(passes(filter, ada)) << filter;
    }
    for (const auto* filter :
         {"first_name=eq.ada", "score=gt.87.5", "score=in.(1,2)", "status=in.()",
          "first_name=eq.Ada,score=gt.95", "first_name=like.a%", "city=is.null",
          "first_name=isdistinct.Ada", "first_name=eq."}) {
        EXPECT_FALSE(passes(filter, ada)) << filter;
    }
}

TEST(ChangeFilter, UnknownKeepsNoRow) {
    for (const auto* filter : {"province=eq.x", "province=not.eq.x", "province=neq.x",
                               "province=not.in.(x)", "province=not.like.x%", "score=lt.5"}) {
        EXPECT_FALSE(passes(filter, {{"first_name", "Ada"}})) << filter;
    }
}

TEST(ChangeFilter, OtherTypes) {
    const auto id = parse_uuid("01890a5d-ac96-774b-bcce-b302099a8057").value();
    const Members row{{"id", id},
                      {"created_at", parse_timestamp("2026-01-05T00:00:00Z").value()},
                      {"tags", schema::TextArray{"a"}}};
    EXPECT_TRUE(passes("id=eq.01890A5D-AC96-774B-BCCE-B302099A8057", row));
    EXPECT_TRUE(passes("created_at=gt.2026-01-04", row));
    EXPECT_FALSE(passes("created_at=gt.2026-01-05T01:00:00+01:00", row));
    EXPECT_TRUE(passes("tags=not.is.null,metadata=is.null", row));
}

TEST(ChangeFilter, WhatCannotBeIsRefused) {
    EXPECT_EQ(refusal("first_name"),
              "bad_query: the filter reads COLUMN=OPERATOR.VALUE, but not `first_name`");
    EXPECT_EQ(refusal("nothing=eq.1"), "unknown_field: leads has no column `nothing`");
    for (const auto* filter : {"first_name=eq",
                               "first_name=",
                               "first_name=cs.x",
                               "score=eq.x",
                               "score=eq.1.234",
                               "id=eq.1",
                               "tags=eq.x",
                               "first_name=is.x",
                               "first_name=is.true",
                               "status=in.new",
                               "status=in.(new",
                               "status=in.(\"new)",
                               "first_name=eq.a,",
                               "first_name=eq.\"a\"b",
                               "first_name=eq.\"",
                               "score=like.8%",
                               "first_name=match.(",
                               ",",
                               "=eq.1",
                               "status=in.(a)x"}) {
        EXPECT_NE(refusal(filter), "none") << filter;
    }
    std::string many = "city=is.null";
    for (int i = 0; i < 40; ++i) many += ",city=is.null";
    EXPECT_NE(refusal(many), "none");
}

TEST(ChangeFilter, SecretsCannotBeAskedAbout) {
    const auto& identities = schema::lead_catalog().relation("identities");
    EXPECT_FALSE(ChangeFilter::parse(identities, "cookies=is.null"));
}

}  // namespace
}  // namespace tenantry::http::realtime
