/// Tables of others, as the server finds them.

#include "engine/introspection.hpp"
#include "fixture.hpp"
#include "schema/lead_schema.hpp"

#include <fmt/format.h>

namespace tenantry::engine::postgres {
namespace {

class IntrospectionOf : public PostgresTest {
protected:
    Introspection found() const {
        return introspect(Location{url()}, schema::lead_catalog()).value();
    }
    std::vector<Finding> lacks(std::string_view table) const {
        return check_table(Location{url()}, schema::lead_catalog(), table).value().value();
    }
    /// Makes the table, and does what it is said to lack.
    void make(const std::string& table, const std::string& columns) const {
        script(fmt::format("CREATE TABLE {} (tenant_id text NOT NULL, {})", table, columns));
        for (const auto& finding : lacks(table)) script(finding.remedy);
        ASSERT_TRUE(lacks(table).empty());
    }
};

TEST_F(IntrospectionOf, ADatabaseOfOurOwnFindsNothing) {
    const auto none = found();
    EXPECT_TRUE(none.unfit.empty());
    EXPECT_EQ(none.catalog->relations().size(), schema::lead_catalog().relations().size());
    EXPECT_EQ(none.catalog->find("leads"), schema::lead_catalog().find("leads"));
    EXPECT_FALSE(check_table(Location{url()}, schema::lead_catalog(), "nothing").value());
}

TEST_F(IntrospectionOf, ColumnsHaveTheirTypesAndTheKeyComesFirst) {
    make("items",
         "name text NOT NULL, b bigint, a int GENERATED ALWAYS AS IDENTITY, day date DEFAULT now(),"
         "data jsonb, twice bigint GENERATED ALWAYS AS (b * 2) STORED,"
         "PRIMARY KEY (tenant_id, a, b), UNIQUE (name, tenant_id)");
    const auto all = found();
    const auto* items = all.catalog->find("items");
    ASSERT_NE(items, nullptr);
    EXPECT_TRUE(items->is_external());
    std::vector<std::string_view> names;
    for (const auto& column : items->columns()) names.push_back(column.name());
    EXPECT_EQ(names, (std::vector<std::string_view>{"tenant_id", "a", "b", "name", "day", "data",
                                                    "twice"}));
    EXPECT_EQ(items->key().size(), 2U);
    using enum schema::ColumnType;
    EXPECT_EQ(items->column("a").type(), native);
    EXPECT_EQ(items->column("a").options().native_type, "integer");
    EXPECT_EQ(items->column("a").options().origin, schema::Origin::server);
    EXPECT_EQ(items->column("b").type(), integer);
    EXPECT_EQ(items->column("day").options().native_type, "date");
    EXPECT_EQ(items->column("data").type(), json);
    EXPECT_FALSE(items->column("name").nullable());
    EXPECT_EQ(items->column("twice").options().origin, schema::Origin::server);
    ASSERT_EQ(items->unique_keys().size(), 1U);
    EXPECT_EQ(items->unique_keys()[0].columns, schema::ColumnList{&items->column("name")});
}

TEST_F(IntrospectionOf, WhatOthersReferToComesBeforeThem) {
    make("zebras", "id uuid, PRIMARY KEY (tenant_id, id)");
    make("apples",
         "id uuid, zebra uuid, lead_id uuid, PRIMARY KEY (tenant_id, id),"
         "CONSTRAINT striped FOREIGN KEY (tenant_id, zebra) REFERENCES zebras (tenant_id, id),"
         "FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id)");
    const auto all = found();
    const auto relations = all.catalog->relations();
    EXPECT_EQ(relations[relations.size() - 2]->name(), "zebras");
    const auto& apples = *relations.back();
    ASSERT_EQ(apples.foreign_keys().size(), 2U);
    EXPECT_EQ(apples.foreign_keys()[0].target, schema::lead_catalog().find("leads"));
    EXPECT_EQ(apples.foreign_keys()[1].name, "striped");
    EXPECT_EQ(apples.foreign_keys()[1].target, all.catalog->find("zebras"));
}

TEST_F(IntrospectionOf, OfWhatIsPartitionedItIsNotKnownWhatWasMerged) {
    script(
        "CREATE TABLE parts (tenant_id text NOT NULL, id int, PRIMARY KEY (tenant_id, id)) "
        "PARTITION BY HASH (tenant_id)");
    for (const auto& finding : lacks("parts")) script(finding.remedy);
    make("whole", "id int, PRIMARY KEY (tenant_id, id)");
    const auto all = found();
    ASSERT_NE(all.catalog->find("parts"), nullptr);
    EXPECT_FALSE(all.catalog->find("parts")->marks_merged());
    EXPECT_TRUE(all.catalog->find("whole")->marks_merged());
}

TEST_F(IntrospectionOf, ToARoleThatNothingHoldsNoTableIsFit) {
    make("zebras", "id uuid, names varchar(9)[], PRIMARY KEY (tenant_id, id)");
    EXPECT_EQ(found().catalog->find("zebras")->column("names").type(), schema::ColumnType::native);
    const Location owner{url("postgres")};
    const auto seen = introspect(owner, schema::lead_catalog()).value();
    EXPECT_EQ(seen.catalog->find("zebras"), nullptr);
    EXPECT_FALSE(check_table(owner, schema::lead_catalog(), "zebras").value()->empty());
}

TEST_F(IntrospectionOf, WhatIsNotFitIsNamedWithWhatItLacks) {
    script(
        "CREATE TABLE plain (id int PRIMARY KEY); GRANT SELECT ON plain TO tenantry_app;"
        "CREATE TABLE hidden (id int PRIMARY KEY);"
        "CREATE TABLE webhooks (id int PRIMARY KEY, tenant_id text NOT NULL);"
        "CREATE TABLE \"q\"\"uote\" (tenant_id text NOT NULL);"
        "CREATE TABLE numbered (tenant_id int NOT NULL, id int, PRIMARY KEY (tenant_id, id));"
        "CREATE TABLE lonely (tenant_id text PRIMARY KEY);"
        "CREATE MATERIALIZED VIEW kept AS SELECT tenant_id FROM leads;"
        "GRANT SELECT ON kept TO tenantry_app");
    const auto first = [&](std::string_view table) { return lacks(table).front().problem; };
    const auto last = [&](std::string_view table) {
        const auto all = lacks(table);
        return all[all.size() - 2].problem;  // the last is that it isn't granted
    };
    EXPECT_EQ(first("plain"), "public.plain has no tenant_id");
    EXPECT_EQ(first("webhooks"), "public.webhooks has a name that can't be served");
    EXPECT_EQ(first("kept"), "public.kept is neither a table nor a view");
    EXPECT_EQ(last("numbered"), "tenant_id of public.numbered is no text");
    EXPECT_EQ(last("lonely"), "public.lonely has no primary key beside tenant_id");
    std::vector<std::string> names;
    for (const auto& table : found().unfit) names.push_back(table.name);
    EXPECT_EQ(names, (std::vector<std::string>{"kept", "lonely", "numbered", "plain", "q\"uote",
                                               "webhooks"}));
}

TEST_F(IntrospectionOf, ViewsAreServedOfWhatTheirCallerMaySee) {
    make("items", "id uuid, PRIMARY KEY (tenant_id, id)");
    script(
        "CREATE TABLE loose (tenant_id text NOT NULL, id int PRIMARY KEY);"
        "CREATE TABLE countries (code text);"
        "CREATE VIEW seen WITH (security_invoker = true) AS SELECT l.id, l.tenant_id, c.code, "
        "i.id AS item FROM leads l, countries c, items i;"
        "CREATE VIEW owned WITH (security_invoker = false) AS SELECT tenant_id FROM items;"
        "CREATE VIEW through WITH (security_invoker) AS SELECT * FROM owned;"
        "CREATE VIEW wide WITH (security_invoker = on) AS SELECT tenant_id, id FROM loose;"
        "CREATE VIEW inner_ones WITH (security_invoker = 1) AS SELECT id AS tenant_id FROM "
        "tenantry.tenants;"
        "CREATE VIEW counted WITH (security_invoker = true) AS SELECT 1 AS tenant_id;"
        "CREATE VIEW bare WITH (security_invoker = true) AS SELECT id FROM items;"
        "GRANT SELECT ON seen, through, wide, inner_ones, counted TO tenantry_app");
    const auto problems = [&](std::string_view view) {
        std::string out;
        for (const auto& lack : lacks(view)) out += lack.problem + ';';
        return out;
    };
    EXPECT_EQ(problems("seen"), "");
    EXPECT_EQ(problems("owned"),
              "public.owned runs with its owner's rights;"
              "the role \"tenantry_app\" has no rights on public.owned;");
    EXPECT_EQ(problems("through"), "public.owned runs with its owner's rights;");
    EXPECT_EQ(problems("wide"),
              "public.wide reads public.loose, which doesn't keep tenants apart;");
    EXPECT_EQ(problems("inner_ones"),
              "public.inner_ones reads tenantry.tenants, which is not in the schema public;");
    EXPECT_EQ(problems("counted"), "tenant_id of public.counted is no text;");
    EXPECT_EQ(problems("bare"), "public.bare has no tenant_id;");
    const auto all = found();
    const auto* seen = all.catalog->find("seen");
    ASSERT_NE(seen, nullptr);
    EXPECT_TRUE(seen->is_view());
    EXPECT_TRUE(seen->key().empty());
    EXPECT_EQ(seen->tenant_id().name(), "tenant_id") << "wherever the view has it";
    EXPECT_EQ(all.catalog->views().size(), 1U);
}

TEST_F(IntrospectionOf, FunctionsAreTakenByName) {
    script(
        "CREATE FUNCTION best(n int, VARIADIC words text[] DEFAULT '{}') RETURNS SETOF leads "
        "LANGUAGE sql STABLE SET search_path = public AS 'SELECT * FROM leads LIMIT n';"
        "CREATE FUNCTION parsed(a int) RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT a; END;"
        "CREATE FUNCTION pairs(OUT a int, OUT b date) LANGUAGE sql SET search_path = '' AS "
        "'SELECT 1, now()::date';"
        "CREATE FUNCTION nothing() RETURNS void LANGUAGE sql SET search_path = '' AS '';"
        "CREATE FUNCTION unnamed(int) RETURNS int LANGUAGE sql SET search_path = '' AS 'SELECT 1';"
        "CREATE FUNCTION whole(jsonb) RETURNS int LANGUAGE sql SET search_path = '' AS 'SELECT 1';"
        "CREATE FUNCTION twice(a int) RETURNS int LANGUAGE sql SET search_path = '' AS 'SELECT 1';"
        "CREATE FUNCTION twice(b text) RETURNS int LANGUAGE sql SET search_path = '' AS 'SELECT 1';"
        "CREATE FUNCTION half(a int) RETURNS int LANGUAGE sql SET search_path = '' AS 'SELECT 1';"
        "CREATE FUNCTION half(b text) RETURNS int LANGUAGE sql AS 'SELECT 1';"
        "CREATE PROCEDURE proceeds() LANGUAGE sql SET search_path = '' AS '';"
        "CREATE TYPE odd AS (\"a\"\"b\" int);"
        "CREATE FUNCTION odd_row() RETURNS odd LANGUAGE sql SET search_path = '' AS 'SELECT 1'");
    const auto all = introspect(Location{url()}, schema::lead_catalog(),
                                {"best", "parsed", "pairs", "nothing", "unnamed", "whole", "twice",
                                 "half", "proceeds", "odd_row"})
                         .value();
    using enum schema::Function::Returns;
    const auto& best = *all.catalog->find_function("best");
    EXPECT_EQ(best.result.get(), all.catalog->find("leads"));
    EXPECT_EQ(best.returns, rows);
    EXPECT_FALSE(best.writes);
    ASSERT_EQ(best.parameters.size(), 2U);
    EXPECT_EQ(best.parameters[0].column.options().native_type, "integer");
    EXPECT_FALSE(best.parameters[0].optional);
    EXPECT_TRUE(best.parameters[1].optional);
    EXPECT_TRUE(best.parameters[1].variadic);
    const auto& parsed = *all.catalog->find_function("parsed");
    EXPECT_EQ(parsed.returns, value);
    EXPECT_TRUE(parsed.writes);
    EXPECT_EQ(parsed.result->columns().front().type(), schema::ColumnType::integer);
    const auto& pairs = *all.catalog->find_function("pairs");
    EXPECT_EQ(pairs.returns, row);
    EXPECT_TRUE(pairs.parameters.empty());
    ASSERT_EQ(pairs.result->columns().size(), 2U);
    EXPECT_EQ(pairs.result->columns()[1].options().native_type, "date");
    EXPECT_EQ(all.catalog->find_function("nothing")->returns, schema::Function::Returns::nothing);
    EXPECT_NE(all.catalog->find_function("whole")->find(""), nullptr);
    EXPECT_EQ(all.catalog->functions_named("twice").size(), 2U);
    EXPECT_TRUE(all.catalog->functions_named("half").empty()) << "all of a name, or none";
    ASSERT_EQ(all.unfit_functions.size(), 4U);
    EXPECT_EQ(
        all.unfit_functions[0].lacks.front().problem,
        "public.unnamed(integer) has parameters without names, or with such as can't be served");
    EXPECT_EQ(all.unfit_functions[1].name, "half");
    EXPECT_EQ(all.unfit_functions[2].lacks.front().problem,
              "public.proceeds() is no plain function");
    EXPECT_EQ(all.unfit_functions[3].lacks.front().problem,
              "public.odd_row() has a name that can't be served, or gives such columns");
}

}  // namespace
}  // namespace tenantry::engine::postgres
