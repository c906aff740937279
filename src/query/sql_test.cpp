#include "query/sql.hpp"

#include "lead_fixture.hpp"
#include "support/generators.hpp"
#include "support/scopes.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace tenantry::query {
namespace {

Value text(std::string_view value) { return schema::Text{value}; }

const Stamp stamp{parse_timestamp("2026-01-05").value(),
                  [] { return parse_uuid("0194f2a1-7c3e-7b12-9d55-00ff10ab3c4d").value(); }};

Printed print(Request request) {
    const auto planned = plan(std::move(request), stamp);
    return print_sql(scope_plan(planned.value(), support::scope_of("acme")).value(),
                     sqlite_dialect());
}

std::string show(const Parameter& parameter) {
    if (const auto* parent = std::get_if<ParentColumn>(&parameter))
        return fmt::format("^{}", parent->index);
    return schema::to_text(std::get<Value>(parameter));
}

/// Text, then what is bound.
std::string show(const Statement& statement) {
    std::string out = statement.text;
    const char* separator = " <- ";
    for (const auto& parameter : statement.parameters) {
        out += separator + show(parameter);
        separator = ", ";
    }
    return out;
}

std::string sql(Request request) { return show(print(std::move(request)).main); }

Filter search(SearchSyntax syntax, std::string_view configuration) {
    Predicate out{lead("city"), Operator::search, {schema::Text{"a"}}};
    out.search = Search{syntax, configuration};
    return Filter{out};
}

Filter predicate(const Column* column, Operator op, std::vector<Value> operands = {},
                 bool negated = false) {
    return Filter{Predicate{column, op, std::move(operands), negated}};
}

// --- reads ---------------------------------------------------------------------------------------

TEST(SqliteRead, IsHeldToTheTenantOrderedAndLimited) {
    EXPECT_EQ(
        sql(Read{&leads(), {lead("id"), lead("city")}}),
        R"(SELECT "id", "city" FROM "leads" WHERE ("tenant_id" = ?1) ORDER BY "id" ASC LIMIT ?2 <- acme, 1000)");
}

TEST(SqliteRead, LimitAndOffset) {
    Read read{&leads(), {lead("id")}};
    read.limit = 20;
    read.offset = 40;
    EXPECT_EQ(
        sql(read),
        R"(SELECT "id" FROM "leads" WHERE ("tenant_id" = ?1) ORDER BY "id" ASC LIMIT ?2 OFFSET ?3 <- acme, 20, 40)");
    read.has_more = true;  // one row beyond the page tells
    EXPECT_EQ(
        sql(read),
        R"(SELECT "id" FROM "leads" WHERE ("tenant_id" = ?1) ORDER BY "id" ASC LIMIT ?2 OFFSET ?3 <- acme, 21, 40)");
}

struct FilterCase {
    std::string_view what;
    Filter filter;
    std::string_view where;
    std::string_view bound;
};

class SqliteFilter : public testing::TestWithParam<FilterCase> {};

TEST_P(SqliteFilter, PrintsAs) {
    const auto& [what, filter, where, bound] = GetParam();
    Read read{&leads(), {lead("id")}, {}, filter};
    read.limit = 5;
    const auto parameters = std::ranges::count(where, '?') + 2;
    EXPECT_EQ(
        sql(read),
        fmt::format(R"(SELECT "id" FROM "leads" WHERE ("tenant_id" = ?1 AND {}) ORDER BY "id" ASC )"
                    R"(LIMIT ?{} <- acme, {}{}5)",
                    where, parameters, bound, bound.empty() ? "" : ", "));
}

std::vector<FilterCase> filter_cases() {
    const auto city = [](std::string_view value) {
        return predicate(lead("city"), Operator::eq, {text(value)});
    };
    const auto group = [](Group::Kind kind, std::vector<Filter> terms, bool negated = false) {
        return Filter{Group{kind, std::move(terms), negated}};
    };
    return {
        {"Eq", city("Toronto"), R"("city" = ?2)", "Toronto"},
        {"Neq", predicate(lead("city"), Operator::neq, {text("a")}), R"("city" <> ?2)", "a"},
        {"Lt", predicate(lead("score"), Operator::lt, {Decimal{8750, 2}}), R"("score" < ?2)",
         "87.50"},
        {"Lte", predicate(lead("score"), Operator::lte, {Decimal{0, 2}}), R"("score" <= ?2)",
         "0.00"},
        {"Gt", predicate(lead("city"), Operator::gt, {text("a")}), R"("city" > ?2)", "a"},
        {"Gte", predicate(lead("created_at"), Operator::gte, {Timestamp{}}),
         R"("created_at" >= ?2)", "1970-01-01T00:00:00.000Z"},
        {"In", predicate(lead("city"), Operator::in, {text("a"), text("b"), text("c")}),
         R"("city" IN (?2, ?3, ?4))", "a, b, c"},
        {"InOfOne", predicate(lead("city"), Operator::in, {text("a")}), R"("city" IN (?2))", "a"},
        {"InOfNone", predicate(lead("city"), Operator::in), "(1 = 0)", ""},
        {"NotInOfNone", predicate(lead("city"), Operator::in, {}, true), "NOT ((1 = 0))", ""},
        {"IsNull", predicate(lead("city"), Operator::is_null), R"("city" IS NULL)", ""},
        {"IsNotNull", predicate(lead("city"), Operator::is_null, {}, true),
         R"(NOT ("city" IS NULL))", ""},
        {"NotEq", predicate(lead("city"), Operator::eq, {text("a")}, true), R"(NOT ("city" = ?2))",
         "a"},
        {"Contains", predicate(lead("city"), Operator::contains, {text("50%_'")}),
         R"(contains_folded("city", ?2))", "50%_'"},
        {"NotContains", predicate(lead("city"), Operator::contains, {text("x")}, true),
         R"(NOT (contains_folded("city", ?2)))", "x"},
        {"Like", predicate(lead("city"), Operator::like, {text("a%")}), R"(like_text("city", ?2))",
         "a%"},
        {"Search", search(SearchSyntax::web, "simple"), R"(search_web("city", ?2))", "a"},
        {"Distinct", predicate(lead("city"), Operator::distinct, {text("a")}),
         R"("city" IS NOT ?2)", "a"},
        {"HasAll", predicate(lead("tags"), Operator::has_all, {schema::TextArray{"a"}}),
         R"(json_holds("tags", ?2))", R"(["a"])"},
        {"Within", predicate(lead("tags"), Operator::within, {schema::TextArray{"a"}}),
         R"(json_holds(?2, "tags"))", R"(["a"])"},
        {"Place",
         Filter{Predicate{
             lead("metadata"), Operator::gt, {schema::Json{"5"}}, false, JsonPath{{"n"}, false}}},
         R"(json_compare(json_at("metadata", ?2), ?3) > 0)", R"(["n"], 5)"},
        {"PlaceOfText",
         Filter{Predicate{
             lead("metadata"), Operator::in, {text("a"), text("b")}, false, JsonPath{{"n"}, true}}},
         R"(json_text_at("metadata", ?2) IN (?3, ?4))", R"(["n"], a, b)"},
        {"OneRelative",
         Filter{Related{&leads().foreign_keys()[0], Direction::to_one, &agents(), {}}},
         R"("assigned_agent" IN (SELECT "id" FROM "agents" WHERE "tenant_id" = ?2))", "acme"},
        {"NoRelatives",
         Filter{Related{&events().foreign_keys()[0],
                        Direction::to_many,
                        &events(),
                        {predicate(event("type"), Operator::eq, {text("call")})},
                        true}},
         R"((NOT "id" IN (SELECT "lead_id" FROM "events" WHERE "tenant_id" = ?2 AND "type" = ?3 )"
         R"(AND "lead_id" IS NOT NULL)))",
         "acme, call"},
        {"Any", group(Group::Kind::any, {city("a"), city("b")}), R"(("city" = ?2 OR "city" = ?3))",
         "a, b"},
        {"All", group(Group::Kind::all, {city("a"), city("b")}), R"(("city" = ?2 AND "city" = ?3))",
         "a, b"},
        {"NotAny", group(Group::Kind::any, {city("a")}, true), R"(NOT ("city" = ?2))", "a"},
        {"EmptyAll", group(Group::Kind::all, {}), "(1 = 1)", ""},
        {"EmptyAny", group(Group::Kind::any, {}), "(1 = 0)", ""},
        {"NotEmptyAny", group(Group::Kind::any, {}, true), "NOT (1 = 0)", ""},
        {"Nested",
         group(Group::Kind::any,
               {city("a"),
                group(Group::Kind::all, {city("b"), group(Group::Kind::any, {city("c")}, true)})}),
         R"(("city" = ?2 OR ("city" = ?3 AND NOT ("city" = ?4))))", "a, b, c"},
        {"TextThatLooksLikeSql", city(R"('; DROP TABLE "leads" --)"), R"("city" = ?2)",
         R"('; DROP TABLE "leads" --)"},
        {"AnotherTenantAskedFor", predicate(lead("tenant_id"), Operator::eq, {text("globex")}),
         R"("tenant_id" = ?2)", "globex"},
    };
}

INSTANTIATE_TEST_SUITE_P(Table, SqliteFilter, testing::ValuesIn(filter_cases()),
                         [](const auto& tested) { return std::string{tested.param.what}; });

TEST(SqliteRead, NullsStandWhereTheOrderSays) {
    Read read{&leads(), {lead("id")}};
    read.limit = 1;
    // By itself SQLite has nulls first ascending, last descending; what is not nullable needs no
    // word.
    read.order = {{lead("city"), false, false},
                  {lead("source"), false, true},
                  {lead("score"), true, true},
                  {lead("phone"), true, false},
                  {lead("created_at"), true, true}};
    EXPECT_EQ(
        sql(read),
        R"(SELECT "id" FROM "leads" WHERE ("tenant_id" = ?1) ORDER BY "city" ASC NULLS LAST, )"
        R"("source" ASC, "score" DESC NULLS FIRST, "phone" DESC, "created_at" DESC, "id" DESC )"
        R"(LIMIT ?2 <- acme, 1)");
}

TEST(SqliteRead, NothingSelectedStillHasRows) {
    const auto printed = print(Read{&leads()}).main;
    EXPECT_EQ(
        show(printed),
        R"(SELECT "id" FROM "leads" WHERE ("tenant_id" = ?1) ORDER BY "id" ASC LIMIT ?2 <- acme, 1000)");
    EXPECT_EQ(printed.visible, 0U);
}

TEST(SqliteRead, FetchesTheOrderColumnsThatACursorIsMadeOf) {
    Read read{&leads(), {lead("city")}};
    read.order = {{lead("created_at"), true, true}};
    read.limit = 20;
    EXPECT_TRUE(sql(read).starts_with(R"(SELECT "city" FROM)"));
    read.has_more = true;
    const auto printed = print(read).main;
    EXPECT_TRUE(printed.text.starts_with(R"(SELECT "city", "created_at", "id" FROM)"));
    EXPECT_EQ(printed.visible, 1U);
    EXPECT_EQ(printed.columns,
              (std::vector<const Column*>{lead("city"), lead("created_at"), lead("id")}));
}

// --- keysets -------------------------------------------------------------------------------------

std::string keyset(std::vector<OrderTerm> order, std::vector<Value> after) {
    Read read{&leads(), {lead("city")}};
    read.order = std::move(order);
    read.after = std::move(after);
    read.limit = 9;
    auto out = sql(read);
    const std::string before = R"(SELECT "city" FROM "leads" WHERE ("tenant_id" = ?1) AND )";
    EXPECT_TRUE(out.starts_with(before)) << out;
    out.erase(0, before.size());
    const auto end = out.find(" ORDER BY");
    return out.substr(0, end) + out.substr(out.find(" <- acme, ") + 9);
}

const Uuid last_id = parse_uuid("0194f2a1-7c3e-7b12-9d55-000000000000").value();
constexpr std::string_view last_id_text = "0194f2a1-7c3e-7b12-9d55-000000000000";

TEST(SqliteKeyset, StartsAfterTheId) {
    EXPECT_EQ(keyset({}, {last_id}),
              fmt::format(R"(("id" >= ?2 AND ("id" > ?3)) {0}, {0}, 9)", last_id_text));
    EXPECT_EQ(keyset({{lead("id"), true, true}}, {last_id}),
              fmt::format(R"(("id" <= ?2 AND ("id" < ?3)) {0}, {0}, 9)", last_id_text));
}

TEST(SqliteKeyset, EachTermGoesItsOwnWay) {
    EXPECT_EQ(
        keyset({{lead("status")}, {lead("created_at"), true, true}},
               {text("new"), Timestamp{}, last_id}),
        fmt::format(
            R"(("status" >= ?2 AND ("status" > ?3 OR ("status" = ?4 AND ("created_at" < ?5 OR )"
            R"(("created_at" = ?6 AND ("id" < ?7)))))) new, new, new, {0}, {0}, {1}, 9)",
            "1970-01-01T00:00:00.000Z", last_id_text));
}

TEST(SqliteKeyset, NullsLastComeAfterEveryValue) {
    EXPECT_EQ(
        keyset({{lead("score"), false, false}}, {Decimal{100, 2}, last_id}),
        fmt::format(
            R"((("score" > ?2 OR "score" IS NULL) OR ("score" = ?3 AND ("id" > ?4))) 1.00, 1.00, {}, 9)",
            last_id_text));
    EXPECT_EQ(keyset({{lead("score"), false, false}}, {schema::Null{}, last_id}),
              fmt::format(R"((("score" IS NULL AND ("id" > ?2))) {}, 9)", last_id_text));
    EXPECT_EQ(
        keyset({{lead("score"), true, false}}, {Decimal{100, 2}, last_id}),
        fmt::format(
            R"((("score" < ?2 OR "score" IS NULL) OR ("score" = ?3 AND ("id" < ?4))) 1.00, 1.00, {}, 9)",
            last_id_text));
}

TEST(SqliteKeyset, NullsFirstAreBehindEveryValue) {
    EXPECT_EQ(keyset({{lead("score"), true, true}}, {Decimal{100, 2}, last_id}),
              fmt::format(R"(("score" < ?2 OR ("score" = ?3 AND ("id" < ?4))) 1.00, 1.00, {}, 9)",
                          last_id_text));
    EXPECT_EQ(keyset({{lead("score"), true, true}}, {schema::Null{}, last_id}),
              fmt::format(R"((NOT ("score" IS NULL) OR ("score" IS NULL AND ("id" < ?2))) {}, 9)",
                          last_id_text));
}

TEST(SqliteKeyset, ANullableLastTermEndsTheSearch) {
    EXPECT_EQ(
        keyset({{lead("id")}, {lead("city")}}, {last_id, schema::Null{}}),
        fmt::format(R"(("id" >= ?2 AND ("id" > ?3 OR ("id" = ?4 AND (1 = 0)))) {0}, {0}, {0}, 9)",
                    last_id_text));
}

// --- counts --------------------------------------------------------------------------------------

std::string count_sql(std::optional<Filter> filter) {
    Read read{&leads(), {lead("id")}, {}, std::move(filter)};
    read.count = true;
    read.limit = 20;
    read.after = std::vector<Value>{last_id};
    return show(print(read).count.value());
}

TEST(SqliteCount, IsOfAllRowsOfTheFilterAndIgnoresThePage) {
    EXPECT_EQ(
        count_sql(predicate(lead("city"), Operator::eq, {text("a")})),
        R"(SELECT count(*) FROM "leads" WHERE ("tenant_id" = ?1 AND "city" = ?2) <- acme, a)");
}

TEST(SqliteCount, IsReadFromTheRollupWhereItKnows) {
    EXPECT_EQ(
        count_sql(std::nullopt),
        R"(SELECT coalesce(sum("n"), 0) FROM "lead_counts" WHERE ("tenant_id" = ?1) <- acme)");
    EXPECT_EQ(
        count_sql(predicate(lead("status"), Operator::in, {text("new"), text("closed")})),
        R"(SELECT coalesce(sum("n"), 0) FROM "lead_counts" WHERE ("tenant_id" = ?1 AND "status" IN (?2, ?3)) )"
        R"(<- acme, new, closed)");
    EXPECT_EQ(
        count_sql(Filter{Group{Group::Kind::any,
                               {predicate(lead("status"), Operator::eq, {text("new")}),
                                predicate(lead("city"), Operator::is_null)}}}),
        R"(SELECT count(*) FROM "leads" WHERE ("tenant_id" = ?1 AND ("status" = ?2 OR "city" IS NULL)) <- acme, new)");
}

TEST(SqliteCount, IsOnlyThereWhenAskedFor) {
    EXPECT_FALSE(print(Read{&leads(), {lead("id")}}).count);
    Read of_agents{&agents(), {agent("id")}};
    of_agents.count = true;
    EXPECT_EQ(show(print(of_agents).count.value()),
              R"(SELECT count(*) FROM "agents" WHERE ("tenant_id" = ?1) <- acme)");
}

// --- embeds --------------------------------------------------------------------------------------

TEST(SqliteEmbed, ToOneReadsTheRowThatTheKeyNames) {
    Read read{&leads(),
              {lead("first_name")},
              {{"agent", &leads().foreign_keys()[0], Embed::Direction::to_one,
                Read{&agents(), {agent("name")}}}}};
    const auto printed = print(read).main;
    EXPECT_EQ(show(printed),
              R"(SELECT "first_name", "assigned_agent" FROM "leads" WHERE ("tenant_id" = ?1) )"
              R"(ORDER BY "id" ASC LIMIT ?2 <- acme, 1000)");
    EXPECT_EQ(printed.visible, 1U);
    ASSERT_EQ(printed.embeds.size(), 1U);
    EXPECT_EQ(printed.embeds[0].name, "agent");
    EXPECT_TRUE(printed.embeds[0].to_one);
    EXPECT_EQ(
        show(printed.embeds[0].statement),
        R"(SELECT "name" FROM "agents" WHERE ("tenant_id" = ?1) AND "id" = ?2 ORDER BY "id" ASC LIMIT ?3 )"
        R"(<- acme, ^1, 1)");
}

TEST(SqliteEmbed, ToManyReadsTheRowsThatNameThisOne) {
    Read of_events{
        &events(), {event("type")}, {}, predicate(event("type"), Operator::eq, {text("call")})};
    of_events.order = {{event("timestamp"), true, true}};
    of_events.limit = 5;
    of_events.offset = 2;
    Read read{&leads(),
              {lead("id")},
              {{"events", &events().foreign_keys()[0], Embed::Direction::to_many, of_events}}};
    const auto printed = print(read).main;
    EXPECT_EQ(printed.columns, (std::vector<const Column*>{lead("id")}));
    EXPECT_FALSE(printed.embeds[0].to_one);
    EXPECT_EQ(
        show(printed.embeds[0].statement),
        R"(SELECT "type" FROM "events" WHERE ("tenant_id" = ?1 AND "type" = ?2) AND "lead_id" = ?3 )"
        R"(ORDER BY "timestamp" DESC, "id" DESC LIMIT ?4 OFFSET ?5 <- acme, call, ^0, 5, 2)");
}

TEST(SqliteEmbed, NestsWithTheTenantOnEveryLevel) {
    Read of_agents{&agents(), {}};
    Read of_events{&events(),
                   {},
                   {{"agent", &events().foreign_keys()[1], Embed::Direction::to_one, of_agents}}};
    Read read{&leads(),
              {},
              {{"events", &events().foreign_keys()[0], Embed::Direction::to_many, of_events}}};
    const auto printed = print(read).main;
    EXPECT_EQ(
        show(printed),
        R"(SELECT "id" FROM "leads" WHERE ("tenant_id" = ?1) ORDER BY "id" ASC LIMIT ?2 <- acme, 1000)");
    EXPECT_EQ(printed.visible, 0U);
    const auto& of_event = printed.embeds.at(0).statement;
    EXPECT_EQ(show(of_event),
              R"(SELECT "agent_id" FROM "events" WHERE ("tenant_id" = ?1) AND "lead_id" = ?2 )"
              R"(ORDER BY "id" ASC LIMIT ?3 <- acme, ^0, 1000)");
    EXPECT_EQ(
        show(of_event.embeds.at(0).statement),
        R"(SELECT "id" FROM "agents" WHERE ("tenant_id" = ?1) AND "id" = ?2 ORDER BY "id" ASC LIMIT ?3 )"
        R"(<- acme, ^0, 1)");
    EXPECT_EQ(of_event.embeds.at(0).statement.visible, 0U);
}

// --- writes --------------------------------------------------------------------------------------

Insert insert_agent() {
    Insert out{&agents(), {agent("name"), agent("email")}};
    out.rows = {{text("a"), text("a@b.co")}, {text("b"), text("b@b.co")}};
    return out;
}

constexpr std::string_view inserted_agent =
    R"(INSERT INTO main."t_agents" ("tenant_id", "name", "email", "id", "specialties", "active_leads", )"
    R"("conversion_rate", "status", "created_at", "updated_at") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10))";

TEST(SqliteInsert, IsOneRowsStatement) {
    const auto printed = print(insert_agent()).main;
    EXPECT_EQ(printed.text, inserted_agent);
    EXPECT_TRUE(printed.parameters.empty());
    EXPECT_TRUE(printed.columns.empty());
}

TEST(SqliteInsert, OfSeveralRowsNumbersTheirValuesOnward) {
    auto planned = plan(insert_agent(), stamp).value();
    const auto scoped = scope_plan(std::move(planned), support::scope_of("acme")).value();
    EXPECT_EQ(print_insert_of(scoped, sqlite_dialect(), 1).text, inserted_agent);
    EXPECT_EQ(
        print_insert_of(scoped, sqlite_dialect(), 2).text,
        fmt::format("{}, (?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)", inserted_agent));
}

TEST(SqliteInsert, Returning) {
    auto insert = insert_agent();
    insert.returning = {agent("id"), agent("created_at")};
    const auto printed = print(insert).main;
    EXPECT_EQ(printed.text, fmt::format(R"({} RETURNING "id", "created_at")", inserted_agent));
    EXPECT_EQ(printed.columns, insert.returning);
    EXPECT_EQ(printed.visible, 2U);
}

TEST(SqliteInsert, SkipsOrMergesByAKeyThatLeadsWithTheTenant) {
    auto insert = insert_agent();
    insert.on_conflict = OnConflict::skip;
    EXPECT_EQ(sql(insert),
              fmt::format(R"({} ON CONFLICT ("tenant_id", "id") DO NOTHING)", inserted_agent));
    insert.conflict_key = &agents().unique_keys()[0];
    EXPECT_EQ(sql(insert),
              fmt::format(R"({} ON CONFLICT ("tenant_id", "email") DO NOTHING)", inserted_agent));
    insert.on_conflict = OnConflict::merge;
    EXPECT_EQ(
        sql(insert),
        fmt::format(
            R"({} ON CONFLICT ("tenant_id", "email") DO UPDATE SET "name" = excluded."name", )"
            R"("updated_at" = max(excluded."updated_at", "updated_at" + 1))",
            inserted_agent));
}

TEST(SqliteUpdate, SetsWithinTheTenant) {
    Update update{&leads(),
                  {{lead("city"), text("x")}, {lead("score"), schema::Null{}}},
                  predicate(lead("id"), Operator::eq, {last_id}),
                  {lead("id")}};
    EXPECT_EQ(
        sql(update),
        fmt::format(
            R"(UPDATE main."t_leads" SET "city" = ?1, "score" = ?2, "updated_at" = max(?3, "updated_at" + 1) )"
            R"(WHERE ("tenant_id" = ?4 AND "id" = ?5) RETURNING "id" )"
            R"(<- x, null, 2026-01-05T00:00:00.000Z, acme, {})",
            last_id_text));
    update.filter.reset();
    update.returning.clear();
    update.assignments.clear();
    EXPECT_EQ(
        sql(update),
        R"(UPDATE main."t_leads" SET "updated_at" = max(?1, "updated_at" + 1) WHERE ("tenant_id" = ?2) <- 2026-01-05T00:00:00.000Z, acme)");
}

TEST(SqliteDelete, RemovesWithinTheTenant) {
    EXPECT_EQ(
        sql(Delete{&leads(), predicate(lead("id"), Operator::eq, {last_id}), {lead("id")}}),
        fmt::format(
            R"(DELETE FROM main."t_leads" WHERE ("tenant_id" = ?1 AND "id" = ?2) RETURNING "id" <- acme, {})",
            last_id_text));
    EXPECT_EQ(sql(Delete{&leads()}),
              R"(DELETE FROM main."t_leads" WHERE ("tenant_id" = ?1) <- acme)");
}

// --- all of them ---------------------------------------------------------------------------------

/// Placeholders are numbered from 1 in the order in which they stand, one for each parameter.
void check_placeholders(const Statement& statement, std::size_t expected) {
    std::size_t seen = 0;
    for (std::size_t at = 0; (at = statement.text.find('?', at)) != std::string::npos; ++at) {
        ++seen;
        RC_ASSERT(
            statement.text.compare(at + 1, std::to_string(seen).size(), std::to_string(seen)) == 0);
    }
    RC_ASSERT(seen == expected);
}

void check_statement(const Statement& statement) {
    check_placeholders(statement, statement.parameters.size());
    RC_ASSERT(statement.text.find("\"tenant_id\" = ?") != std::string::npos);
    RC_ASSERT(statement.text.find('\'') == std::string::npos);
    RC_ASSERT(statement.text.find(';') == std::string::npos);
    RC_ASSERT(statement.visible <= statement.columns.size());
    for (const auto& embed : statement.embeds) {
        check_statement(embed.statement);
        for (const auto& parameter : embed.statement.parameters) {
            const auto* parent = std::get_if<ParentColumn>(&parameter);
            if (parent != nullptr) RC_ASSERT(parent->index < statement.columns.size());
        }
    }
}

RC_GTEST_PROP(SqlProperty, TextHoldsTheTenantAndNoValues, ()) {
    static const support::RequestGenerator generator{{.catalog = &catalog(), .paging = true}};
    const auto request = *generator.request();
    const auto printed = print(request);
    if (std::holds_alternative<Insert>(request)) {
        check_placeholders(printed.main,
                           static_cast<std::size_t>(std::ranges::count(printed.main.text, '?')));
        RC_ASSERT(printed.main.text.find("(\"tenant_id\", ") != std::string::npos);
        return;
    }
    check_statement(printed.main);
    if (printed.count) check_statement(*printed.count);
}

}  // namespace
}  // namespace tenantry::query
