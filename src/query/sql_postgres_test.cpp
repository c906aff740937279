#include "query/sql.hpp"

#include "lead_fixture.hpp"
#include "support/scopes.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tenantry::query {
namespace {

const Stamp stamp{parse_timestamp("2026-01-05").value(),
                  [] { return parse_uuid("0194f2a1-7c3e-7b12-9d55-00ff10ab3c4d").value(); }};

Printed print(Request request) {
    const auto planned = plan(std::move(request), stamp);
    return print_sql(scope_plan(planned.value(), support::scope_of("acme")).value(),
                     postgres_dialect());
}

std::string show(const Statement& statement) {
    std::string out = statement.text;
    const char* separator = " <- ";
    for (const auto& parameter : statement.parameters) {
        out += separator + schema::to_text(std::get<Value>(parameter));
        separator = ", ";
    }
    return out;
}

std::string sql(Request request) { return show(print(std::move(request)).main); }

TEST(PostgresSql, NamesTheSchemaAndNumbersItsParameters) {
    Read read{
        .relation = &leads(),
        .projection = {lead("id")},
        .filter = Filter{Predicate{lead("first_name"), Operator::contains, {schema::Text{"a"}}}},
        .order = {{lead("city"), false, false}, {lead("score"), true, false}},
        .limit = 5,
        .offset = 2};
    EXPECT_EQ(sql(read),
              R"(SELECT "id" FROM "public"."leads" WHERE ("tenant_id" = $1 AND )"
              R"("tenantry"."contains_folded"("first_name", (SELECT "tenantry"."folded"($2)))) )"
              R"(ORDER BY "city" ASC, "score" DESC NULLS LAST, "id" DESC LIMIT $3 OFFSET $4)"
              R"( <- acme, a, 5, 2)");
}

TEST(PostgresSql, PlacesSetsAndRelativesAreNative) {
    const auto where = [](Filter filter) {
        Read read{.relation = &leads(), .projection = {lead("id")}, .filter = std::move(filter)};
        const auto text = sql(read);
        const auto from = text.find(" AND ") + 5;
        return text.substr(from, text.find(") ORDER BY") - from);
    };
    EXPECT_EQ(
        where(Filter{Predicate{
            lead("metadata"), Operator::eq, {schema::Text{"a"}}, false, JsonPath{{"n"}, true}}}),
        R"(("metadata" #>> $2) = $3)");
    Predicate search{lead("city"), Operator::search, {schema::Text{"a"}}};
    search.search = Search{SearchSyntax::web, "english"};
    EXPECT_EQ(where(Filter{search}), R"(to_tsvector('english'::regconfig, "city") @@ )"
                                     R"(websearch_to_tsquery('english'::regconfig, $2))");
    search.search = Search{};
    EXPECT_EQ(where(Filter{search}), R"(to_tsvector("city") @@ to_tsquery($2))");
    EXPECT_EQ(where(Filter{Predicate{lead("tags"), Operator::overlaps, {schema::TextArray{"a"}}}}),
              R"("tags" && $2)");
    EXPECT_EQ(where(Filter{Predicate{lead("city"), Operator::ilike, {schema::Text{"a%"}}}}),
              R"("tenantry"."folded"("city") LIKE (SELECT "tenantry"."folded"($2)))");
    EXPECT_EQ(
        where(Filter{Related{&leads().foreign_keys()[0], Direction::to_one, &agents(), {}, true}}),
        R"(("assigned_agent" IS NULL OR NOT "assigned_agent" IN (SELECT "id" FROM )"
        R"("public"."agents" WHERE "tenant_id" = $2)))");
}

TEST(PostgresSql, CountsAreIntegers) {
    Read read{.relation = &leads(), .projection = {lead("id")}, .count = true};
    EXPECT_EQ(
        show(*print(read).count),
        R"(SELECT coalesce(sum("n"), 0)::bigint FROM "tenantry"."lead_counts" WHERE ("tenant_id" = $1) <- acme)");
}

TEST(PostgresSql, AnUpsertsClockRefersToTheRowThatIsThere) {
    Insert insert{.relation = &leads(),
                  .columns = {lead("first_name"), lead("email")},
                  .rows = {{schema::Text{"a"}, schema::Text{"a@example.com"}}},
                  .on_conflict = OnConflict::merge,
                  .conflict_key = &leads().unique_keys()[0]};
    const auto text = sql(insert);
    EXPECT_NE(text.find(R"("updated_at" = greatest(excluded."updated_at", )"
                        R"("leads"."updated_at" + interval '1 microsecond'))"),
              std::string::npos)
        << text;
}

TEST(PostgresSql, ManyRowsComeAsAnArrayOfEachColumn) {
    Insert insert{.relation = &agents(),
                  .columns = {&agents().column("name"), &agents().column("email")},
                  .rows = {{schema::Text{"a"}, schema::Text{"a@example.com"}}}};
    auto planned = plan(std::move(insert), stamp).value();
    const auto scoped = scope_plan(std::move(planned), support::scope_of("acme")).value();
    const auto statement = print_insert_of(scoped, postgres_dialect(), 500);
    EXPECT_EQ(
        statement.text,
        R"(INSERT INTO "public"."agents" ("tenant_id", "name", "email", "id", "specialties", )"
        R"("active_leads", "conversion_rate", "status", "created_at", "updated_at") )"
        R"(SELECT "tenant_id", "name", "email", "id", "specialties"::text[], "active_leads", )"
        R"("conversion_rate"::numeric, "status", "created_at", "updated_at" FROM unnest($1::text[], )"
        R"($2::text[], $3::text[], $4::uuid[], $5::text[], $6::bigint[], $7::text[], $8::text[], )"
        R"($9::timestamptz[], $10::timestamptz[]) AS "rows" ("tenant_id", "name", "email", "id", )"
        R"("specialties", "active_leads", "conversion_rate", "status", "created_at", "updated_at"))");
    EXPECT_TRUE(statement.parameters.empty());
}

TEST(PostgresSql, AnUpdateThatMustMatchRefusesItself) {
    Update update{.relation = &leads(),
                  .assignments = {{lead("city"), schema::Text{"Oslo"}}},
                  .returning = {lead("id")},
                  .must_match = true};
    EXPECT_EQ(
        sql(update),
        R"(WITH "changed" AS (UPDATE "public"."leads" SET "city" = $1, "updated_at" = greatest($2, )"
        R"("leads"."updated_at" + interval '1 microsecond') WHERE ("tenant_id" = $3) RETURNING "id") )"
        R"(SELECT "id", "tenantry"."must_match"((SELECT count(*) FROM "changed")) )"
        R"(FROM (SELECT 1) AS "one" LEFT JOIN "changed" ON true)"
        R"( <- Oslo, 2026-01-05T00:00:00.000Z, acme)");
}

TEST(PostgresSql, EmbedsAreChainsOfLateralJoins) {
    Read read{.relation = &leads(), .projection = {lead("id")}, .limit = 2};
    Read of_agent{.relation = &agents(), .projection = {&agents().column("name")}};
    Read of_events{.relation = &events(),
                   .projection = {&events().column("type"), &events().column("type")},
                   .limit = 3};
    read.embeds.push_back(
        {"agent", &leads().foreign_keys()[0], Embed::Direction::to_one, of_agent});
    read.embeds[0].read.embeds.push_back(
        {"events", &events().foreign_keys()[1], Embed::Direction::to_many, of_events});
    const auto printed = print(read);
    EXPECT_TRUE(printed.main.embeds.empty());
    ASSERT_EQ(printed.nested.size(), 2U);
    EXPECT_EQ(printed.nested[0].path, (std::vector<std::size_t>{0}));
    EXPECT_EQ(
        show(printed.nested[0].statement),
        R"(SELECT r0."n$", r1."name" FROM (SELECT q.*, row_number() OVER () AS "n$" FROM (SELECT )"
        R"("assigned_agent" FROM "public"."leads" WHERE ("tenant_id" = $1) ORDER BY "id" ASC LIMIT $2) )"
        R"(AS q) AS r0 CROSS JOIN LATERAL (SELECT q.*, row_number() OVER () AS "n$" FROM (SELECT "name" )"
        R"(FROM "public"."agents" WHERE ("tenant_id" = $3) AND "id" = r0."assigned_agent" ORDER BY "id" )"
        R"(ASC LIMIT $4) AS q) AS r1 ORDER BY r0."n$", r1."n$" <- acme, 2, acme, 1)");
    EXPECT_EQ(printed.nested[1].path, (std::vector<std::size_t>{0, 0}));
    EXPECT_TRUE(printed.nested[0].to_one);
    EXPECT_FALSE(printed.nested[1].to_one);
    const auto& inner = printed.nested[1].statement.text;
    EXPECT_TRUE(inner.starts_with(R"(SELECT r0."n$", r1."n$", r2."type", r2."type" FROM)"))
        << inner;
    EXPECT_NE(inner.find(R"(SELECT "type" FROM "public"."events" WHERE ("tenant_id" = $5) AND )"
                         R"("agent_id" = r1."id")"),
              std::string::npos)
        << inner;
    EXPECT_EQ(printed.nested[1].statement.parameters.size(), 6U);
}

}  // namespace
}  // namespace tenantry::query
