#include "query/cursor.hpp"

#include "base/text.hpp"
#include "lead_fixture.hpp"
#include "query/plan.hpp"
#include "support/generators.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace tenantry::query {
namespace {

const TenantId acme = TenantId::parse("acme").value();
const TenantId globex = TenantId::parse("globex").value();
constexpr std::string_view id_text = "0194f2a1-7c3e-7b12-9d55-00ff10ab3c4d";

Read newest_first() {
    Read read{&leads(), {lead("id")}};
    read.order = {{lead("created_at"), true, true}};
    return read;
}

std::string cursor_of(const Read& read) {
    RowSet rows{{lead("id"), lead("created_at")}, 1};
    rows.append_text("00000000-0000-0000-0000-000000000000");
    rows.append_integer(1);
    rows.append_text(id_text);
    rows.append_integer(1'767'572'177'000'000);
    return make_cursor(acme, read, rows);
}

void expect_refused(const TenantId& tenant, const Read& read, std::string_view text) {
    const auto parsed = parse_cursor(tenant, read, text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error(), (Error{Errc::bad_cursor,
                                     "after is not a cursor of this list; take it from `next` of "
                                     "the page before, with the same sort",
                                     "after"}));
}

TEST(Cursor, HoldsTheLastRowsPlace) {
    const auto cursor = cursor_of(newest_first());
    EXPECT_EQ(cursor.find_first_not_of(
                  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
              std::string::npos);
    EXPECT_EQ(parse_cursor(acme, newest_first(), cursor).value(),
              (std::vector<Value>{parse_timestamp("2026-01-05T00:16:17Z").value(),
                                  parse_uuid(id_text).value()}));
}

TEST(Cursor, IsTheSameBeforeAndAfterPlanning) {
    const auto planned = plan(newest_first()).value();
    const auto cursor = cursor_of(std::get<Read>(planned.request()));
    EXPECT_EQ(cursor, cursor_of(newest_first()));
    auto next = newest_first();
    next.after = parse_cursor(acme, next, cursor).value();
    EXPECT_TRUE(plan(next));
}

TEST(Cursor, KeepsNulls) {
    Read read{&leads(), {lead("id")}};
    read.order = {{lead("score")}, {lead("city"), true, true}};
    RowSet rows{{lead("score"), lead("city"), lead("id")}, 3};
    rows.append_null();
    rows.append_text("null");
    rows.append_text(id_text);
    EXPECT_EQ(
        parse_cursor(acme, read, make_cursor(acme, read, rows)).value(),
        (std::vector<Value>{schema::Null{}, schema::Text{"null"}, parse_uuid(id_text).value()}));
}

TEST(Cursor, IsWorthNothingToAnotherTenant) {
    expect_refused(globex, newest_first(), cursor_of(newest_first()));
}

TEST(Cursor, BelongsToOneOrder) {
    const auto cursor = cursor_of(newest_first());
    auto read = newest_first();
    read.order[0].descending = false;
    expect_refused(acme, read, cursor);
    read = newest_first();
    read.order[0].column = lead("updated_at");
    expect_refused(acme, read, cursor);
    read.order = {};
    expect_refused(acme, read, cursor);
    read.order = {{lead("created_at"), true, true}, {lead("id"), false, false}};
    expect_refused(acme, read, cursor);
    read.order = {{lead("created_at"), true, true}, {lead("city")}};
    expect_refused(acme, read, cursor);
}

TEST(Cursor, BelongsToOnePlaceOfNulls) {
    Read read{&leads(), {lead("id")}};
    read.order = {{lead("score"), false, false}};
    RowSet rows{{lead("score"), lead("id")}, 2};
    rows.append_integer(100);
    rows.append_text(id_text);
    const auto cursor = make_cursor(acme, read, rows);
    EXPECT_TRUE(parse_cursor(acme, read, cursor));
    read.order[0].nulls_first = true;
    expect_refused(acme, read, cursor);
}

TEST(Cursor, BelongsToOneRelation) {
    const auto& agents = schema::lead_catalog().relation("agents");
    Read read{&agents, {&agents.id()}};
    read.order = {{&agents.column("created_at"), true, true}};
    expect_refused(acme, read, cursor_of(newest_first()));
}

TEST(Cursor, RefusesGarbage) {
    const auto read = newest_first();
    const auto cursor = cursor_of(read);
    std::string json;
    ASSERT_TRUE(decode_base64url(cursor, json));
    for (const std::string& text :
         {std::string{}, std::string{"x"}, std::string{"!!!!"}, cursor + "A", cursor + "=",
          cursor.substr(1), cursor.substr(0, cursor.size() - 2), encode_base64url("[]"),
          encode_base64url("{}"), encode_base64url("null"), encode_base64url(json + " x"),
          encode_base64url("[" + json + "]"), encode_base64url(std::string(100'000, '[')),
          encode_base64url("\xff")}) {
        expect_refused(acme, read, text);
    }
    // The right fingerprint before wrong values.
    const auto fingerprint = json.substr(0, json.find(',') + 1);
    const auto id = "\"" + std::string{id_text} + "\"";
    const std::string wrong[] = {"1,2]",
                                 "\"yesterday\"," + id + "]",
                                 "\"2026-01-05\",\"7\"]",
                                 "\"2026-01-05\"]",
                                 "\"2026-01-05\"," + id + ",null]",
                                 "[]," + id + "]",
                                 "1.5," + id + "]"};
    for (const auto& values : wrong) {
        expect_refused(acme, read, encode_base64url(fingerprint + values));
    }
    // A null where none can be is noticed by plan.
    auto next = read;
    next.after =
        parse_cursor(acme, read, encode_base64url(fingerprint + "null," + id + "]")).value();
    EXPECT_EQ(plan(next).error().code, Errc::bad_cursor);
}

TEST(Cursor, SaysNothingOfTheTenantInClear) {
    std::string json;
    ASSERT_TRUE(decode_base64url(cursor_of(newest_first()), json));
    EXPECT_EQ(json.find("acme"), std::string::npos);
}

/// As an engine would return it.
RC_GTEST_PROP(CursorProperty, ReadsBackWhateverWasStored, ()) {
    static const support::RequestGenerator generator{
        {.catalog = &schema::lead_catalog(), .embed_depth_max = 0}};
    auto drawn = *generator.read();
    std::erase_if(drawn.order, [](const OrderTerm& term) { return term.own_column() == nullptr; });
    const auto planned = plan(std::move(drawn)).value();
    const auto& read = std::get<Read>(planned.request());
    std::vector<Value> values;
    RowSet rows{all_columns(*read.relation), 0};
    for (const auto* column : rows.columns()) {
        const bool empty = column->nullable() && *rc::gen::arbitrary<bool>();
        values.push_back(empty ? Value{schema::Null{}} : *support::value_for(*column));
        append_value(rows, values.back());
    }
    const auto parsed = parse_cursor(acme, read, make_cursor(acme, read, rows));
    RC_ASSERT(parsed.has_value());
    for (std::size_t i = 0; i < read.order.size(); ++i) {
        const auto at = std::ranges::find(rows.columns(), read.order[i].column);
        RC_ASSERT((*parsed)[i] == values[static_cast<std::size_t>(at - rows.columns().begin())]);
    }
    RC_ASSERT(!parse_cursor(globex, read, make_cursor(acme, read, rows)));
    auto next = read;
    next.after = *parsed;
    next.keyset.reset();
    RC_ASSERT(plan(next).has_value());
}

}  // namespace
}  // namespace tenantry::query
