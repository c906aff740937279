/// What every engine records of changes, and what followers get of it.

#include "feed/feed.hpp"
#include "engine/any_database.hpp"
#include "query/render.hpp"
#include "support/job_scopes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace tenantry::feed {
namespace {

using engine::testing::AnyDatabase;
using engine::testing::EngineKind;
using engine::testing::wait_for;
using query::Delete;
using query::Insert;
using query::Update;
using schema::Value;
using support::JobScopes;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using Row = std::vector<std::pair<std::string, Value>>;

const schema::Relation& relation(std::string_view name) {
    return schema::lead_catalog().relation(name);
}

Value text(std::string_view value) { return schema::Text{value}; }

SteadyTime soon() { return std::chrono::steady_clock::now() + std::chrono::seconds{20}; }

class FeedConformance : public ::testing::TestWithParam<EngineKind> {
protected:
    FeedConformance() { feed_ = make_feed(database_.engine(), issuer_, schema::lead_catalog()); }

    Insert insert_of(std::string_view of, const Row& row) {
        Insert insert{.relation = &relation(of), .returning = {&relation(of).id()}};
        insert.rows.emplace_back();
        for (const auto& [name, value] : row) {
            insert.columns.push_back(&relation(of).column(name));
            insert.rows.front().push_back(value);
        }
        return insert;
    }
    Uuid add(std::string_view of, const Row& row, const TenantScope& scope) {
        return std::get<Uuid>(database_.run(insert_of(of, row), scope).value().rows.value(0, "id"));
    }
    Uuid add_lead(std::string_view name) {
        return add("leads", {{"first_name", text(name)}}, scope_);
    }
    void set(std::string_view of, const Uuid& id, std::string_view column, Value value) {
        database_
            .run(Update{.relation = &relation(of),
                        .assignments = {{&relation(of).column(column), std::move(value)}},
                        .filter = query::equals(relation(of).id(), id)},
                 scope_)
            .value();
    }
    void remove(std::string_view of, const Uuid& id) {
        database_
            .run(Delete{.relation = &relation(of), .filter = query::equals(relation(of).id(), id)},
                 scope_)
            .value();
    }

    Position head() { return wait_for(feed_->head(scope_, engine::testing::no_deadline)).value(); }

    /// What follows `from` until the feed has ended, as the first follower gets it.
    std::vector<ChangePtr> changes_after(const Position& from, std::string_view tenant = "acme") {
        JobScopes scopes{database_.issuer(), tenant};
        const auto follower = feed_->follow(TenantId::parse(tenant).value(), from);
        const auto scope = database_.scope(tenant);
        const auto end = wait_for(feed_->head(scope, engine::testing::no_deadline)).value();
        std::vector<ChangePtr> out;
        auto at = from.seq;
        while (at < end.seq) {
            const auto batch = wait_for(follower->next(scopes, soon())).value();
            for (const auto& change : batch.changes) {
                EXPECT_EQ(change->seq, ++at) << "a gap, or a change told twice";
                out.push_back(change);
            }
            EXPECT_EQ(batch.position.seq, at);
        }
        return out;
    }

    /// "insert leads", one for each.
    static std::vector<std::string> kinds(const std::vector<ChangePtr>& changes) {
        std::vector<std::string> out;
        out.reserve(changes.size());
        for (const auto& change : changes)
            out.push_back(fmt::format("{} {}", name_of(change->op), change->relation->name()));
        return out;
    }

    static std::string json(const ChangePtr& change) {
        std::string out;
        append_json(out, *change);
        return out;
    }

    AnyDatabase database_{GetParam()};
    TenantScope scope_ = database_.scope("acme");
    auth::ScopeIssuer issuer_ = database_.issuer();
    std::unique_ptr<Feed> feed_;
};

INSTANTIATE_TEST_SUITE_P(All, FeedConformance, ::testing::ValuesIn(engine::testing::all_engines),
                         [](const auto& each) { return name_of(each.param); });

TEST_P(FeedConformance, ATenantWithoutChangesHasNone) {
    EXPECT_EQ(head(), Position{});
    EXPECT_THAT(changes_after({}), IsEmpty());
}

TEST_P(FeedConformance, EachWriteIsAChangeOfItsRow) {
    const auto id = add_lead("Ada");
    set("leads", id, "status", text("qualified"));
    remove("leads", id);
    const auto changes = changes_after({});
    EXPECT_THAT(kinds(changes), ElementsAre("insert leads", "update leads", "delete leads"));
    for (const auto& change : changes) EXPECT_EQ(change->row_id, id);
    EXPECT_TRUE(changes[0]->row.exists());
    EXPECT_FALSE(changes[0]->old.exists());
    EXPECT_THAT(changes[1]->row.json, HasSubstr(R"("status":"qualified")"));
    EXPECT_THAT(changes[1]->old.json, HasSubstr(R"("status":"new")"));
    EXPECT_FALSE(changes[2]->row.exists());
    EXPECT_EQ(changes[2]->old.json, changes[1]->row.json);
}

TEST_P(FeedConformance, ImagesAreTheRowsAsEveryAnswerHasThem) {
    const Row rows[] = {
        {{"first_name", text("Zoë \"Z\" \\ \n\x01")},
         {"score", Decimal{8700, 2}},
         {"tags", schema::TextArray{"a,b", "\"", ""}},
         {"metadata", schema::Json{R"({"a":1.0,"b":[1,2.5,"x, {y}"],"n":null})"}},
         {"last_contacted_at", parse_timestamp("2026-01-05T00:16:17.123456Z").value()}},
        {{"first_name", text("Bo")}, {"score", Decimal{-1, 2}}}};
    for (const auto& row : rows) {
        const auto id = add("leads", row, scope_);
        const auto reply =
            database_
                .run(query::Read{.relation = &relation("leads"),
                                 .projection = query::all_columns(relation("leads")),
                                 .filter = query::equals(relation("leads").id(), id)},
                     scope_)
                .value();
        std::string expected;
        query::append_json_row(expected, reply.rows, 0);
        EXPECT_EQ(changes_after({}).back()->row.json, expected);
    }
}

TEST_P(FeedConformance, EveryRelationIsRecordedAndSealedColumnsAreNot) {
    const auto agent = add("agents", {{"name", text("A")}, {"email", text("a@x.ca")}}, scope_);
    const auto lead = add_lead("Ada");
    add("events", {{"type", text("note")}, {"timestamp", system_clock().now()}}, scope_);
    add("contacts", {{"channel", text("email")}, {"identifier", text("x")}}, scope_);
    add("icp_profiles", {{"name", text("P")}}, scope_);
    const auto identity = add("identities",
                              {{"platform", text("x")},
                               {"cookies", schema::Sealed{"ciphertext-one"}},
                               {"credentials", schema::Sealed{"ciphertext-two"}}},
                              scope_);
    add("approvals", {{"lead_id", lead}, {"type", text("email")}, {"status", text("pending")}},
        scope_);
    set("identities", identity, "cookies", schema::Sealed{"ciphertext-three"});
    remove("agents", agent);
    const auto changes = changes_after({});
    EXPECT_THAT(kinds(changes),
                ElementsAre("insert agents", "insert leads", "insert events", "insert contacts",
                            "insert icp_profiles", "insert identities", "insert approvals",
                            "update identities", "delete agents"));
    for (const auto& change : changes) {
        EXPECT_THAT(json(change), Not(HasSubstr("ciphertext")));
        EXPECT_THAT(json(change), Not(HasSubstr("cookies")));
    }
    const auto stored = database_.run(
        query::Read{
            .relation = &relation("changes"),
            .projection = {&relation("changes").column("row"), &relation("changes").column("old")},
            .order = {{&relation("changes").column("seq")}}},
        scope_);
    std::string all;
    query::append_json_rows(all, stored.value().rows);
    EXPECT_THAT(all, Not(HasSubstr("ciphertext")));
}

TEST_P(FeedConformance, WhatGoesWithARowIsAChangeOfItsOwn) {
    const auto lead = add_lead("Ada");
    add("events", {{"type", text("note")}, {"lead_id", lead}, {"timestamp", system_clock().now()}},
        scope_);
    add("contacts", {{"lead_id", lead}, {"channel", text("email")}, {"identifier", text("x")}},
        scope_);
    const auto from = head();
    remove("leads", lead);
    auto gone = kinds(changes_after(from));
    std::ranges::sort(gone);
    EXPECT_THAT(gone, ElementsAre("delete contacts", "delete events", "delete leads"));
}

TEST_P(FeedConformance, AnAgentsFiguresAndItsLeavingAreChanges) {
    const auto agent = add("agents", {{"name", text("A")}, {"email", text("a@x.ca")}}, scope_);
    auto from = head();
    const auto lead =
        add("leads", {{"first_name", text("Ada")}, {"assigned_agent", agent}}, scope_);
    auto changes = kinds(changes_after(from));
    std::ranges::sort(changes);
    EXPECT_THAT(changes, ElementsAre("insert leads", "update agents"));
    from = head();
    remove("agents", agent);
    const auto left = changes_after(from);
    const auto released =
        std::ranges::find_if(left, [&](const ChangePtr& change) { return change->row_id == lead; });
    ASSERT_NE(released, left.end()) << fmt::format("{}", kinds(left));
    EXPECT_THAT((*released)->row.json, HasSubstr(R"("assigned_agent":null)"));
    EXPECT_THAT((*released)->old.json, HasSubstr(fmt::format(R"("assigned_agent":"{}")", [&] {
                    std::string out;
                    append_uuid(out, agent);
                    return out;
                }())));
}

TEST_P(FeedConformance, ManyRowsInOneStatementComeInTheirOrder) {
    Insert insert{.relation = &relation("leads"),
                  .columns = {&relation("leads").column("first_name")}};
    for (int i = 0; i < 500; ++i) insert.rows.push_back({text(fmt::format("lead {}", i))});
    database_.run(std::move(insert), scope_).value();
    const auto changes = changes_after({});
    ASSERT_EQ(changes.size(), 500U);
    for (std::size_t i = 0; i < changes.size(); ++i)
        EXPECT_THAT(changes[i]->row.json, HasSubstr(fmt::format(R"("lead {}")", i)));
}

TEST_P(FeedConformance, ARefusedWriteLeavesNoNumberOut) {
    add("agents", {{"name", text("A")}, {"email", text("a@x.ca")}}, scope_);
    EXPECT_FALSE(database_.run(
        insert_of("agents", {{"name", text("B")}, {"email", text("a@x.ca")}}), scope_));
    add("agents", {{"name", text("C")}, {"email", text("c@x.ca")}}, scope_);
    EXPECT_EQ(changes_after({}).size(), 2U);
}

TEST_P(FeedConformance, EachTenantHasNumbersOfItsOwn) {
    const auto birch = database_.scope("birch");
    for (int i = 0; i < 3; ++i) add_lead("Ada");
    add("leads", {{"first_name", text("Bo")}}, birch);
    const auto theirs = changes_after({}, "birch");
    ASSERT_EQ(theirs.size(), 1U);
    EXPECT_EQ(theirs.front()->seq, 1);
    EXPECT_THAT(json(theirs.front()), HasSubstr(R"("tenant_id":"birch")"));
    EXPECT_EQ(changes_after({}).size(), 3U);
}

TEST_P(FeedConformance, APlaceOfAnotherTenantsFeedIsNoneHere) {
    const auto birch = database_.scope("birch");
    add("leads", {{"first_name", text("Bo")}}, birch);
    add_lead("Ada");
    const auto theirs = wait_for(feed_->head(birch, engine::testing::no_deadline)).value();
    JobScopes scopes{database_.issuer(), "acme"};
    for (const auto& place : {Position{theirs.epoch, 1}, Position{"0123456789abcdef", 1},
                              Position{head().epoch, 2}, Position{"", 2}}) {
        const auto follower = feed_->follow(scope_.tenant(), place);
        const auto batch = wait_for(follower->next(scopes, soon()));
        ASSERT_FALSE(batch);
        EXPECT_EQ(batch.error().code, Errc::resync_required);
        EXPECT_THAT(batch.error().message, Not(HasSubstr("birch")));
    }
}

TEST_P(FeedConformance, AWaitingFollowerIsToldOfWhatComes) {
    add_lead("first");
    JobScopes scopes{database_.issuer(), "acme"};
    const auto follower = feed_->follow(scope_.tenant(), head());
    EXPECT_THAT(wait_for(follower->next(scopes, soon())).value().changes, IsEmpty())
        << "the place is looked up";
    std::thread writer{[this] { add_lead("second"); }};
    std::vector<ChangePtr> changes;
    while (changes.empty()) changes = wait_for(follower->next(scopes, soon())).value().changes;
    writer.join();
    EXPECT_EQ(changes.front()->seq, 2);
}

TEST_P(FeedConformance, ASuspensionIsToldAsAChangeOfAuthority) {
    JobScopes scopes{database_.issuer(), "acme"};
    const auto follower = feed_->follow(scope_.tenant(), {});
    while (
        wait_for(follower->next(scopes, std::chrono::steady_clock::now() + std::chrono::seconds{1}))
            .value()
            .authority_changed) {
    }
    database_.control().set_tenant_status(scope_.tenant(), auth::TenantStatus::suspended).value();
    EXPECT_TRUE(wait_for(follower->authority_changed(soon())).value());
}

TEST_P(FeedConformance, AStopEndsAllWaits) {
    JobScopes scopes{database_.issuer(), "acme"};
    const auto follower = feed_->follow(scope_.tenant(), {});
    wait_for(follower->next(scopes, soon())).value();
    std::thread stopper{[this] { feed_->stop(); }};
    auto batch = wait_for(follower->next(scopes, soon()));
    while (batch) batch = wait_for(follower->next(scopes, soon()));
    stopper.join();
    EXPECT_EQ(batch.error().code, Errc::shutting_down);
}

}  // namespace
}  // namespace tenantry::feed
