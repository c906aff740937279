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
        "CREATE VIEW seen WITH (security_invoker = true) AS SELECT tenant_id FROM leads;"
        "GRANT SELECT ON seen TO tenantry_app");
    const auto first = [&](std::string_view table) { return lacks(table).front().problem; };
    const auto last = [&](std::string_view table) {
        const auto all = lacks(table);
        return all[all.size() - 2].problem;  // the last is that it isn't granted
    };
    EXPECT_EQ(first("plain"), "public.plain has no tenant_id");
    EXPECT_EQ(first("webhooks"), "public.webhooks has a name that can't be served");
    EXPECT_EQ(first("seen"), "public.seen is no table");
    EXPECT_EQ(last("numbered"), "tenant_id of public.numbered is no text");
    EXPECT_EQ(last("lonely"), "public.lonely has no primary key beside tenant_id");
    std::vector<std::string> names;
    for (const auto& table : found().unfit) names.push_back(table.name);
    EXPECT_EQ(names, (std::vector<std::string>{"lonely", "numbered", "plain", "q\"uote", "seen",
                                               "webhooks"}));
}

}  // namespace
}  // namespace tenantry::engine::postgres
