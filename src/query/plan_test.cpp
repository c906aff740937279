#include "query/plan.hpp"

#include "base/limits.hpp"
#include "lead_fixture.hpp"
#include "support/print.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>

namespace tenantry::query {
namespace {

Value text(std::string_view value) { return schema::Text{value}; }

const Timestamp now = parse_timestamp("2026-01-05T00:16:17Z").value();
const Uuid fresh = parse_uuid("0194f2a1-7c3e-7b12-9d55-00ff10ab3c4d").value();
const Uuid other = parse_uuid("0194f2a1-7c3e-7b12-9d55-00ff10ab3c4e").value();
const Stamp stamp{now, [] { return fresh; }};

Read read_of_leads() { return Read{&leads(), {lead("id")}}; }

template <class Kind>
Kind planned(Kind request) {
    const auto result = plan(Request{std::move(request)}, stamp);
    EXPECT_TRUE(result) << result.error();
    return std::get<Kind>(result->request());
}

template <class Kind>
std::string refusal(Kind request) {
    const auto result = plan(Request{std::move(request)}, stamp);
    if (result) return "accepted";
    return fmt::format("{} [{}] {}", code_of(result.error().code), result.error().field,
                       result.error().message);
}

Filter predicate(const Column* column, Operator op, std::vector<Value> operands = {}) {
    return Filter{Predicate{column, op, std::move(operands)}};
}
Filter group(Group::Kind kind, std::vector<Filter> terms) {
    return Filter{Group{kind, std::move(terms)}};
}

// --- reads ---------------------------------------------------------------------------------------

TEST(PlanRead, GivesEveryReadALimitAndAnOrderThatEndsWithTheId) {
    const auto read = planned(read_of_leads());
    EXPECT_EQ(read.limit, limits::page_rows_max);
    EXPECT_EQ(read.order, (std::vector<OrderTerm>{{lead("id"), false, false}}));
    EXPECT_FALSE(read.keyset);
}

TEST(PlanRead, TheIdFollowsTheLastTermsDirection) {
    auto read = read_of_leads();
    read.order = {{lead("city"), false, false}, {lead("created_at"), true, true}};
    EXPECT_EQ(planned(read).order.back(), (OrderTerm{lead("id"), true, true}));
    read.order = {{lead("id"), true, true}, {lead("city"), false, false}};
    EXPECT_EQ(planned(read).order.size(), 2U);
}

TEST(PlanRead, LeavesTheRestAsItWas) {
    auto read = read_of_leads();
    read.filter = equals(*lead("city"), text("Toronto"));
    read.limit = 20;
    read.offset = limits::offset_max;
    read.count = read.has_more = true;
    auto expected = read;
    expected.order = {{lead("id"), false, false}};
    EXPECT_EQ(planned(read), expected);
}

TEST(PlanRead, EmbedsAreCompletedToo) {
    auto read = read_of_leads();
    read.embeds.push_back({"agent", &leads().foreign_keys()[0], Embed::Direction::to_one,
                           Read{&agents(), {agent("name")}}});
    const auto out = planned(read);
    EXPECT_EQ(out.embeds[0].read.limit, limits::page_rows_max);
    EXPECT_EQ(out.embeds[0].read.order, (std::vector<OrderTerm>{{agent("id"), false, false}}));
}

struct ReadRefusal {
    std::string_view what;
    std::function<void(Read&)> change;
    std::string_view expected;
};

class PlanReadRefuses : public testing::TestWithParam<ReadRefusal> {};

TEST_P(PlanReadRefuses, Reads) {
    auto read = read_of_leads();
    GetParam().change(read);
    EXPECT_EQ(refusal(read), GetParam().expected);
}

Embed agent_embed() {
    return {"agent", &leads().foreign_keys()[0], Embed::Direction::to_one,
            Read{&agents(), {agent("name")}}};
}

std::vector<ReadRefusal> shape_refusals() {
    return {
        {"ForeignColumnSelected", [](Read& r) { r.projection = {agent("name")}; },
         "bad_query [] a column does not belong to leads"},
        {"ForeignColumnOrdered", [](Read& r) { r.order = {{agent("name")}}; },
         "bad_query [] a column does not belong to leads"},
        {"ForeignColumnFiltered",
         [](Read& r) { r.filter = predicate(agent("name"), Operator::is_null); },
         "bad_query [] a column does not belong to leads"},
        {"ForeignColumnInAGroup",
         [](Read& r) {
             r.filter = group(Group::Kind::any, {predicate(agent("name"), Operator::is_null)});
         },
         "bad_query [] a column does not belong to leads"},
        {"OrderByJson", [](Read& r) { r.order = {{lead("metadata")}}; },
         "bad_query [metadata] can't order by metadata"},
        {"OrderByArray", [](Read& r) { r.order = {{lead("tags")}}; },
         "bad_query [tags] can't order by tags"},
        {"TooManyOrderTerms", [](Read& r) { r.order.assign(9, {lead("city")}); },
         "bad_query [] more than 8 columns to order by"},
    };
}

std::vector<ReadRefusal> filter_refusals() {
    return {
        {"NullOperand",
         [](Read& r) { r.filter = predicate(lead("city"), Operator::eq, {schema::Null{}}); },
         "bad_query [city] city is compared with a value of another type"},
        {"OperandOfAnotherType",
         [](Read& r) { r.filter = predicate(lead("city"), Operator::eq, {std::int64_t{1}}); },
         "bad_query [city] city is compared with a value of another type"},
        {"TextForAUuid",
         [](Read& r) { r.filter = predicate(lead("id"), Operator::eq, {text("x")}); },
         "bad_query [id] id is compared with a value of another type"},
        {"NumberOfAnotherScale",
         [](Read& r) { r.filter = predicate(lead("score"), Operator::lt, {Decimal{875, 1}}); },
         "bad_query [score] score is compared with a value of another type"},
        {"OneOfTheListOfAnotherType",
         [](Read& r) { r.filter = predicate(lead("city"), Operator::in, {text("a"), true}); },
         "bad_query [city] city is compared with a value of another type"},
        {"NoOperand", [](Read& r) { r.filter = predicate(lead("city"), Operator::eq); },
         "bad_query [city] city is compared with one value at a time"},
        {"TwoOperands",
         [](Read& r) { r.filter = predicate(lead("city"), Operator::gt, {text("a"), text("b")}); },
         "bad_query [city] city is compared with one value at a time"},
        {"NullTestWithOperand",
         [](Read& r) { r.filter = predicate(lead("city"), Operator::is_null, {text("a")}); },
         "bad_query [city] city is tested for null without an operand"},
        {"LongList",
         [](Read& r) {
             r.filter = predicate(lead("city"), Operator::in,
                                  std::vector<Value>(limits::in_list_max + 1, text("a")));
         },
         "bad_query [city] city is compared with more than 1000 values"},
        {"ContainsInANumber",
         [](Read& r) { r.filter = predicate(lead("score"), Operator::contains, {text("8")}); },
         "bad_query [score] score can't be searched for text"},
        {"ContainsTwice",
         [](Read& r) {
             r.filter = predicate(lead("city"), Operator::contains, {text("a"), text("b")});
         },
         "bad_query [city] city can't be searched for text"},
        {"ContainsANumber",
         [](Read& r) { r.filter = predicate(lead("city"), Operator::contains, {std::int64_t{1}}); },
         "bad_query [city] city is compared with a value of another type"},
        {"ComparedJson",
         [](Read& r) {
             r.filter = predicate(lead("metadata"), Operator::eq, {schema::Json{"{}"}});
         },
         "bad_query [metadata] metadata has a type that can't be compared"},
        {"ComparedArray",
         [](Read& r) { r.filter = predicate(lead("tags"), Operator::in, {schema::TextArray{}}); },
         "bad_query [tags] tags has a type that can't be compared"},
        {"DeepFilter",
         [](Read& r) {
             Filter filter = predicate(lead("city"), Operator::is_null);
             for (std::size_t i = 0; i < limits::filter_depth_max; ++i)
                 filter = group(Group::Kind::all, {filter});
             r.filter = filter;
         },
         "too_deep [] filters nest deeper than 16"},
        {"WideFilter",
         [](Read& r) {
             r.filter = group(Group::Kind::any,
                              std::vector<Filter>(256, predicate(lead("city"), Operator::is_null)));
         },
         "bad_query [] filters have more than 256 terms"},
    };
}

std::vector<ReadRefusal> page_refusals() {
    return {
        {"LargeLimit", [](Read& r) { r.limit = limits::page_rows_max + 1; },
         "out_of_range [limit] limit is at most 1000"},
        {"LargeOffset", [](Read& r) { r.offset = limits::offset_max + 1; },
         "out_of_range [offset] offset is at most 10000000"},
        {"GivenKeyset", [](Read& r) { r.keyset = predicate(lead("city"), Operator::is_null); },
         "bad_query [] a keyset is made from a cursor, not given"},
        {"ShortCursor", [](Read& r) { r.after = std::vector<Value>{}; },
         "bad_cursor [after] the cursor does not fit the order asked for"},
        {"LongCursor", [](Read& r) { r.after = std::vector<Value>{fresh, fresh}; },
         "bad_cursor [after] the cursor does not fit the order asked for"},
        {"CursorOfAnotherType", [](Read& r) { r.after = std::vector<Value>{text("x")}; },
         "bad_cursor [after] the cursor does not fit the order asked for"},
        {"CursorOfAnotherScale",
         [](Read& r) {
             r.order = {{lead("score")}};
             r.after = std::vector<Value>{Decimal{1, 3}, fresh};
         },
         "bad_cursor [after] the cursor does not fit the order asked for"},
        {"NullInACursorOfARequiredColumn",
         [](Read& r) { r.after = std::vector<Value>{schema::Null{}}; },
         "bad_cursor [after] the cursor does not fit the order asked for"},
    };
}

/// One embed of the agent, changed.
std::function<void(Read&)> embedding(std::function<void(Embed&)> change) {
    return [change = std::move(change)](Read& read) {
        read.embeds = {agent_embed()};
        change(read.embeds[0]);
    };
}

/// leads -> events -> leads -> events -> leads
void embed_deeply(Read& read) {
    const auto* key = &events().foreign_keys()[0];
    for (int i = 0; i < 2; ++i) {
        Read of_events{&events(), {}, {{"leads", key, Embed::Direction::to_one, read}}};
        read = Read{&leads(), {}, {{"events", key, Embed::Direction::to_many, of_events}}};
    }
}

void embed_often(Read& read) {
    for (int i = 0; i < 17; ++i) {
        read.embeds.push_back(agent_embed());
        read.embeds.back().name = fmt::format("agent{}", i);
    }
}

std::vector<ReadRefusal> embed_refusals() {
    const std::string_view not_so = "bad_query [] agent can't be embedded so";
    const std::string_view nameless = "bad_query [] an embedded relation needs a name of its own";
    return {
        {"OfAnotherRelation", embedding([](Embed& e) { e.read = Read{&leads()}; }), not_so},
        {"ByAKeyOfOthers", embedding([](Embed& e) { e.key = &events().foreign_keys()[0]; }),
         "bad_query [] a column does not belong to leads"},
        {"TheWrongWay", embedding([](Embed& e) { e.direction = Embed::Direction::to_many; }),
         "bad_query [] a column does not belong to agents"},
        {"WithCount", embedding([](Embed& e) { e.read.count = true; }), not_so},
        {"WithMore", embedding([](Embed& e) { e.read.has_more = true; }), not_so},
        {"WithCursor", embedding([](Embed& e) { e.read.after = std::vector<Value>{fresh}; }),
         not_so},
        {"WithoutAName", embedding([](Embed& e) { e.name = ""; }), nameless},
        {"OfOneName", [](Read& r) { r.embeds = {agent_embed(), agent_embed()}; }, nameless},
        {"ErrorWithin",
         embedding([](Embed& e) { e.read.filter = predicate(lead("city"), Operator::is_null); }),
         "bad_query [] a column does not belong to agents"},
        {"TooDeep", embed_deeply, "too_deep [] relations are embedded deeper than 4"},
        {"TooMany", embed_often, "bad_query [] more than 16 relations are embedded"},
    };
}

const auto name_of_case = [](const auto& tested) { return std::string{tested.param.what}; };
INSTANTIATE_TEST_SUITE_P(Shape, PlanReadRefuses, testing::ValuesIn(shape_refusals()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Filters, PlanReadRefuses, testing::ValuesIn(filter_refusals()),
                         name_of_case);
INSTANTIATE_TEST_SUITE_P(Pages, PlanReadRefuses, testing::ValuesIn(page_refusals()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Embeds, PlanReadRefuses, testing::ValuesIn(embed_refusals()),
                         name_of_case);

TEST(PlanRead, LimitsThemselvesAreAllowed) {
    auto read = read_of_leads();
    Filter filter = predicate(lead("city"), Operator::is_null);
    for (std::size_t i = 1; i < limits::filter_depth_max; ++i)
        filter = group(Group::Kind::all, {filter});
    read.filter = filter;
    read.order.assign(limits::order_columns_max, {lead("city")});
    read.limit = limits::page_rows_max;
    EXPECT_EQ(refusal(read), "accepted");
    read.filter = group(Group::Kind::any,
                        std::vector<Filter>(255, predicate(lead("city"), Operator::is_null)));
    EXPECT_EQ(refusal(read), "accepted");
    read.filter =
        predicate(lead("city"), Operator::in, std::vector<Value>(limits::in_list_max, text("a")));
    EXPECT_EQ(refusal(read), "accepted");
    read.filter = predicate(lead("city"), Operator::in);
    EXPECT_EQ(refusal(read), "accepted");
    read.limit = 0;
    EXPECT_EQ(refusal(read), "accepted");
}

TEST(PlanRead, AnyColumnCanBeTestedForNull) {
    for (const auto& column : leads().columns()) {
        auto read = read_of_leads();
        read.filter = predicate(&column, Operator::is_null);
        EXPECT_EQ(refusal(read), "accepted") << column.name();
    }
}

// --- inserts -------------------------------------------------------------------------------------

Insert insert_lead(std::vector<const Column*> columns, std::vector<Value> row) {
    Insert out{&leads(), std::move(columns)};
    out.rows.push_back(std::move(row));
    return out;
}

Value value_in(const Insert& insert, std::string_view column, std::size_t row = 0) {
    const auto found =
        std::ranges::find_if(insert.columns, [&](const Column* c) { return c->name() == column; });
    if (found == insert.columns.end()) return text("(absent)");
    return insert.rows.at(row).at(static_cast<std::size_t>(found - insert.columns.begin()));
}

TEST(PlanInsert, FillsInWhatTheServerGivesAndDefaults) {
    const auto insert = planned(insert_lead({lead("first_name")}, {text("Zoë")}));
    EXPECT_EQ(value_in(insert, "first_name"), text("Zoë"));
    EXPECT_EQ(value_in(insert, "id"), Value{fresh});
    EXPECT_EQ(value_in(insert, "created_at"), Value{now});
    EXPECT_EQ(value_in(insert, "updated_at"), Value{now});
    EXPECT_EQ(value_in(insert, "status"), text("new"));
    EXPECT_EQ(value_in(insert, "tags"), Value{schema::TextArray{}});
    EXPECT_EQ(value_in(insert, "metadata"), Value{schema::Json{"{}"}});
    EXPECT_EQ(value_in(insert, "city"), text("(absent)"));
    EXPECT_EQ(value_in(insert, "tenant_id"), text("(absent)"));  // scope_plan's to add
    EXPECT_EQ(insert.rows[0].size(), insert.columns.size());
}

TEST(PlanInsert, EachRowGetsAnIdOfItsOwn) {
    auto insert = insert_lead({lead("first_name")}, {text("a")});
    insert.rows.push_back({text("b")});
    int made = 0;
    const Stamp counting{now, [&made] { return ++made == 1 ? fresh : other; }};
    const auto result = plan(Request{insert}, counting).value();
    const auto& out = std::get<Insert>(result.request());
    EXPECT_EQ(value_in(out, "id", 0), Value{fresh});
    EXPECT_EQ(value_in(out, "id", 1), Value{other});
}

TEST(PlanInsert, KeepsWhatWasSent) {
    const auto insert =
        planned(insert_lead({lead("id"), lead("status"), lead("first_name"), lead("created_at")},
                            {other, text("closed"), text("a"), Timestamp{}}));
    EXPECT_EQ(value_in(insert, "id"), Value{other});
    EXPECT_EQ(value_in(insert, "status"), text("closed"));
    EXPECT_EQ(value_in(insert, "created_at"), Value{Timestamp{}});
}

TEST(PlanInsert, ARequiredTimeIsNow) {
    Insert event{&events(), {&events().column("type")}};
    event.rows.push_back({text("call")});
    EXPECT_EQ(value_in(planned(event), "timestamp"), Value{now});
}

TEST(PlanInsert, AMergeOverwritesWhatWasSentAndNoKey) {
    auto insert = insert_lead(
        {lead("id"), lead("email"), lead("first_name"), lead("created_at"), lead("score")},
        {other, text("a@b.co"), text("a"), now, schema::Null{}});
    insert.on_conflict = OnConflict::merge;
    insert.conflict_key = &leads().unique_keys()[0];
    EXPECT_EQ(planned(insert).merged,
              (std::vector<const Column*>{lead("first_name"), lead("score"), lead("updated_at")}));
    insert.conflict_key = nullptr;
    EXPECT_EQ(planned(insert).merged,
              (std::vector<const Column*>{lead("email"), lead("first_name"), lead("score"),
                                          lead("updated_at")}));
    insert.merged = {lead("tenant_id")};  // a request's own wish is not heard
    EXPECT_EQ(planned(insert).merged.front(), lead("email"));
}

TEST(PlanInsert, Refuses) {
    EXPECT_EQ(refusal(insert_lead({lead("city")}, {text("x")})),
              "missing_field [first_name] first_name is required");
    EXPECT_EQ(refusal(insert_lead({lead("first_name")}, {schema::Null{}})),
              "missing_field [first_name] first_name is required");
    EXPECT_EQ(refusal(insert_lead({lead("first_name")}, {std::int64_t{1}})),
              "bad_value [first_name] first_name has a value of another type");
    EXPECT_EQ(refusal(insert_lead({lead("first_name"), lead("score")}, {text("a"), Decimal{1, 3}})),
              "bad_value [score] score has a value of another type");
    EXPECT_EQ(
        refusal(insert_lead({lead("first_name"), lead("status")}, {text("a"), text("open")})),
        "bad_value [status] status is not one of new, contacted, qualified, converted, closed");
    EXPECT_EQ(
        refusal(insert_lead({lead("first_name"), lead("first_name")}, {text("a"), text("b")})),
        "bad_query [first_name] first_name is given twice");
    EXPECT_EQ(refusal(insert_lead({agent("name")}, {text("a")})),
              "bad_query [] a column does not belong to leads");
    EXPECT_EQ(refusal(insert_lead({lead("first_name")}, {})),
              "bad_query [] a row has another length than its columns");
    auto returning = insert_lead({lead("first_name")}, {text("a")});
    returning.returning = {agent("name")};
    EXPECT_EQ(refusal(returning), "bad_query [] a column does not belong to leads");
    auto key = insert_lead({lead("first_name")}, {text("a")});
    key.on_conflict = OnConflict::skip;
    key.conflict_key = &agents().unique_keys()[0];
    EXPECT_EQ(refusal(key), "bad_query [] the key of the conflict does not belong to leads");
    Insert event{&events(), {&events().column("type")}};
    event.rows.push_back({text("call")});
    event.on_conflict = OnConflict::merge;
    EXPECT_EQ(refusal(event), "read_only_field [] rows of events stand as they were written");
    event.on_conflict = OnConflict::skip;
    EXPECT_EQ(refusal(event), "accepted");
}

// --- updates and deletes -------------------------------------------------------------------------

TEST(PlanUpdate, SetsUpdatedAtItself) {
    const Update update{&leads(), {{lead("updated_at"), Timestamp{}}, {lead("city"), text("x")}}};
    EXPECT_EQ(planned(update).assignments,
              (std::vector<Assignment>{{lead("city"), text("x")}, {lead("updated_at"), now}}));
}

TEST(PlanUpdate, Refuses) {
    const auto set = [](const Column* column, Value value) {
        return Update{&leads(), {{column, std::move(value)}}};
    };
    EXPECT_EQ(refusal(set(lead("id"), other)), "read_only_field [id] id can't be set so");
    EXPECT_EQ(refusal(set(lead("created_at"), now)),
              "read_only_field [created_at] created_at can't be set so");
    EXPECT_EQ(refusal(Update{&leads(), {{lead("city"), text("a")}, {lead("city"), text("b")}}}),
              "read_only_field [city] city can't be set so");
    EXPECT_EQ(refusal(set(lead("first_name"), schema::Null{})),
              "missing_field [first_name] first_name is required");
    EXPECT_EQ(refusal(set(lead("city"), true)),
              "bad_value [city] city has a value of another type");
    EXPECT_EQ(
        refusal(set(lead("status"), text("open"))),
        "bad_value [status] status is not one of new, contacted, qualified, converted, closed");
    EXPECT_EQ(refusal(set(agent("name"), text("a"))),
              "bad_query [] a column does not belong to leads");
    auto filtered = set(lead("city"), text("a"));
    filtered.filter = predicate(agent("name"), Operator::is_null);
    EXPECT_EQ(refusal(filtered), "bad_query [] a column does not belong to leads");
    auto returning = set(lead("city"), text("a"));
    returning.returning = {agent("name")};
    EXPECT_EQ(refusal(returning), "bad_query [] a column does not belong to leads");
    EXPECT_EQ(refusal(Update{&events(), {{&events().column("type"), text("a")}}}),
              "read_only_field [] rows of events stand as they were written");
}

TEST(PlanDelete, ChecksFilterAndReturning) {
    EXPECT_TRUE(plan(Delete{&leads(), equals(*lead("id"), fresh), {lead("id")}}));
    EXPECT_EQ(refusal(Delete{&leads(), predicate(agent("name"), Operator::is_null)}),
              "bad_query [] a column does not belong to leads");
    EXPECT_EQ(refusal(Delete{&leads(), std::nullopt, {agent("name")}}),
              "bad_query [] a column does not belong to leads");
    // What is appended only can still be removed, with its tenant.
    EXPECT_EQ(refusal(Delete{&events()}), "accepted");
}

}  // namespace
}  // namespace tenantry::query
