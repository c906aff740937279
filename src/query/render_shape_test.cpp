#include "query/render_shape.hpp"

#include "lead_fixture.hpp"
#include "query/request_text.hpp"

#include <gtest/gtest.h>

namespace tenantry::query {
namespace {

EmbeddedRows embedded(std::string name, bool to_one, const Column& column,
                      std::initializer_list<std::string_view> values,
                      std::vector<std::size_t> ends) {
    EmbeddedRows out{std::move(name), to_one, RowSet{{&column}, 1}, std::move(ends)};
    for (const auto value : values) out.rows.append_text(value);
    return out;
}

/// Three leads: of the first two events and an agent, of the second nothing, of the third an event
/// and no agent.
RowSet three_leads() {
    RowSet rows{{lead("city")}, 1};
    for (const auto* city : {"a", "b", "c"}) rows.append_text(city);
    auto events = embedded("events", false, *event("type"), {"call", "mail", "visit"}, {2, 2, 3});
    events.rows.embeds().push_back(
        embedded("agents", true, *agent("name"), {"Ann", "Bo"}, {1, 1, 2}));
    rows.embeds().push_back(std::move(events));
    rows.embeds().push_back(embedded("agents", true, *agent("name"), {"Cleo"}, {1, 1, 1}));
    return rows;
}

struct Told {
    std::string json{};
    std::string bare{};  // without nulls
    std::string csv{};
};

Told told(const Shape& shape, const RowSet& rows) {
    Told out;
    EXPECT_TRUE(append_shaped_rows(out.json, rows, shape));
    EXPECT_TRUE(append_shaped_rows(out.bare, rows, shape, Nulls::left_out));
    EXPECT_TRUE(append_csv(out.csv, rows, shape));
    return out;
}

Shape::Nested nested(std::size_t embed, bool spread, std::string name,
                     std::vector<Shape::Nested> within = {}) {
    return {embed, spread, {{{0, std::move(name)}}, std::move(within)}};
}

TEST(RenderShape, OfOneRowItsValuesAreSpread) {
    const auto out = told({{{0, "city"}}, {nested(1, true, "agent")}}, three_leads());
    EXPECT_EQ(out.json, R"([{"city":"a","agent":"Cleo"},{"city":"b","agent":null},)"
                        R"({"city":"c","agent":null}])");
    EXPECT_EQ(out.bare, R"([{"city":"a","agent":"Cleo"},{"city":"b"},{"city":"c"}])");
    EXPECT_EQ(out.csv, "city,agent\na,Cleo\nb,\nc,");
}

TEST(RenderShape, OfManyRowsArraysAreSpread) {
    const auto out = told({{{0, "city"}}, {nested(0, true, "types")}}, three_leads());
    EXPECT_EQ(out.json, R"([{"city":"a","types":["call","mail"]},{"city":"b","types":[]},)"
                        R"({"city":"c","types":["visit"]}])");
    EXPECT_EQ(out.bare, out.json);
    EXPECT_EQ(out.csv,
              "city,types\na,\"[\"\"call\"\",\"\"mail\"\"]\"\nb,[]\nc,\"[\"\"visit\"\"]\"");
}

TEST(RenderShape, WhatIsWithinGoesAlong) {
    const auto spread =
        told({{}, {nested(0, true, "types", {nested(0, true, "agents")})}}, three_leads());
    EXPECT_EQ(spread.json, R"([{"types":["call","mail"],"agents":["Ann",null]},)"
                           R"({"types":[],"agents":[]},{"types":["visit"],"agents":["Bo"]}])");
    const auto whole =
        told({{}, {nested(0, true, "types", {nested(0, false, "name")})}}, three_leads());
    EXPECT_EQ(whole.json,
              R"([{"types":["call","mail"],"agents":[{"name":"Ann"},null]},)"
              R"({"types":[],"agents":[]},{"types":["visit"],"agents":[{"name":"Bo"}]}])");
}

TEST(RenderShape, AValueThatCantBeCastIsNamed) {
    const Shape shape{{{.column = 0, .name = "city", .cast = Cast::int4}}, {}};
    std::string out;
    const auto outcome = append_shaped_rows(out, three_leads(), shape);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().message, "city: 'a' is no integer") << "the first one";
    EXPECT_FALSE(append_csv(out, three_leads(), shape));
    const Shape within{{}, {{0, true, {{{.column = 0, .name = "n", .cast = Cast::int4}}, {}}}}};
    EXPECT_FALSE(append_csv(out, three_leads(), within));
}

TEST(RenderShape, ManyMayBeSpreadInARequest) {
    const auto read =
        parse_request(catalog(), leads(),
                      "select=id,...events(kinds:type,at:created_at)&events.order=created_at");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_TRUE(read->shape.nested.front().spread);
    EXPECT_EQ(read->read.embeds.front().direction, Direction::to_many);
}

}  // namespace
}  // namespace tenantry::query
