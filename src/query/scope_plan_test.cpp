#include "query/scope_plan.hpp"

#include "lead_fixture.hpp"
#include "support/generators.hpp"
#include "support/scopes.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <type_traits>

namespace tenantry::query {
namespace {

using support::scope_of;

static_assert(!std::is_default_constructible_v<ScopedPlan>);
static_assert(!std::is_constructible_v<ScopedPlan, Plan>);
static_assert(!std::is_constructible_v<ScopedPlan, Request, TenantId>);
static_assert(!std::is_constructible_v<Plan, Request>);
static_assert(!std::is_invocable_v<decltype(scope_plan), Request, TenantScope>);
static_assert(!std::is_invocable_v<decltype(scope_plan), Plan, TenantId>);

Value text(std::string_view value) { return schema::Text{value}; }

const Stamp stamp{Timestamp{}, [] { return Uuid{}; }};

Result<ScopedPlan> scoped(Request request, Role role = Role::operator_) {
    return scope_plan(plan(std::move(request), stamp).value(), scope_of("acme", role));
}

/// Whether the filter is a conjunction whose first term is `tenant_id = acme`, so that nothing else
/// in it can widen it.
bool is_held_to_acme(const std::optional<Filter>& filter, const Relation& relation) {
    if (!filter) return false;
    const auto* group = std::get_if<Group>(&filter->node);
    return group != nullptr && group->kind == Group::Kind::all && !group->negated &&
           !group->terms.empty() &&
           group->terms.front() == equals(relation.tenant_id(), schema::Text{"acme"});
}

bool is_held_to_acme(const Read& read) {
    return is_held_to_acme(read.filter, *read.relation) &&
           std::ranges::all_of(read.embeds, [](const Embed& e) { return is_held_to_acme(e.read); });
}

bool is_held_to_acme(const Insert& insert) {
    const auto at =
        std::ranges::find(insert.columns, &insert.relation->tenant_id()) - insert.columns.begin();
    return at < std::ssize(insert.columns) &&
           std::ranges::all_of(
               insert.rows,
               [&](const auto& row) {
                   return row.size() == insert.columns.size() &&
                          row[static_cast<std::size_t>(at)] == text("acme");
               });
}

bool is_held_to_acme(const Update& update) {
    const auto* tenant = &update.relation->tenant_id();
    return is_held_to_acme(update.filter, *update.relation) &&
           std::ranges::none_of(update.assignments,
                                [&](const Assignment& a) { return a.column == tenant; });
}

bool is_held_to_acme(const Delete& remove) {
    return is_held_to_acme(remove.filter, *remove.relation);
}

TEST(ScopePlan, HoldsAReadToItsTenant) {
    const auto out = scoped(Read{&leads(), {lead("id")}}).value();
    EXPECT_EQ(out.tenant().text(), "acme");
    const auto& read = std::get<Read>(out.request());
    EXPECT_EQ(read.filter,
              Filter({Group{Group::Kind::all, {equals(leads().tenant_id(), text("acme"))}}}));
}

TEST(ScopePlan, KeepsTheRequestsFilterBehindTheTenants) {
    const auto own = Filter{Group{
        Group::Kind::any, {equals(*lead("city"), text("a")), equals(*lead("city"), text("b"))}}};
    const auto out = scoped(Read{&leads(), {lead("id")}, {}, own}).value();
    EXPECT_EQ(std::get<Read>(out.request()).filter,
              Filter({Group{Group::Kind::all, {equals(leads().tenant_id(), text("acme")), own}}}));
}

TEST(ScopePlan, HoldsEveryEmbeddedLevelToItsTenant) {
    const auto& events = catalog().relation("events");
    const auto& agents = catalog().relation("agents");
    Read of_agents{&agents, {&agents.column("name")}};
    Read of_events{&events,
                   {&events.column("type")},
                   {{"agents", &events.foreign_keys()[1], Embed::Direction::to_one, of_agents}}};
    Read read{&leads(),
              {lead("id")},
              {{"agents", &leads().foreign_keys()[0], Embed::Direction::to_one, of_agents},
               {"events", &events.foreign_keys()[0], Embed::Direction::to_many, of_events}}};
    const auto out = scoped(read).value();
    const auto& top = std::get<Read>(out.request());
    EXPECT_TRUE(is_held_to_acme(top));
    EXPECT_TRUE(is_held_to_acme(top.embeds[1].read.embeds[0].read));
}

/// However deep a related row is asked for, it is one of the tenant's.
TEST(ScopePlan, HoldsRelatedRowsToTheTenant) {
    const auto& events = catalog().relation("events");
    const Related within{&events.foreign_keys()[0], Direction::to_one, &leads(), {}};
    const Related related{&events.foreign_keys()[0], Direction::to_many, &events, {Filter{within}}};
    const Group either{Group::Kind::any, {Filter{related}}, true};
    const auto out = scoped(Read{.relation = &leads(), .filter = Filter{either}}).value();
    const auto& filter = *std::get<Read>(out.request()).filter;
    const auto& group = std::get<Group>(std::get<Group>(filter.node).terms.at(1).node);
    const auto& outer = std::get<Related>(group.terms.at(0).node);
    EXPECT_EQ(outer.terms.at(0), equals(events.tenant_id(), text("acme")));
    const auto& inner = std::get<Related>(outer.terms.at(1).node);
    EXPECT_EQ(inner.terms.at(0), equals(*lead("tenant_id"), text("acme")));
}

TEST(ScopePlan, WritesTheTenantIntoInsertedRows) {
    Insert insert{&leads(), {lead("first_name")}};
    insert.rows = {{text("a")}, {text("b")}};
    const auto out = scoped(insert).value();
    EXPECT_TRUE(is_held_to_acme(std::get<Insert>(out.request())));
}

TEST(ScopePlan, ATenantNamedInARowMustBeItsOwn) {
    Insert insert{&leads(), {lead("first_name"), lead("tenant_id")}};
    insert.rows = {{text("a"), text("acme")}};
    EXPECT_TRUE(is_held_to_acme(std::get<Insert>(scoped(insert).value().request())));

    insert.rows.push_back({text("b"), text("globex")});
    const auto refused = scoped(insert);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(),
              (Error{Errc::tenant_mismatch,
                     "tenant_id names another tenant than the one you act for", "tenant_id"}));
    for (const auto* other : {"", "Acme", "acme ", "ACME"}) {
        insert.rows = {{text("a"), text(other)}};
        EXPECT_EQ(scoped(insert).error().code, Errc::tenant_mismatch) << other;
    }
}

TEST(ScopePlan, AnUpdateCannotMoveARow) {
    Update update{&leads(), {{lead("city"), text("x")}, {lead("tenant_id"), text("globex")}}};
    EXPECT_EQ(scoped(update).error(),
              (Error{Errc::tenant_mismatch,
                     "tenant_id names another tenant than the one you act for", "tenant_id"}));
    update.assignments[1].value = text("acme");
    const auto out = scoped(update).value();
    EXPECT_TRUE(is_held_to_acme(std::get<Update>(out.request())));
    EXPECT_EQ(std::get<Update>(out.request()).assignments.size(), 2U);  // city, updated_at
}

TEST(ScopePlan, HoldsADeleteToItsTenant) {
    EXPECT_TRUE(is_held_to_acme(std::get<Delete>(scoped(Delete{&leads()}).value().request())));
    EXPECT_TRUE(is_held_to_acme(std::get<Delete>(
        scoped(Delete{&leads(), equals(*lead("tenant_id"), text("globex"))}).value().request())));
}

TEST(ScopePlan, AViewerReadsAndNoMore) {
    Insert insert{&leads(), {lead("first_name")}};
    insert.rows = {{text("a")}};
    const Request writes[] = {insert, Update{&leads(), {{lead("city"), text("x")}}},
                              Delete{&leads()}};
    for (const auto& write : writes) {
        const auto refused = scoped(write, Role::viewer);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error(),
                  (Error{Errc::role_insufficient, "the role viewer may read but not write"}));
        for (const auto role : {Role::operator_, Role::admin, Role::owner})
            EXPECT_TRUE(scoped(write, role));
    }
    EXPECT_TRUE(scoped(Read{&leads(), {lead("id")}}, Role::viewer));
}

RC_GTEST_PROP(ScopePlanProperty, AnyPlanIsHeldToTheTenantOnEveryLevel, ()) {
    static const support::RequestGenerator generator{
        {.catalog = &catalog(), .named_tenants = {"acme"}, .paging = true}};
    for (int i = 0; i < 5; ++i) {
        const auto out = scoped(*generator.request()).value();
        RC_ASSERT(out.tenant().text() == "acme");
        RC_ASSERT(std::visit([](const auto& request) { return is_held_to_acme(request); },
                             out.request()));
    }
}

RC_GTEST_PROP(ScopePlanProperty, AWriteThatNamesAnotherTenantIsRefused, ()) {
    static const support::RequestGenerator generator{
        {.catalog = &catalog(), .named_tenants = {"globex"}}};
    for (int i = 0; i < 5; ++i) {
        const auto request = *generator.request();
        bool names_other = false;
        if (const auto* insert = std::get_if<Insert>(&request)) {
            names_other = std::ranges::find(insert->columns, &insert->relation->tenant_id()) !=
                          insert->columns.end();
        } else if (const auto* update = std::get_if<Update>(&request)) {
            names_other = std::ranges::any_of(update->assignments, [&](const Assignment& a) {
                return a.column == &update->relation->tenant_id();
            });
        }
        const auto out = scoped(request);
        RC_ASSERT(out.has_value() == !names_other);
        if (!out) RC_ASSERT(out.error().code == Errc::tenant_mismatch);
    }
}

}  // namespace
}  // namespace tenantry::query
