#include "query/cost.hpp"

#include "lead_fixture.hpp"
#include "support/scopes.hpp"

#include <gtest/gtest.h>

namespace tenantry::query {
namespace {

Value text(std::string_view value) { return schema::Text{value}; }

Cost cost(Request request) {
    const Stamp stamp{Timestamp{}, [] { return Uuid{}; }};
    return cost_of(
        scope_plan(plan(std::move(request), stamp).value(), support::scope_of("acme")).value());
}

/// A page of 20, the newest first.
Read page() {
    Read read{&leads(), {lead("id")}};
    read.order = {{lead("created_at"), true, true}};
    read.limit = 20;
    return read;
}

Filter is(std::string_view column, std::string_view value) {
    return equals(*lead(column), text(value));
}

Read page_where(Filter filter) {
    auto read = page();
    read.filter = std::move(filter);
    return read;
}

TEST(CostOf, APointLookupIsBounded) {
    Read read{&leads(), all_columns(leads()), {}, equals(*lead("id"), Uuid{})};
    EXPECT_EQ(cost(read), Cost::bounded);
    read.filter = Filter{Group{Group::Kind::all, {*read.filter, is("city", "a")}}};
    EXPECT_EQ(cost(read), Cost::bounded);
}

TEST(CostOf, APageAlongAnIndexIsBounded) {
    EXPECT_EQ(cost(page()), Cost::bounded);
    EXPECT_EQ(cost(page_where(is("status", "new"))), Cost::bounded);
    auto backwards = page();
    backwards.order[0] = {lead("created_at"), false, false};
    EXPECT_EQ(cost(backwards), Cost::bounded);
    auto after = page();
    after.after = std::vector<Value>{Timestamp{}, Uuid{}};
    EXPECT_EQ(cost(after), Cost::bounded);
}

TEST(CostOf, APageThatNoIndexLeadsThroughIsAScan) {
    EXPECT_EQ(cost(Read{&leads(), {lead("id")}}), Cost::scan);  // by id alone
    EXPECT_EQ(cost(page_where(is("city", "a"))), Cost::scan);
    EXPECT_EQ(
        cost(page_where(Filter{Group{Group::Kind::all, {is("status", "new"), is("city", "a")}}})),
        Cost::scan);
    auto by_score = page();
    by_score.order[0].column = lead("score");
    EXPECT_EQ(cost(by_score), Cost::scan);
    auto mixed = page();
    mixed.order.push_back({lead("id"), false, false});  // the index has both descending
    EXPECT_EQ(cost(mixed), Cost::scan);
}

TEST(CostOf, AFilterThatIsNoEqualityIsAScan) {
    const Filter others[] = {
        Filter{Predicate{lead("status"), Operator::eq, {text("new")}, true}},
        Filter{Predicate{lead("status"), Operator::in, {text("new")}}},
        Filter{Predicate{lead("status"), Operator::neq, {text("new")}}},
        Filter{Predicate{lead("city"), Operator::contains, {text("a")}}},
        Filter{Group{Group::Kind::any, {is("status", "new")}}},
        Filter{Group{Group::Kind::all, {is("status", "new")}, true}},
        Filter{Group{Group::Kind::any, {equals(*lead("id"), Uuid{}), is("city", "a")}}},
    };
    for (const auto& filter : others) EXPECT_EQ(cost(page_where(filter)), Cost::scan);
}

TEST(CostOf, LargePagesAndOffsetsAreScans) {
    auto read = page();
    read.limit = 200;
    read.offset = 1000;
    EXPECT_EQ(cost(read), Cost::bounded);
    read.limit = 201;
    EXPECT_EQ(cost(read), Cost::scan);
    read.limit = 20;
    read.offset = 1001;
    EXPECT_EQ(cost(read), Cost::scan);
    read.offset = 0;
    read.limit.reset();
    EXPECT_EQ(cost(read), Cost::scan);
}

TEST(CostOf, ACountIsBoundedWhereTheRollupAnswers) {
    auto read = page();
    read.count = true;
    EXPECT_EQ(cost(read), Cost::bounded);
    read.filter = is("status", "new");
    EXPECT_EQ(cost(read), Cost::bounded);
    read.filter = equals(*lead("id"), Uuid{});
    EXPECT_EQ(cost(read), Cost::scan);
    Read alone{.relation = &leads(), .only_count = true};
    EXPECT_EQ(cost(alone), Cost::bounded);
    alone.filter = equals(*lead("id"), Uuid{});
    EXPECT_EQ(cost(alone), Cost::scan);
    Read of_events{&events(), {&events().id()}};
    of_events.order = {{&events().column("timestamp"), true, true}};
    of_events.limit = 20;
    EXPECT_EQ(cost(of_events), Cost::bounded);
    of_events.count = true;
    EXPECT_EQ(cost(of_events), Cost::scan);
}

TEST(CostOf, EmbedsAndWritesAreScans) {
    auto read = page();
    read.embeds.push_back(
        {"events", &events().foreign_keys()[0], Embed::Direction::to_many, Read{&events()}});
    EXPECT_EQ(cost(read), Cost::scan);
    EXPECT_EQ(cost(Delete{&leads(), equals(*lead("id"), Uuid{})}), Cost::scan);
    EXPECT_EQ(cost(Update{&leads()}), Cost::scan);
}

TEST(RollupAnswers, OnlyFiltersOfItsOwnColumn) {
    const auto new_or_closed =
        Filter{Group{Group::Kind::any, {is("status", "new"), is("status", "closed")}, true}};
    EXPECT_TRUE(rollup_answers(leads(), std::nullopt));
    EXPECT_TRUE(rollup_answers(leads(), is("status", "new")));
    EXPECT_TRUE(rollup_answers(leads(), new_or_closed));
    EXPECT_TRUE(rollup_answers(
        leads(), Filter{Group{Group::Kind::all, {is("tenant_id", "acme"), new_or_closed}}}));
    EXPECT_FALSE(rollup_answers(leads(), is("city", "a")));
    EXPECT_FALSE(rollup_answers(
        leads(), Filter{Group{Group::Kind::any, {is("status", "new"), is("city", "a")}}}));
    EXPECT_FALSE(rollup_answers(events(), std::nullopt));
}

}  // namespace
}  // namespace tenantry::query
