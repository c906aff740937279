/// Relations that others have made: keys of their own, defaults of the database, types of its own.

#include "lead_fixture.hpp"
#include "query/render_shape.hpp"
#include "query/request_text.hpp"
#include "query/sql.hpp"
#include "support/scopes.hpp"

#include <gtest/gtest.h>

namespace tenantry::query {
namespace {

const Stamp stamp{parse_timestamp("2026-01-05").value(),
                  [] { return parse_uuid("0194f2a1-7c3e-7b12-9d55-00ff10ab3c4d").value(); }};

Column native_column(std::string name, std::string type) {
    schema::Column::Options options;
    options.native_type = std::move(type);
    return {std::move(name), schema::ColumnType::native, std::move(options)};
}

/// `stays (tenant_id, lead_id, day, note, words)`, keyed by lead and day.
class ExternalRelation : public testing::Test {
protected:
    ExternalRelation() : catalog_{catalog()} {
        std::vector<Column> columns;
        columns.emplace_back("tenant_id", schema::ColumnType::text, Column::Options{});
        columns.emplace_back("lead_id", schema::ColumnType::uuid, Column::Options{});
        columns.push_back(native_column("day", "date"));
        columns.emplace_back("note", schema::ColumnType::text, Column::Options{});
        columns.push_back(native_column("words", "tsvector"));
        auto& stays = catalog_.add_external("stays", std::move(columns), 2);
        stays.add_foreign_key({"stays_fkey", &stays.column("lead_id"), catalog_.find("leads"),
                               schema::OnDelete::cascade});
        relation_ = &stays;
    }

    const Column* column(std::string_view name) const { return &relation_->column(name); }
    static std::string sql(Request request) {
        auto planned = plan(std::move(request), stamp);
        const auto scoped = scope_plan(std::move(planned).value(), support::scope_of("acme"));
        return print_sql(scoped.value(), postgres_dialect()).main.text;
    }
    Result<ShapedRead> parse(std::string_view text) const {
        return parse_request(catalog_, *relation_, text);
    }

    schema::Catalog catalog_;
    const Relation* relation_ = nullptr;
};

TEST_F(ExternalRelation, IsReadInTheOrderOfItsKeyAndItsTypesAsJson) {
    EXPECT_EQ(sql(parse("select=day,note&day=gt.2026-01-01&order=day.desc").value().read),
              R"(SELECT to_json("day") AS "day", "note" FROM "public"."stays" WHERE )"
              R"(("tenant_id" = $1 AND "day" > $2) ORDER BY "stays"."day" DESC, "lead_id" DESC )"
              R"(LIMIT $3)");
}

TEST_F(ExternalRelation, LeavesToTheDatabaseWhatAnInsertLeavesOut) {
    Insert insert{.relation = relation_,
                  .columns = {column("day")},
                  .rows = {{schema::Native{"2026-01-01"}}},
                  .on_conflict = OnConflict::merge,
                  .returning = {column("day")}};
    EXPECT_EQ(sql(insert),
              R"(INSERT INTO "public"."stays" ("tenant_id", "day") VALUES ($1, $2) ON CONFLICT )"
              R"(("tenant_id", "lead_id", "day") DO UPDATE SET "lead_id" = excluded."lead_id" )"
              R"(RETURNING to_json("day") AS "day")");
}

TEST_F(ExternalRelation, MayHaveItsKeyChanged) {
    Update update{.relation = relation_,
                  .assignments = {{column("day"), schema::Native{"2026-01-02"}}},
                  .returning = {column("note")}};
    EXPECT_EQ(sql(update),
              R"(UPDATE "public"."stays" SET "day" = $1 WHERE ("tenant_id" = $2) RETURNING )"
              R"("note", "lead_id", to_json("day") AS "day")");
}

TEST_F(ExternalRelation, IsFilteredByWhatItsTypesCanDo) {
    EXPECT_TRUE(plan(parse("day=adj.x&day=ov.x&day=cs.x&day=in.(a,b)").value().read));
    EXPECT_TRUE(plan(parse("words=wfts(simple).a").value().read));
    EXPECT_NE(sql(parse("words=wfts(simple).a").value().read)
                  .find(R"("words" @@ websearch_to_tsquery('simple'::regconfig, $2))"),
              std::string::npos);
    EXPECT_EQ(parse("day=like.a").error().code, Errc::bad_query);
    EXPECT_EQ(parse("day=wfts.a").error().code, Errc::bad_query);
    EXPECT_FALSE(plan(parse("day->a=eq.1").value().read));
    const auto range_of_text = parse("note=sl.a");
    EXPECT_FALSE(range_of_text && plan(range_of_text->read));
}

TEST_F(ExternalRelation, IsEmbeddedBothWays) {
    EXPECT_TRUE(parse("select=day,leads(first_name)"));
    EXPECT_TRUE(parse_request(catalog_, leads(), "select=first_name,stays(day)"));
    EXPECT_FALSE(parse_request(catalog(), leads(), "select=first_name,stays(day)"));
}

TEST_F(ExternalRelation, IsToldAsItsDatabasePrintsIt) {
    const auto read = parse("select=day,note,text:day::text").value();
    RowSet rows{read.read.projection, read.read.projection.size()};
    rows.append_text(R"("2026-01-01")");
    rows.append_null();
    std::string out;
    EXPECT_TRUE(append_shaped_rows(out, rows, read.shape, Nulls::told));
    EXPECT_EQ(out, R"([{"day":"2026-01-01","note":null,"text":"2026-01-01"}])");
    EXPECT_EQ(rows.value(0, "day"), Value{schema::Native{"2026-01-01"}});
}

}  // namespace
}  // namespace tenantry::query
