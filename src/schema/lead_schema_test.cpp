#include "schema/lead_schema.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace tenantry::schema {
namespace {

TEST(LeadCatalog, HoldsTheBuiltInRelationsReferencedOnesFirst) {
    std::vector<std::string> names;
    std::set<const Relation*> seen;
    for (const auto& relation : lead_catalog().relations()) {
        names.push_back(relation->name());
        for (const auto& key : relation->foreign_keys())
            EXPECT_TRUE(seen.contains(key.target)) << key.name;
        seen.insert(relation.get());
    }
    EXPECT_EQ(names,
              (std::vector<std::string>{"agents", "leads", "events", "contacts", "icp_profiles",
                                        "identities", "approvals", "idempotency_keys", "webhooks",
                                        "feed_consumers", "dead_letters"}));
    EXPECT_EQ(&lead_catalog(), &lead_catalog());
}

TEST(LeadCatalog, EveryRelationHasWhatTheServerKeeps) {
    for (const auto& relation : lead_catalog().relations()) {
        EXPECT_FALSE(relation->tenant_id().nullable());
        EXPECT_EQ(relation->tenant_id().type(), ColumnType::text);
        EXPECT_EQ(relation->tenant_id().options().origin, Origin::server);
        EXPECT_EQ(relation->id().type(), ColumnType::uuid);
        EXPECT_EQ(relation->id().options().origin, Origin::server);
        for (const auto* name : {"created_at", "updated_at"}) {
            const auto& column = relation->column(name);
            EXPECT_EQ(column.type(), ColumnType::timestamptz);
            EXPECT_EQ(column.options().origin, Origin::server);
            EXPECT_FALSE(column.nullable());
        }
        std::set<std::string> names;
        for (const auto& column : relation->columns())
            EXPECT_TRUE(names.insert(column.name()).second) << column.name();
    }
}

TEST(LeadCatalog, DefaultsFitTheirColumns) {
    for (const auto& relation : lead_catalog().relations()) {
        for (const auto& column : relation->columns()) {
            const auto& value = column.options().default_value;
            if (!value) continue;
            EXPECT_TRUE(has_type(*value, column.type())) << column.name();
            EXPECT_FALSE(is_null(*value)) << column.name();
            EXPECT_TRUE(column.check_allowed(*value)) << column.name();
            if (const auto* number = std::get_if<Decimal>(&*value)) {
                EXPECT_EQ(number->scale, column.options().scale);
            }
        }
    }
}

TEST(LeadCatalog, NumericColumnsSayHowLongTheyAre) {
    for (const auto& relation : lead_catalog().relations()) {
        for (const auto& column : relation->columns()) {
            const bool numeric = column.type() == ColumnType::numeric;
            EXPECT_EQ(column.options().precision > 0, numeric) << column.name();
            EXPECT_LE(column.options().precision, 18) << column.name();
            EXPECT_LE(column.options().scale, column.options().precision) << column.name();
        }
    }
}

TEST(LeadCatalog, LeadsAreKeyedCountedAndRelatedAsTheyShould) {
    const auto& catalog = lead_catalog();
    const auto& leads = catalog.relation("leads");
    ASSERT_EQ(leads.unique_keys().size(), 1U);
    EXPECT_EQ(leads.unique_keys()[0].columns, (ColumnList{&leads.column("email")}));
    EXPECT_EQ(leads.column("email").options().format, Format::email);
    EXPECT_EQ(leads.column("status").options().allowed,
              (std::vector<std::string>{"new", "contacted", "qualified", "converted", "closed"}));
    EXPECT_EQ(leads.rollup()->column, &leads.column("status"));
    EXPECT_EQ(leads.foreign_keys()[0].name, "leads_assigned_agent_fkey");
    EXPECT_EQ(leads.foreign_keys()[0].target, &catalog.relation("agents"));
    EXPECT_FALSE(leads.append_only());

    const auto& events = catalog.relation("events");
    EXPECT_TRUE(events.append_only());
    EXPECT_TRUE(std::ranges::any_of(events.foreign_keys(),
                                    [&](const auto& key) { return key.target == &leads; }));
}

}  // namespace
}  // namespace tenantry::schema
