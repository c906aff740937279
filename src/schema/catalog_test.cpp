#include "schema/catalog.hpp"

#include <gtest/gtest.h>

namespace tenantry::schema {
namespace {

std::vector<Column> columns_with(std::vector<Column> own) {
    std::vector<Column> out{
        {"tenant_id", ColumnType::text, {.nullable = false, .origin = Origin::server}},
        {"id", ColumnType::uuid, {.nullable = false, .origin = Origin::server}}};
    for (auto& column : own) out.push_back(std::move(column));
    return out;
}

Column text(std::string name) { return {std::move(name), ColumnType::text, {}}; }

TEST(Catalog, FindsRelationsByNameInTheOrderAdded) {
    Catalog catalog;
    const auto& first = catalog.add("zebras", columns_with({}));
    const auto& second = catalog.add("apes", columns_with({}));
    EXPECT_EQ(catalog.find("zebras"), &first);
    EXPECT_EQ(catalog.find("apes"), &second);
    EXPECT_EQ(catalog.find("Apes"), nullptr);
    EXPECT_EQ(catalog.find(""), nullptr);
    EXPECT_EQ(&catalog.relation("apes"), &second);
    ASSERT_EQ(catalog.relations().size(), 2U);
    EXPECT_EQ(catalog.relations()[0].get(), &first);
}

TEST(Catalog, AskingForABuiltInThatIsMissingIsABug) {
    Catalog catalog;
    const auto& relation = catalog.add("apes", columns_with({}));
    EXPECT_DEATH(static_cast<void>(catalog.relation("leads")), "");
    EXPECT_DEATH(static_cast<void>(relation.column("name")), "");
}

TEST(Relation, LeadsWithTenantAndId) {
    Catalog catalog;
    const auto& relation = catalog.add("apes", columns_with({text("name")}));
    EXPECT_EQ(relation.tenant_id().name(), "tenant_id");
    EXPECT_EQ(relation.id().name(), "id");
    EXPECT_EQ(relation.find("name"), &relation.columns()[2]);
    EXPECT_EQ(relation.find("nam"), nullptr);
    EXPECT_DEATH(Relation("apes", {text("name")}), "");
    EXPECT_DEATH(Relation("apes", {text("id"), text("tenant_id")}), "");
}

TEST(Relation, KeepsKeysAndRules) {
    Catalog catalog;
    const auto& owners = catalog.add("owners", columns_with({}));
    auto& pets = catalog.add(
        "pets", columns_with({text("name"), text("kind"), {"owner", ColumnType::uuid, {}}}));
    pets.add_unique_key({"name", "kind"});
    pets.add_index({"kind", "-name"});
    pets.add_foreign_key("owner", owners);
    const auto& counts = catalog.add_tally(
        "pet_counts",
        {text("tenant_id"), text("kind"), Column{"n", ColumnType::integer, {.nullable = false}}},
        1);
    pets.set_rollup(counts, "kind");
    pets.set_append_only();

    ASSERT_EQ(pets.unique_keys().size(), 1U);
    EXPECT_EQ(pets.unique_keys()[0].columns,
              (ColumnList{&pets.column("name"), &pets.column("kind")}));
    ASSERT_EQ(pets.indexes().size(), 1U);
    EXPECT_EQ(pets.indexes()[0].columns[0].column, &pets.column("kind"));
    EXPECT_FALSE(pets.indexes()[0].columns[0].descending);
    EXPECT_EQ(pets.indexes()[0].columns[1].column, &pets.column("name"));
    EXPECT_TRUE(pets.indexes()[0].columns[1].descending);
    ASSERT_EQ(pets.foreign_keys().size(), 1U);
    EXPECT_EQ(pets.foreign_keys()[0].name, "pets_owner_fkey");
    EXPECT_EQ(pets.foreign_keys()[0].column, &pets.column("owner"));
    EXPECT_EQ(pets.foreign_keys()[0].target, &owners);
    ASSERT_TRUE(pets.rollup());
    EXPECT_EQ(pets.rollup()->tally, &counts);
    EXPECT_TRUE(counts.is_tally());
    EXPECT_EQ(counts.key().size(), 1U);
    EXPECT_EQ(counts.key()[0].name(), "kind");
    EXPECT_EQ(catalog.find("pet_counts"), nullptr);
    EXPECT_EQ(&catalog.relation("pet_counts"), &counts);
    EXPECT_EQ(pets.rollup()->column, &pets.column("kind"));
    EXPECT_TRUE(pets.append_only());
    EXPECT_FALSE(owners.append_only());
    EXPECT_FALSE(owners.rollup());
}

TEST(Column, ChecksItsEnumeration) {
    const Column status{"status", ColumnType::text, {.allowed = {"new", "closed"}}};
    EXPECT_TRUE(status.check_allowed(Text{"new"}));
    EXPECT_TRUE(status.check_allowed(Null{}));
    EXPECT_EQ(status.check_allowed(Text{"New"}).error(),
              (Error{Errc::bad_value, "status is not one of new, closed", "status"}));
    EXPECT_FALSE(status.check_allowed(Text{""}));
    EXPECT_TRUE(text("free").check_allowed(Text{"anything"}));
}

}  // namespace
}  // namespace tenantry::schema
