#include "query/algebra.hpp"

#include "lead_fixture.hpp"

#include <gtest/gtest.h>

namespace tenantry::query {
namespace {

Filter city(std::string_view value) { return equals(leads().column("city"), schema::Text{value}); }

Filter group(Group::Kind kind, std::vector<Filter> terms, bool negated = false) {
    return Filter{Group{kind, std::move(terms), negated}};
}

TEST(Equals, IsOnePredicate) {
    const auto predicate = std::get<Predicate>(city("Toronto").node);
    EXPECT_EQ(predicate.column, &leads().column("city"));
    EXPECT_EQ(predicate.op, Operator::eq);
    EXPECT_EQ(predicate.operands, (std::vector<Value>{schema::Text{"Toronto"}}));
    EXPECT_FALSE(predicate.negated);
}

TEST(AddTerm, KeepsAConjunctionFlat) {
    std::optional<Filter> filter;
    add_term(filter, city("a"));
    EXPECT_EQ(filter, city("a"));
    add_term(filter, city("b"));
    EXPECT_EQ(filter, group(Group::Kind::all, {city("a"), city("b")}));
    add_term(filter, city("c"));
    EXPECT_EQ(filter, group(Group::Kind::all, {city("a"), city("b"), city("c")}));
}

TEST(AddTerm, NeverJoinsIntoAnythingElse) {
    for (const auto& old :
         {group(Group::Kind::any, {city("a"), city("b")}),
          group(Group::Kind::all, {city("a")}, true), group(Group::Kind::any, {}, true)}) {
        std::optional<Filter> filter = old;
        add_term(filter, city("c"));
        EXPECT_EQ(filter, group(Group::Kind::all, {old, city("c")}));
    }
}

TEST(AllColumns, AreThoseOfTheSchemaInItsOrder) {
    const auto columns = all_columns(leads());
    ASSERT_EQ(columns.size(), leads().columns().size());
    for (std::size_t i = 0; i < columns.size(); ++i) EXPECT_EQ(columns[i], &leads().columns()[i]);
}

TEST(Algebra, ComparesByContent) {
    EXPECT_EQ(city("a"), city("a"));
    EXPECT_NE(city("a"), city("b"));
    EXPECT_NE(group(Group::Kind::all, {city("a")}), city("a"));
    EXPECT_NE(group(Group::Kind::all, {city("a")}), group(Group::Kind::any, {city("a")}));
    EXPECT_NE(group(Group::Kind::all, {city("a")}), group(Group::Kind::all, {city("a")}, true));
    Read a{&leads()};
    Read b = a;
    EXPECT_EQ(a, b);
    b.limit = 1;
    EXPECT_NE(a, b);
    b = a;
    b.embeds.push_back(
        {"agent", &leads().foreign_keys()[0], Embed::Direction::to_one, Read{&leads()}});
    EXPECT_NE(a, b);
}

}  // namespace
}  // namespace tenantry::query
