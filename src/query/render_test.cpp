#include "query/render.hpp"

#include "lead_fixture.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

namespace tenantry::query {
namespace {

std::string json_of(const RowSet& rows) {
    std::string out;
    append_json_rows(out, rows);
    EXPECT_NO_THROW(boost::json::parse(out)) << out;
    return out;
}

TEST(Render, WritesEachType) {
    const Column active{"active", schema::ColumnType::boolean, {}};
    const Column visits{"visits", schema::ColumnType::integer, {}};
    RowSet rows{{lead("id"), lead("city"), lead("score"), lead("tags"), lead("metadata"),
                 lead("created_at"), &active, &visits},
                8};
    rows.append_text("0194f2a1-7c3e-7b12-9d55-00ff10ab3c4d");
    rows.append_text("\"Zoë\"\n");
    rows.append_integer(-50);
    rows.append_text(R"(["a"])");
    rows.append_text(R"({"a":1.5})");
    rows.append_integer(1'767'572'177'000'001);
    rows.append_integer(0);
    rows.append_integer(-7);
    EXPECT_EQ(
        json_of(rows),
        R"([{"id":"0194f2a1-7c3e-7b12-9d55-00ff10ab3c4d","city":"\"Zoë\"\n","score":-0.50,"tags":["a"],)"
        R"("metadata":{"a":1.5},"created_at":"2026-01-05T00:16:17.000001Z","active":false,"visits":-7}])");
}

TEST(Render, WritesNullsAndSeveralRows) {
    RowSet rows{{lead("city"), lead("score")}, 2};
    EXPECT_EQ(json_of(rows), "[]");
    rows.append_null();
    rows.append_null();
    rows.append_text("a");
    rows.append_integer(100);
    EXPECT_EQ(json_of(rows), R"([{"city":null,"score":null},{"city":"a","score":1.00}])");
}

TEST(Render, LeavesOutWhatWasNotAskedFor) {
    RowSet rows{{lead("city"), lead("id")}, 1};
    rows.append_text("a");
    rows.append_text("0194f2a1-7c3e-7b12-9d55-00ff10ab3c4d");
    EXPECT_EQ(json_of(rows), R"([{"city":"a"}])");
    RowSet bare{{lead("id")}, 0};
    bare.append_text("0194f2a1-7c3e-7b12-9d55-00ff10ab3c4d");
    EXPECT_EQ(json_of(bare), "[{}]");
}

TEST(Render, EmbedsBelongToTheirRows) {
    RowSet rows{{lead("city")}, 1};
    for (const auto* city : {"a", "b", "c"}) rows.append_text(city);

    EmbeddedRows agent{"ag\"ent", true, RowSet{{&agents().column("name")}, 1}};
    agent.rows.append_text("Ann");
    agent.rows.append_text("Cid");
    agent.ends = {1, 1, 2};
    EmbeddedRows events{"events", false, RowSet{{&agents().column("name")}, 1}};
    for (const auto* name : {"x", "y", "z"}) events.rows.append_text(name);
    events.ends = {0, 2, 3};
    rows.embeds().push_back(std::move(agent));
    rows.embeds().push_back(std::move(events));

    EXPECT_EQ(json_of(rows), R"([{"city":"a","ag\"ent":{"name":"Ann"},"events":[]},)"
                             R"({"city":"b","ag\"ent":null,"events":[{"name":"x"},{"name":"y"}]},)"
                             R"({"city":"c","ag\"ent":{"name":"Cid"},"events":[{"name":"z"}]}])");
}

TEST(Render, EmbedsNest) {
    EmbeddedRows inner{"inner", true, RowSet{{&agents().column("name")}, 1}};
    inner.rows.append_text("Ann");
    inner.ends = {0, 1};
    EmbeddedRows outer{"outer", false, RowSet{{lead("city")}, 0}};
    outer.rows.append_text("a");
    outer.rows.append_text("b");
    outer.ends = {2};
    outer.rows.embeds().push_back(std::move(inner));
    RowSet rows{{lead("city")}, 0};
    rows.append_text("hidden");
    rows.embeds().push_back(std::move(outer));
    EXPECT_EQ(json_of(rows), R"([{"outer":[{"inner":null},{"inner":{"name":"Ann"}}]}])");
}

TEST(Render, OneRowIsAnObject) {
    RowSet rows{{lead("city")}, 1};
    rows.append_text("a");
    rows.append_text("b");
    std::string out = "x";
    append_json_row(out, rows, 1);
    EXPECT_EQ(out, R"(x{"city":"b"})");
}

}  // namespace
}  // namespace tenantry::query
