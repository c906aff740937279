/// Orders of rows, and counts in their place: what a plan takes, whose rows it is that they look
/// at, and the SQL of either dialect.

#include "lead_fixture.hpp"
#include "query/sql.hpp"
#include "support/generators.hpp"
#include "support/scopes.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace tenantry::query {
namespace {

Value text(std::string_view value) { return schema::Text{value}; }

ScopedPlan scoped(Read read) {
    return scope_plan(plan(std::move(read)).value(), support::scope_of("acme")).value();
}

std::string show(const Statement& statement) {
    std::string out = statement.text;
    const char* separator = " <- ";
    for (const auto& parameter : statement.parameters) {
        const auto* value = std::get_if<Value>(&parameter);
        out += separator + (value != nullptr ? schema::to_text(*value) : "^");
        separator = ", ";
    }
    return out;
}

std::string refusal(const Read& read) {
    const auto planned = plan(read);
    if (planned) return "accepted";
    return fmt::format("{} [{}] {}", code_of(planned.error().code), planned.error().field,
                       planned.error().message);
}

Embed agent_embed(std::optional<Filter> filter = {}) {
    return {"agent", &leads().foreign_keys()[0], Direction::to_one,
            Read{&agents(), {agent("name")}, {}, std::move(filter)}};
}

/// By the agent's name, of those that are active, then by the place of a score.
Read ordered_read() {
    Read read{&leads(), {lead("id")}};
    read.embeds = {agent_embed(equals(*agent("status"), text("active")))};
    read.order = {{agent("name"), true, false, {}, 0},
                  {lead("metadata"), false, false, JsonPath{{"a", "0"}}},
                  {lead("metadata"), true, true, JsonPath{{"b"}, true}}};
    read.limit = 5;
    return read;
}

// --- plans ---------------------------------------------------------------------------------------

TEST(PlanOrder, OfPlacesAndOfOneEmbeddedRow) {
    const auto planned = plan(ordered_read());
    ASSERT_TRUE(planned) << planned.error();
    const auto& order = std::get<Read>(planned->request()).order;
    ASSERT_EQ(order.size(), 4U);
    EXPECT_EQ(order.back(), (OrderTerm{lead("id"), true, true}));
}

/// The key of an embedded row is not the row's own, even where both are of one relation.
TEST(PlanOrder, EndsWithTheRowsOwnKey) {
    schema::Catalog own;
    auto& staff = own.add("staff", {{"tenant_id", schema::ColumnType::text, {.nullable = false}},
                                    {"id", schema::ColumnType::uuid, {.nullable = false}},
                                    {"boss", schema::ColumnType::uuid, {}}});
    staff.add_foreign_key("boss", staff);
    Read read{&staff, {&staff.id()}};
    read.embeds = {{"boss", &staff.foreign_keys()[0], Direction::to_one, Read{&staff}}};
    read.order = {{&staff.id(), false, false, {}, 0}};
    const auto out = scoped(read);
    EXPECT_EQ(
        show(print_sql(out, sqlite_dialect()).main),
        R"(SELECT "id", "boss" FROM "staff" WHERE ("tenant_id" = ?1) ORDER BY (SELECT "id" FROM )"
        R"("staff" AS "embedded" WHERE ("tenant_id" = ?2) AND "id" = "staff"."boss" LIMIT 1) ASC )"
        R"(NULLS LAST, "id" ASC LIMIT ?3 <- acme, acme, 1000)");
}

TEST(PlanOrder, RefusesWhatRowsCannotBeOrderedBy) {
    const auto by = [](OrderTerm term, std::vector<Embed> embeds = {}) {
        Read read{&leads(), {lead("id")}, std::move(embeds)};
        read.order = {std::move(term)};
        return refusal(read);
    };
    EXPECT_EQ(by({lead("city"), false, false, JsonPath{{"a"}}}),
              "bad_query [city] city is no JSON that has a path");
    EXPECT_EQ(by({lead("metadata"), false, false, JsonPath{std::vector<std::string>(17, "a")}}),
              "bad_query [metadata] metadata has a path of none or more than 16 steps");
    EXPECT_EQ(by({agent("name"), false, false, {}, 0}),
              "bad_query [] rows are ordered by one row embedded in each");
    EXPECT_EQ(by({event("type"), false, false, {}, 0},
                 {{"events", &events().foreign_keys()[0], Direction::to_many, Read{&events()}}}),
              "bad_query [] rows are ordered by one row embedded in each");
    EXPECT_EQ(by({lead("city"), false, false, {}, 0}, {agent_embed()}),
              "bad_query [] a column does not belong to agents");
    EXPECT_EQ(by({agent("specialties"), false, false, {}, 0}, {agent_embed()}),
              "bad_query [specialties] can't order by specialties");
}

TEST(PlanOrder, CursorsAreOfTheRowsOwnColumns) {
    constexpr std::string_view refused =
        "bad_query [] pages by a cursor are in the order of the rows' own columns";
    auto read = ordered_read();
    read.has_more = true;
    EXPECT_EQ(refusal(read), refused);
    read.has_more = false;
    read.after = std::vector<Value>(4, schema::Null{});
    EXPECT_EQ(refusal(read), refused);
    read.order.resize(1);
    EXPECT_EQ(refusal(read), refused);
}

TEST(PlanCount, IsOfRowsAlone) {
    constexpr std::string_view refused = "bad_query [] a count has neither columns nor an order";
    const Read count{.relation = &leads(), .only_count = true};
    EXPECT_EQ(refusal(count), "accepted");
    auto read = count;
    read.projection = {lead("id")};
    EXPECT_EQ(refusal(read), refused);
    read = count;
    read.order = {{lead("id")}};
    EXPECT_EQ(refusal(read), refused);
    read = count;
    read.embeds = {agent_embed()};
    EXPECT_EQ(refusal(read), refused);
    read = count;
    read.has_more = true;
    EXPECT_EQ(refusal(read), refused);
}

// --- scopes --------------------------------------------------------------------------------------

/// What rows are ordered by is a row of the tenant's own, found by the filter of what is embedded.
TEST(ScopePlan, HoldsTheRowsOfAnOrderToTheTenant) {
    const auto out = scoped(ordered_read());
    const auto& read = std::get<Read>(out.request());
    const auto& filter = read.embeds.at(read.order.at(0).embed.value()).read.filter.value();
    EXPECT_EQ(std::get<Group>(filter.node).terms.at(0), equals(*agent("tenant_id"), text("acme")));
    for (const auto* dialect : {&sqlite_dialect(), &postgres_dialect()}) {
        const auto main = print_sql(out, *dialect).main;
        const auto order = main.text.substr(main.text.find(" ORDER BY "));
        EXPECT_NE(order.find(R"( AS "embedded" WHERE ("tenant_id" = )"), std::string::npos)
            << order;
    }
}

std::size_t count_of(std::string_view text, std::string_view part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
        ++count;
    return count;
}

/// No relation is looked at but by a condition that begins with the tenant.
RC_GTEST_PROP(ScopePlanProperty, EveryRelationOfAStatementIsHeldToTheTenant, ()) {
    static const support::RequestGenerator generator{{.catalog = &catalog(), .paging = true}};
    const auto out = scoped(*generator.read());
    const auto is_held = [](const Statement& statement) {
        const auto& sql = statement.text;
        RC_LOG() << sql;
        const auto relations =
            count_of(sql, " FROM ") - count_of(sql, " FROM (") - count_of(sql, " DISTINCT FROM ");
        RC_ASSERT(relations == count_of(sql, R"( WHERE ("tenant_id" = )") +
                                   count_of(sql, R"( WHERE "tenant_id" = )"));
    };
    is_held(print_sql(out, sqlite_dialect()).main);
    const auto printed = print_sql(out, postgres_dialect());
    is_held(printed.main);
    for (const auto& nested : printed.nested) is_held(nested.statement);
}

// --- SQL -----------------------------------------------------------------------------------------

TEST(SqliteOrder, LooksIntoJsonAndIntoWhatIsEmbedded) {
    EXPECT_EQ(
        show(print_sql(scoped(ordered_read()), sqlite_dialect()).main),
        R"(SELECT "id", "assigned_agent" FROM "leads" WHERE ("tenant_id" = ?1) ORDER BY (SELECT "name" )"
        R"(FROM "agents" AS "embedded" WHERE ("tenant_id" = ?2 AND "status" = ?3) AND "id" = )"
        R"("leads"."assigned_agent" LIMIT 1) DESC, json_at("metadata", ?4) COLLATE "json_order" ASC )"
        R"(NULLS LAST, json_text_at("metadata", ?5) DESC NULLS FIRST, "id" DESC LIMIT ?6)"
        R"( <- acme, acme, active, ["a","0"], ["b"], 5)");
}

TEST(PostgresOrder, LooksIntoJsonAndIntoWhatIsEmbedded) {
    EXPECT_EQ(
        show(print_sql(scoped(ordered_read()), postgres_dialect()).main),
        R"(SELECT "id" FROM "public"."leads" WHERE ("tenant_id" = $1) ORDER BY (SELECT "name" )"
        R"(FROM "public"."agents" AS "embedded" WHERE ("tenant_id" = $2 AND "status" = $3) AND "id" = )"
        R"("leads"."assigned_agent" LIMIT 1) DESC NULLS LAST, ("metadata" #> $4) ASC, )"
        R"(("metadata" #>> $5) DESC, "id" DESC LIMIT $6)"
        R"( <- acme, acme, active, ["a","0"], ["b"], 5)");
}

/// Where the embedded row is passed over, so it is here.
TEST(SqliteOrder, OfAnEmbedWithAnOffset) {
    auto read = ordered_read();
    read.embeds[0].read.offset = 1;
    EXPECT_NE(show(print_sql(scoped(read), sqlite_dialect()).main)
                  .find(R"("leads"."assigned_agent" LIMIT 1 OFFSET ?4) DESC)"),
              std::string::npos);
}

TEST(SqliteCount, StandsForTheRows) {
    Read read{.relation = &leads(),
              .filter = equals(*lead("city"), text("a")),
              .limit = 9,
              .offset = 1,
              .only_count = true};
    const auto printed = print_sql(scoped(read), sqlite_dialect()).main;
    EXPECT_EQ(show(printed),
              R"(SELECT count(*) FROM "leads" WHERE ("tenant_id" = ?1 AND "city" = ?2) )"
              R"(LIMIT ?3 OFFSET ?4 <- acme, a, 9, 1)");
    EXPECT_EQ(printed.columns, std::vector<const Column*>{&count_column});
    EXPECT_EQ(printed.visible, 1U);
}

TEST(PostgresCount, StandsForTheRows) {
    const Read read{.relation = &leads(), .only_count = true};
    EXPECT_EQ(show(print_sql(scoped(read), postgres_dialect()).main),
              R"(SELECT coalesce(sum("n"), 0)::bigint FROM "tenantry"."lead_counts" )"
              R"(WHERE ("tenant_id" = $1) LIMIT $2 <- acme, 1000)");
}

}  // namespace
}  // namespace tenantry::query
