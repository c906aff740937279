#include "query/rows.hpp"

#include "lead_fixture.hpp"

#include <gtest/gtest.h>

namespace tenantry::query {
namespace {

TEST(RowSet, KeepsCellsRowByRow) {
    RowSet rows{{lead("city"), lead("score")}, 1};
    EXPECT_EQ(rows.row_count(), 0U);
    rows.append_text("Toronto");
    EXPECT_EQ(rows.row_count(), 0U);  // not complete yet
    rows.append_integer(8750);
    rows.append_null();
    rows.append_null();
    rows.append_text("");
    rows.append_integer(-1);
    ASSERT_EQ(rows.row_count(), 3U);
    EXPECT_EQ(rows.visible(), 1U);
    EXPECT_EQ(rows.cell(0, 0).kind, Cell::Kind::text);
    EXPECT_EQ(rows.cell(0, 0).text, "Toronto");
    EXPECT_EQ(rows.cell(0, 1).kind, Cell::Kind::integer);
    EXPECT_EQ(rows.cell(0, 1).integer, 8750);
    EXPECT_EQ(rows.cell(1, 0).kind, Cell::Kind::null);
    EXPECT_EQ(rows.cell(2, 0).kind, Cell::Kind::text);
    EXPECT_EQ(rows.cell(2, 0).text, "");
    EXPECT_EQ(rows.cell(2, 1).integer, -1);
}

TEST(RowSet, TakesTheRowsOfAnother) {
    RowSet rows{{lead("city"), lead("score")}, 2};
    rows.append_text("Oslo");
    rows.append_integer(1);
    RowSet more = rows;
    more.append_text("Århus");
    more.append_null();
    rows.append(more);
    ASSERT_EQ(rows.row_count(), 3U);
    EXPECT_EQ(rows.cell(1, 0).text, "Oslo");
    EXPECT_EQ(rows.cell(2, 0).text, "Århus");
    EXPECT_EQ(rows.cell(2, 1).kind, Cell::Kind::null);
}

TEST(RowSet, GivesTypedValues) {
    const Column active{"active", schema::ColumnType::boolean, {}};
    const Column visits{"visits", schema::ColumnType::integer, {}};
    RowSet rows{{lead("id"), lead("city"), lead("score"), lead("tags"), lead("metadata"),
                 lead("created_at"), &active, &visits},
                8};
    rows.append_text("0194f2a1-7c3e-7b12-9d55-00ff10ab3c4d");
    rows.append_text("Zoë's");
    rows.append_integer(-1250);
    rows.append_text(R"(["a","b\"c"])");
    rows.append_text(R"({"a":1})");
    rows.append_integer(1'767'572'177'000'000);
    rows.append_integer(1);
    rows.append_integer(std::numeric_limits<std::int64_t>::min());
    for (int i = 0; i < 8; ++i) rows.append_null();

    EXPECT_EQ(rows.value(0, "id"),
              Value{parse_uuid("0194f2a1-7c3e-7b12-9d55-00ff10ab3c4d").value()});
    EXPECT_EQ(rows.value(0, "city"), Value{schema::Text{"Zoë's"}});
    EXPECT_EQ(rows.value(0, "score"), (Value{Decimal{-1250, 2}}));
    EXPECT_EQ(rows.value(0, "tags"), (Value{schema::TextArray{"a", "b\"c"}}));
    EXPECT_EQ(rows.value(0, "metadata"), Value{schema::Json{R"({"a":1})"}});
    EXPECT_EQ(rows.value(0, "created_at"), Value{parse_timestamp("2026-01-05T00:16:17Z").value()});
    EXPECT_EQ(rows.value(0, "active"), Value{true});
    EXPECT_EQ(rows.value(0, "visits"), Value{std::numeric_limits<std::int64_t>::min()});
    for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(rows.value(1, i), Value{schema::Null{}});
    EXPECT_DEATH(static_cast<void>(rows.value(0, "phone")), "");
}

TEST(RowSet, ForgetsRows) {
    RowSet rows{{lead("city")}, 1};
    for (const auto* city : {"a", "b", "c"}) rows.append_text(city);
    rows.truncate(5);
    EXPECT_EQ(rows.row_count(), 3U);
    rows.truncate(1);
    EXPECT_EQ(rows.row_count(), 1U);
    rows.append_text("d");
    EXPECT_EQ(rows.cell(0, 0).text, "a");
    EXPECT_EQ(rows.cell(1, 0).text, "d");
    rows.truncate(0);
    EXPECT_EQ(rows.row_count(), 0U);
}

TEST(RowSet, WithoutColumnsHasNoRows) { EXPECT_EQ(RowSet{}.row_count(), 0U); }

}  // namespace
}  // namespace tenantry::query
