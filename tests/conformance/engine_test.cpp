/// What every engine does with plans, whichever it is.

#include "engine/any_database.hpp"
#include "query/cursor.hpp"
#include "query/render.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenantry::engine {
namespace {

using query::Delete;
using query::Insert;
using query::Read;
using query::Update;
using schema::Value;

const schema::Relation& leads() { return schema::lead_catalog().relation("leads"); }
const schema::Relation& agents() { return schema::lead_catalog().relation("agents"); }
const schema::Relation& events() { return schema::lead_catalog().relation("events"); }

using Row = std::vector<std::pair<std::string, Value>>;

Insert insert_of(const schema::Relation& relation, const Row& row) {
    Insert insert{.relation = &relation, .returning = {&relation.id()}};
    insert.rows.emplace_back();
    for (const auto& [name, value] : row) {
        insert.columns.push_back(&relation.column(name));
        insert.rows.front().push_back(value);
    }
    return insert;
}

Value text(std::string_view value) { return schema::Text{value}; }

std::string json(const query::Reply& reply) {
    std::string out;
    query::append_json_rows(out, reply.rows);
    return out;
}

class EngineConformance : public ::testing::TestWithParam<testing::EngineKind> {
protected:
    Uuid add(const schema::Relation& relation, const Row& row) {
        return add(relation, row, scope_);
    }
    Uuid add(const schema::Relation& relation, const Row& row, const TenantScope& scope) {
        return std::get<Uuid>(
            database_.run(insert_of(relation, row), scope).value().rows.value(0, "id"));
    }
    Uuid add_lead(std::string_view name, std::string_view status = "new") {
        return add(leads(), {{"first_name", text(name)}, {"status", text(status)}});
    }
    std::string names(Read read) {
        read.projection = {&leads().column("first_name")};
        return json(database_.run(std::move(read), scope_).value());
    }

    testing::AnyDatabase database_{GetParam()};
    TenantScope scope_ = database_.scope("tenant-a");
    TenantScope other_ = database_.scope("tenant-b");
};

TEST_P(EngineConformance, AnInsertedRowIsReadBackWithDefaults) {
    const auto id = add(leads(), {{"first_name", text("Zoë")},
                                  {"email", text("zoe@example.com")},
                                  {"score", Decimal{8750, 2}},
                                  {"tags", schema::TextArray{"a", "b"}},
                                  {"metadata", schema::Json{R"({"beds":3})"}}});
    Read read{&leads()};
    for (const auto* name :
         {"tenant_id", "first_name", "email", "status", "score", "tags", "metadata", "city"}) {
        read.projection.push_back(&leads().column(name));
    }
    read.filter = query::equals(leads().id(), id);
    EXPECT_EQ(
        json(database_.run(read, scope_).value()),
        R"([{"tenant_id":"tenant-a","first_name":"Zoë","email":"zoe@example.com","status":"new","score":87.50,)"
        R"("tags":["a","b"],"metadata":{"beds":3},"city":null}])");
    EXPECT_EQ(json(database_.run(read, other_).value()), "[]");
}

TEST_P(EngineConformance, RowsSurviveAReopening) {
    add_lead("kept");
    database_.reopen();
    EXPECT_EQ(names({&leads()}), R"([{"first_name":"kept"}])");
}

TEST_P(EngineConformance, AscendingOrderPutsNullsLastAndDescendingFirst) {
    for (const auto* city : {"b", "", "a"}) {
        add(leads(), {{"first_name", text(city)},
                      {"city", *city == '\0' ? Value{schema::Null{}} : text(city)}});
    }
    const auto* city = &leads().column("city");
    EXPECT_EQ(names({.relation = &leads(), .order = {{city, false, false}}}),
              R"([{"first_name":"a"},{"first_name":"b"},{"first_name":""}])");
    EXPECT_EQ(names({.relation = &leads(), .order = {{city, true, true}}}),
              R"([{"first_name":""},{"first_name":"b"},{"first_name":"a"}])");
}

TEST_P(EngineConformance, KeysetPagesVisitEachRowOnceInEveryOrder) {
    for (int i = 0; i < 23; ++i) {
        add(leads(),
            {{"first_name", text(fmt::format("n{}", i % 5))},
             {"city", i % 3 == 0 ? Value{schema::Null{}} : text(fmt::format("c{}", i % 4))}});
    }
    for (const auto* name : {"first_name", "city", "created_at", "id"}) {
        for (const bool descending : {false, true}) {
            Read read{.relation = &leads(),
                      .projection = {&leads().id()},
                      .order = {{&leads().column(name), descending, descending}},
                      .limit = 4,
                      .has_more = true};
            auto all = read;
            all.limit = 100;
            const auto expected = json(database_.run(all, scope_).value());
            std::string seen = "[";
            while (true) {
                const auto page = database_.run(read, scope_).value();
                for (std::size_t i = 0; i < page.rows.row_count(); ++i) {
                    if (seen.size() > 1) seen += ',';
                    query::append_json_row(seen, page.rows, i);
                }
                if (!page.has_more) break;
                read.after =
                    query::parse_cursor(scope_.tenant(), read,
                                        query::make_cursor(scope_.tenant(), read, page.rows))
                        .value();
            }
            EXPECT_EQ(seen + "]", expected) << name << descending;
        }
    }
}

TEST_P(EngineConformance, TotalsComeFromTheRollupAndFromCountingAlike) {
    for (int i = 0; i < 10; ++i) add_lead(fmt::format("n{}", i), i < 4 ? "qualified" : "new");
    add(leads(), {{"first_name", text("other")}, {"status", text("qualified")}}, other_);
    const auto total = [&](std::optional<query::Filter> filter) {
        return database_
            .run(Read{.relation = &leads(),
                      .projection = {&leads().id()},
                      .filter = std::move(filter),
                      .limit = 2,
                      .count = true},
                 scope_)
            .value()
            .total.value();
    };
    EXPECT_EQ(total({}), 10);
    EXPECT_EQ(total(query::equals(leads().column("status"), text("qualified"))), 4);
    EXPECT_EQ(total(query::equals(leads().column("first_name"), text("n1"))), 1);
    database_
        .run(Update{&leads(),
                    {{&leads().column("status"), text("closed")}},
                    query::equals(leads().column("first_name"), text("n0")),
                    {}},
             scope_)
        .value();
    database_
        .run(Delete{&leads(), query::equals(leads().column("first_name"), text("n1")), {}}, scope_)
        .value();
    EXPECT_EQ(total({}), 9);
    EXPECT_EQ(total(query::equals(leads().column("status"), text("qualified"))), 2);
    EXPECT_EQ(total(query::equals(leads().column("status"), text("closed"))), 1);
}

TEST_P(EngineConformance, EmbeddedRowsFollowTheForeignKeysBothWays) {
    const auto agent = add(agents(), {{"name", text("Ann")}, {"email", text("ann@example.com")}});
    const auto lead = add(leads(), {{"first_name", text("one")}, {"assigned_agent", agent}});
    add_lead("two");
    add(events(), {{"lead_id", lead}, {"type", text("call")}});
    add(events(), {{"lead_id", lead}, {"type", text("note")}});
    Read read{.relation = &leads(),
              .projection = {&leads().column("first_name")},
              .order = {{&leads().column("first_name")}}};
    read.embeds.push_back({"agent", &leads().foreign_keys()[0], query::Embed::Direction::to_one,
                           Read{.relation = &agents(), .projection = {&agents().column("name")}}});
    read.embeds.push_back({"events", &events().foreign_keys()[0], query::Embed::Direction::to_many,
                           Read{.relation = &events(),
                                .projection = {&events().column("type")},
                                .order = {{&events().column("type")}}}});
    EXPECT_EQ(
        json(database_.run(read, scope_).value()),
        R"([{"first_name":"one","agent":{"name":"Ann"},"events":[{"type":"call"},{"type":"note"}]},)"
        R"({"first_name":"two","agent":null,"events":[]}])");
}

TEST_P(EngineConformance, ContainsIgnoresCaseBeyondAscii) {
    add_lead("Théodora ÉLISE");
    add_lead("Bob");
    const auto search = [&](std::string_view needle) {
        return names(
            {.relation = &leads(),
             .filter = query::Filter{query::Predicate{
                 &leads().column("first_name"), query::Operator::contains, {text(needle)}}}});
    };
    EXPECT_EQ(search("élise"), R"([{"first_name":"Théodora ÉLISE"}])");
    EXPECT_EQ(search("BO"), R"([{"first_name":"Bob"}])");
    EXPECT_EQ(search("%"), "[]");
    EXPECT_EQ(search("_ob"), "[]");
}

TEST_P(EngineConformance, ATakenAddressIsRefusedWithinATenantOnly) {
    const Row row{{"first_name", text("x")}, {"email", text("x@example.com")}};
    add(leads(), row);
    add(leads(), row, other_);
    EXPECT_EQ(database_.run(insert_of(leads(), row), scope_).error(),
              fail(Errc::unique_violation, "another of your leads has this email", "email"));
}

TEST_P(EngineConformance, AReferenceToAnotherTenantsRowFailsAsOneToNobody) {
    const auto foreign =
        add(agents(), {{"name", text("B")}, {"email", text("b@example.com")}}, other_);
    const auto refer = [&](Uuid agent) {
        return database_
            .run(insert_of(leads(), {{"first_name", text("x")}, {"assigned_agent", agent}}), scope_)
            .error();
    };
    EXPECT_EQ(refer(foreign), refer(new_uuid()));
    EXPECT_EQ(refer(foreign), fail(Errc::foreign_key_violation,
                                   "assigned_agent names none of your agents", "assigned_agent"));
}

TEST_P(EngineConformance, UpdatesAndDeletesOfAnotherTenantsRowChangeNothing) {
    const auto id = add_lead("mine");
    const auto by_id = query::equals(leads().id(), id);
    EXPECT_EQ(
        database_
            .run(Update{&leads(), {{&leads().column("first_name"), text("taken")}}, by_id, {}},
                 other_)
            .value()
            .affected,
        0);
    EXPECT_EQ(database_.run(Delete{&leads(), by_id, {}}, other_).value().affected, 0);
    EXPECT_EQ(names({&leads()}), R"([{"first_name":"mine"}])");
}

TEST_P(EngineConformance, DeletingALeadTakesItsEventsAlongAndAnAgentLeavesItsLeads) {
    const auto agent = add(agents(), {{"name", text("Ann")}, {"email", text("ann@example.com")}});
    const auto lead = add(leads(), {{"first_name", text("one")}, {"assigned_agent", agent}});
    add(events(), {{"lead_id", lead}, {"agent_id", agent}, {"type", text("call")}});
    EXPECT_EQ(database_.run(Delete{&agents(), query::equals(agents().id(), agent), {}}, scope_)
                  .value()
                  .affected,
              1);
    Read read{.relation = &leads(), .projection = {&leads().column("assigned_agent")}};
    EXPECT_EQ(json(database_.run(read, scope_).value()), R"([{"assigned_agent":null}])");
    database_.run(Delete{&leads(), query::equals(leads().id(), lead), {}}, scope_).value();
    EXPECT_EQ(database_.run(Read{.relation = &events(), .projection = {&events().id()}}, scope_)
                  .value()
                  .rows.row_count(),
              0U);
}

TEST_P(EngineConformance, UpsertsMergeWhatWasSentAndSkipWhatIsThere) {
    add(leads(), {{"first_name", text("old")},
                  {"email", text("x@example.com")},
                  {"status", text("closed")}});
    auto upsert =
        insert_of(leads(), {{"first_name", text("new")}, {"email", text("x@example.com")}});
    upsert.conflict_key = &leads().unique_keys()[0];
    upsert.on_conflict = query::OnConflict::skip;
    EXPECT_EQ(database_.run(upsert, scope_).value().affected, 0);
    EXPECT_EQ(names({&leads()}), R"([{"first_name":"old"}])");
    upsert.on_conflict = query::OnConflict::merge;
    EXPECT_EQ(database_.run(upsert, scope_).value().affected, 1);
    Read read{.relation = &leads(),
              .projection = {&leads().column("first_name"), &leads().column("status")}};
    EXPECT_EQ(json(database_.run(read, scope_).value()),
              R"([{"first_name":"new","status":"closed"}])");
}

TEST_P(EngineConformance, PlansRunTogetherAreAllDoneOrNone) {
    const auto scoped = [&](query::Request request) {
        return query::scope_plan(
                   query::plan(std::move(request), {system_clock().now(), new_uuid}).value(),
                   scope_)
            .value();
    };
    std::vector<query::ScopedPlan> plans;
    plans.push_back(scoped(
        insert_of(leads(), {{"first_name", text("one")}, {"email", text("x@example.com")}})));
    plans.push_back(scoped(
        insert_of(leads(), {{"first_name", text("two")}, {"email", text("x@example.com")}})));
    EXPECT_EQ(
        testing::wait_for(database_.engine().run_all(plans, testing::no_deadline)).error().code,
        Errc::unique_violation);
    EXPECT_EQ(names({&leads()}), "[]");
    plans.pop_back();
    plans.push_back(
        scoped(Read{.relation = &leads(), .projection = {&leads().column("first_name")}}));
    const auto replies =
        testing::wait_for(database_.engine().run_all(plans, testing::no_deadline)).value();
    EXPECT_EQ(json(replies.back()), R"([{"first_name":"one"}])");
}

TEST_P(EngineConformance, AnInsertOfManyRowsIsAllOrNothing) {
    Insert insert{.relation = &leads(),
                  .columns = {&leads().column("first_name"), &leads().column("email")}};
    insert.rows = {{text("one"), text("1@example.com")},
                   {text("two"), text("2@example.com")},
                   {text("three"), text("1@example.com")}};
    EXPECT_EQ(database_.run(insert, scope_).error().code, Errc::unique_violation);
    EXPECT_EQ(names({&leads()}), "[]");
    insert.rows.pop_back();
    EXPECT_EQ(database_.run(insert, scope_).value().affected, 2);
}

TEST_P(EngineConformance, ManyRowsAtOnceAreWhatTheyAreOneByOne) {
    const Timestamp early{std::chrono::sys_days{std::chrono::year{1987} / 1 / 1}};
    const std::vector<const schema::Column*> columns{
        &leads().column("first_name"), &leads().column("city"),     &leads().column("score"),
        &leads().column("tags"),       &leads().column("metadata"), &leads().column("created_at")};
    Insert many{.relation = &leads(), .columns = columns};
    for (int i = 0; i < 300; ++i) {
        const bool empty = i % 3 == 0;
        many.rows.push_back(
            {text(fmt::format("n{:03} \"é\\,{{}}", i)),
             empty ? Value{schema::Null{}} : text("Oslo"),
             empty ? Value{schema::Null{}} : Value{Decimal{i - 100, 2}},
             empty ? Value{schema::TextArray{}} : Value{schema::TextArray{"", "NULL", "a\"\\{},"}},
             schema::Json{fmt::format(R"({{"i":{},"é":["\"",null]}})", i)},
             early + std::chrono::microseconds{i}});
    }
    Read read{.relation = &leads(),
              .projection = columns,
              .order = {{&leads().column("first_name")}},
              .limit = 300,
              .count = true};
    auto one_by_one = many;
    one_by_one.returning = {&leads().id()};
    database_.run(std::move(one_by_one), other_).value();
    EXPECT_EQ(database_.run(std::move(many), scope_).value().affected, 300);
    const auto got = database_.run(read, scope_).value();
    EXPECT_EQ(got.total, 300);
    EXPECT_EQ(json(got), json(database_.run(read, other_).value()));
}

TEST_P(EngineConformance, AWriteAfterItsDeadlineIsRefusedAndNotDone) {
    auto plan = query::scope_plan(query::plan(insert_of(leads(), {{"first_name", text("late")}}),
                                              {system_clock().now(), new_uuid})
                                      .value(),
                                  scope_)
                    .value();
    EXPECT_EQ(
        testing::wait_for(database_.engine().run(std::move(plan), Deadline::min())).error().code,
        Errc::deadline_exceeded);
    EXPECT_EQ(names({&leads()}), "[]");
}

TEST_P(EngineConformance, AfterDrainingNoWriteIsAccepted) {
    database_.engine().drain();
    EXPECT_EQ(
        database_.run(insert_of(leads(), {{"first_name", text("late")}}), scope_).error().code,
        Errc::shutting_down);
    EXPECT_EQ(names({&leads()}), "[]");
}

TEST_P(EngineConformance, EventsStandAsTheyWereWritten) {
    add(events(), {{"type", text("note")}});
    EXPECT_EQ(
        database_.run(Update{&events(), {{&events().column("type"), text("x")}}, {}, {}}, scope_)
            .error()
            .code,
        Errc::read_only_field);
    EXPECT_EQ(database_.run(Delete{&events(), {}, {}}, scope_).error().code, Errc::read_only_field);
}

TEST_P(EngineConformance, AnswersOfOneTenantDoNotDependOnAnothersRows) {
    const auto mine = add_lead("mine");
    const auto look = [&] {
        std::string out = names({&leads()});
        Read counted{.relation = &leads(), .projection = {&leads().id()}, .count = true};
        out += fmt::format("{}", *database_.run(counted, scope_).value().total);
        out += json(database_
                        .run(Read{.relation = &leads(),
                                  .projection = query::all_columns(leads()),
                                  .filter = query::equals(leads().id(), mine)},
                             scope_)
                        .value());
        return out;
    };
    const auto before = look();
    for (int i = 0; i < 50; ++i)
        add(leads(), {{"first_name", text("theirs")}, {"id", i == 0 ? mine : new_uuid()}}, other_);
    EXPECT_EQ(look(), before);
}

INSTANTIATE_TEST_SUITE_P(Engines, EngineConformance, ::testing::ValuesIn(testing::all_engines),
                         [](const auto& of) { return testing::name_of(of.param); });

}  // namespace
}  // namespace tenantry::engine
