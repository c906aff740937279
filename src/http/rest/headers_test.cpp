#include "rest/media.hpp"
#include "rest/preferences.hpp"
#include "rest/rows_body.hpp"
#include "schema/lead_schema.hpp"

#include <gtest/gtest.h>

namespace tenantry::http::rest {
namespace {

TEST(Preferences, AreReadFromOneListOrSeveralFields) {
    const auto read = Preferences::parse(
                          " return=representation,count=exact, missing=default ,"
                          "resolution=merge-duplicates, x=y")
                          .value();
    EXPECT_EQ(read.returning, Preferences::Return::representation);
    EXPECT_EQ(read.resolution, Preferences::Resolution::merge_duplicates);
    EXPECT_TRUE(read.count && read.missing_default && !read.strict);
    EXPECT_EQ(read.applied,
              "return=representation, count=exact, missing=default, resolution=merge-duplicates");
}

TEST(Preferences, ThatAreNotKnownAreRefusedWhenStrict) {
    EXPECT_EQ(Preferences::parse("handling=strict, x=y").error().message,
              "Prefer has what is not known: x=y");
    EXPECT_EQ(Preferences::parse("max-affected=-1, handling=strict").error().code, Errc::bad_query);
    EXPECT_EQ(Preferences::parse("handling=strict,max-affected=7").value().max_affected, 7);
    EXPECT_FALSE(Preferences::parse("max-affected=7").value().max_affected);
}

TEST(Media, TheFirstThatIsUnderstoodCounts) {
    const auto form = [](std::string_view accept) { return Media::parse(accept).value().form; };
    EXPECT_EQ(form(""), Media::Form::array);
    EXPECT_EQ(form("image/png, */*;q=0.8"), Media::Form::array);
    EXPECT_EQ(form("Application/Vnd.Pgrst.Object+Json"), Media::Form::object);
    EXPECT_EQ(form("text/csv"), Media::Form::csv);
    EXPECT_FALSE(Media::parse("text/html"));
    EXPECT_EQ(Media::parse("application/vnd.pgrst.array+json;nulls=stripped").value().nulls,
              query::Nulls::left_out);
    EXPECT_EQ(Media::parse("application/json;nulls=stripped").value().nulls, query::Nulls::told);
}

TEST(Names, ArePlainOrQuoted) {
    using Names = std::vector<std::string>;
    EXPECT_EQ(parse_names("", "columns").value(), Names{});
    EXPECT_EQ(parse_names(R"(a,"b,c",d)", "columns").value(), (Names{"a", "b,c", "d"}));
    for (const auto* text : {"\"a", "a,", "\"a\"b"})
        EXPECT_EQ(parse_names(text, "columns").error().code, Errc::bad_query) << text;
}

TEST(RowsBody, HoldsTheColumnsAskedForOrThoseOfEachObject) {
    const auto& leads = schema::lead_catalog().relation("leads");
    const auto rows = [&](std::string_view body, std::optional<std::vector<std::string>> columns,
                          bool missing_default) {
        return parse_rows(leads, body, columns, missing_default);
    };
    const auto plain = rows(R"({"first_name":"a","created_at":"x"})", {}, false).value();
    EXPECT_EQ(plain.front().columns, (std::vector{&leads.column("first_name")}))
        << "what the server writes is passed over";
    const auto some =
        rows(R"([{"first_name":"a"},{"city":"x"}])", {{"first_name", "status"}}, true).value();
    ASSERT_EQ(some.size(), 1U);
    EXPECT_EQ(some[0].rows[0][1], (schema::Value{schema::Text{"new"}}));
    EXPECT_EQ(some[0].rows[1][0], schema::Value{schema::Null{}});
    EXPECT_EQ(rows(R"([{"first_name":"a"},{"city":"x"}])", {}, false).error().message,
              "All object keys must match");
    EXPECT_TRUE(rows("[]", {}, false).value().empty());
    EXPECT_EQ(rows(R"({"id":7})", {{"id"}}, false).error().code, Errc::bad_value);
}

TEST(RowsBody, LeavesWhatIsMissingToTheDatabaseWhoseDefaultsTheyAre) {
    schema::Catalog catalog;
    using enum schema::ColumnType;
    const auto& notes = catalog.add_external(
        "notes", {{"tenant_id", text, {}}, {"id", integer, {}}, {"a", text, {}}, {"b", text, {}}},
        1);
    constexpr std::string_view body = R"([{"a":"1"},{"a":"2"},{"b":"3"},{"a":"4","b":null}])";
    const auto groups = parse_rows(notes, body, {{"a", "b"}}, true).value();
    std::vector<std::size_t> sizes;
    for (const auto& group : groups) sizes.push_back(group.rows.size() * 10 + group.columns.size());
    EXPECT_EQ(sizes, (std::vector<std::size_t>{21, 11, 12})) << "rows and columns, in their order";
    EXPECT_EQ(parse_rows(notes, body, {{"a", "b"}}, false).value().size(), 1U);
}

}  // namespace
}  // namespace tenantry::http::rest
