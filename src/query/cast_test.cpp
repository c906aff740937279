#include "query/cast.hpp"

#include "lead_fixture.hpp"
#include "query/request_text.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace tenantry::query {
namespace {

using schema::ColumnType;

/// One value: of a column of ours, or of a type that PostgreSQL alone knows.
class Given {
public:
    explicit Given(const Column* column) : rows_{{column}, 1} {}
    explicit Given(std::string native)
        : own_{std::make_unique<Column>("x", ColumnType::native,
                                        Column::Options{.native_type = std::move(native)})},
          rows_{{own_.get()}, 1} {}

    Given text(std::string_view value) && {
        rows_.append_text(value);
        return std::move(*this);
    }
    Given integer(std::int64_t value) && {
        rows_.append_integer(value);
        return std::move(*this);
    }
    Given at(std::vector<std::string> steps, bool as_text) && {
        path_ = JsonPath{std::move(steps), as_text};
        return std::move(*this);
    }

    /// As JSON, or the text of the code that it is refused with.
    std::string as(std::string_view type) const {
        const auto cast = find_cast(type);
        if (!cast) return std::string{code_of(cast.error().code)};
        const auto& column = *rows_.columns().front();
        if (const auto exists = check_cast(column, path_, *cast); !exists)
            return std::string{code_of(exists.error().code)};
        const auto value = recast(column, path_, *cast, rows_.cell(0, 0));
        if (!value) return std::string{code_of(value.error().code)};
        if (!*value) return "null";
        std::string out;
        (*value)->append_json(out);
        row_text_ = (*value)->row_text();
        return out;
    }
    /// The same as it stands in CSV.
    std::string row_text(std::string_view type) const {
        as(type);
        return row_text_;
    }

private:
    std::unique_ptr<Column> own_{};
    RowSet rows_;
    std::optional<JsonPath> path_{};
    mutable std::string row_text_{};
};

Given city(std::string_view text) { return Given{lead("city")}.text(text); }
Given score(std::int64_t hundredths) { return Given{lead("score")}.integer(hundredths); }
Given metadata(std::string_view json) { return Given{lead("metadata")}.text(json); }

TEST(Cast, KnowsTypesByEachOfTheirNames) {
    EXPECT_EQ(find_cast("INT4").value(), Cast::int4);
    EXPECT_EQ(find_cast("double precision").value(), Cast::float8);
    EXPECT_EQ(find_cast("timestamp with time zone").value(), Cast::timestamptz);
    EXPECT_EQ(find_cast("money").error().message,
              "there is no cast to money, only to text, smallint, integer, bigint, numeric, real, "
              "double precision, boolean, date, time, timestamp, timestamptz, uuid, json, jsonb");
}

TEST(Cast, RoundsNumbersHalfAwayFromZero) {
    EXPECT_EQ(score(8750).as("int"), "88");
    EXPECT_EQ(score(-8750).as("int"), "-88");
    EXPECT_EQ(score(8749).as("bigint"), "87");
    EXPECT_EQ(score(8750).as("numeric"), "87.50");
    EXPECT_EQ(score(8750).as("float8"), "87.5");
    EXPECT_EQ(score(8750).as("text"), R"("87.50")");
    EXPECT_EQ(score(4'000'000).as("smallint"), "out_of_range");
    EXPECT_EQ(score(8750).as("boolean"), "cannot_cast");
    EXPECT_EQ(Given{"double precision"}.text("2.5").as("int"), "2") << "to the even one";
    EXPECT_EQ(Given{"double precision"}.text("1e+300").as("bigint"), "out_of_range");
    EXPECT_EQ(Given{"numeric(10,3)"}.text("12.500").as("int8"), "13");
    EXPECT_EQ(Given{"numeric"}.text("123456789012345678901234567890").as("bigint"), "out_of_range");
    EXPECT_EQ(Given{"integer"}.text("2147483647").as("smallint"), "out_of_range");
    EXPECT_EQ(Given{"integer"}.text("-3").as("boolean"), "true");
    EXPECT_EQ(Given{"double precision"}.text(R"("NaN")").as("numeric"), R"("NaN")");
    EXPECT_EQ(Given{"numeric"}.text(R"("-Infinity")").as("float8"), R"("-Infinity")");
    EXPECT_EQ(Given{"numeric"}.text(R"("NaN")").as("int"), "bad_value");
}

TEST(Cast, PrintsWhatFloatsAsPostgresDoes) {
    EXPECT_EQ(city("1e15").as("float8"), "1e+15");
    EXPECT_EQ(city("1e14").as("float8"), "100000000000000");
    EXPECT_EQ(city("0.0001").as("float8"), "0.0001");
    EXPECT_EQ(city("-0.00001").as("float8"), "-1e-05");
    EXPECT_EQ(city("1234567").as("real"), "1.234567e+06");
    EXPECT_EQ(city(" 0.1 ").as("float8"), "0.1");
    EXPECT_EQ(city("1e39").as("real"), "out_of_range");
    EXPECT_EQ(city("x").as("float8"), "bad_value");
    EXPECT_EQ(city("").as("float8"), "bad_value");
}

TEST(Cast, ReadsTextAsTheTypeIsWritten) {
    EXPECT_EQ(city(" +42 ").as("int"), "42");
    EXPECT_EQ(city("42.5").as("int"), "bad_value");
    EXPECT_EQ(city("99999999999999999999").as("bigint"), "out_of_range");
    EXPECT_EQ(city("007.50").as("numeric"), "7.50");
    EXPECT_EQ(city("-.5e1").as("numeric"), "-5");
    EXPECT_EQ(city("12e-3").as("numeric"), "0.012");
    EXPECT_EQ(city("1e").as("numeric"), "bad_value");
    EXPECT_EQ(city("1e2000").as("numeric"), "out_of_range");
    EXPECT_EQ(city(" YES ").as("bool"), "true");
    EXPECT_EQ(city("of").as("bool"), "false");
    EXPECT_EQ(city("o").as("bool"), "bad_value") << "on or off";
    EXPECT_EQ(city("").as("bool"), "bad_value");
    EXPECT_EQ(city("0194F2A1-7C3E-7B12-9D55-00FF10AB3C4D").as("uuid"),
              R"("0194f2a1-7c3e-7b12-9d55-00ff10ab3c4d")");
    EXPECT_EQ(city("Oslo").as("uuid"), "bad_value");
    EXPECT_EQ(city(R"({"b": 1, "a": [ ]})").as("jsonb"), R"({"a":[],"b":1})");
    EXPECT_EQ(city(R"({"b": 1})").as("json"), R"({"b": 1})");
    EXPECT_EQ(city("{").as("jsonb"), "bad_value");
}

TEST(Cast, TellsPartsOfTimes) {
    const auto time = Given{lead("created_at")}.integer(1'767'688'200'500'000);
    EXPECT_EQ(time.as("date"), R"("2026-01-06")");
    EXPECT_EQ(time.as("time"), R"("08:30:00.5")");
    EXPECT_EQ(time.as("timestamp"), R"("2026-01-06T08:30:00.5")");
    EXPECT_EQ(time.as("timestamptz"), R"("2026-01-06T08:30:00.5+00:00")");
    EXPECT_EQ(time.row_text("timestamptz"), "2026-01-06 08:30:00.5+00");
    EXPECT_EQ(time.as("int"), "cannot_cast");
    EXPECT_EQ(city("2026-01-06").as("timestamptz"), R"("2026-01-06T00:00:00+00:00")");
    EXPECT_EQ(city("2026-01-06 08:30:00+02").as("timestamptz"), R"("2026-01-06T06:30:00+00:00")");
    EXPECT_EQ(city("2026-01-06T08:30+02").as("timestamp"), R"("2026-01-06T08:30:00")");
    EXPECT_EQ(city("2026-01-06 23:30:00-05:00").as("date"), R"("2026-01-06")")
        << "as it is written";
    EXPECT_EQ(city("08:30:00.25").as("time"), R"("08:30:00.25")");
    EXPECT_EQ(city("2026-13-06").as("date"), "bad_value");
    EXPECT_EQ(city("x").as("timestamptz"), "bad_value");
    EXPECT_EQ(Given{"date"}.text(R"("2026-01-06")").as("timestamp"), R"("2026-01-06T00:00:00")");
    EXPECT_EQ(Given{"date"}.text(R"("infinity")").as("timestamp"), R"("infinity")");
    const auto far = Given{"timestamp with time zone"}.text(R"("12026-01-06T08:30:00+00:00")");
    EXPECT_EQ(far.as("date"), R"("12026-01-06")");
    EXPECT_EQ(far.as("time"), R"("08:30:00")");
    EXPECT_EQ(Given{"date"}.text(R"("0044-03-15 BC")").as("timestamp"),
              R"("0044-03-15T00:00:00 BC")");
    EXPECT_EQ(Given{"timestamp without time zone"}.text(R"("2026-01-06T08:30:00")").as("date"),
              R"("2026-01-06")");
}

TEST(Cast, LooksIntoJson) {
    const auto whole = metadata(R"({"a":1.5,"b":"7","c":true,"d":null})");
    EXPECT_EQ(whole.as("jsonb"), R"({"a":1.5,"b":"7","c":true,"d":null})");
    EXPECT_EQ(whole.as("int"), "bad_value");
    EXPECT_EQ(whole.as("date"), "cannot_cast");
    const auto place = [](std::string step, bool as_text) {
        return metadata(R"({"a":1.5,"b":"7","c":true,"d":null})").at({std::move(step)}, as_text);
    };
    EXPECT_EQ(place("a", false).as("int"), "2");
    EXPECT_EQ(place("a", true).as("numeric"), "1.5");
    EXPECT_EQ(place("a", true).as("int"), "bad_value");
    EXPECT_EQ(place("b", false).as("int"), "bad_value");
    EXPECT_EQ(place("b", true).as("int"), "7");
    EXPECT_EQ(place("c", false).as("boolean"), "true");
    EXPECT_EQ(place("c", false).row_text("boolean"), "t");
    EXPECT_EQ(place("d", false).as("int"), "null");
    EXPECT_EQ(place("e", true).as("int"), "null");
}

TEST(Cast, SaysWhatItCantTell) {
    const auto value = recast(*lead("city"), {}, Cast::int4, {Cell::Kind::text, 0, "Oslo"});
    EXPECT_EQ(value.error().message, "city: 'Oslo' is no integer");
    EXPECT_EQ(value.error().field, "city");
}

TEST(Cast, MayFailWhereNotEveryValueHasTheType) {
    const auto fails = [](std::string_view select) {
        return may_fail(parse_request(catalog(), leads(), select).value());
    };
    for (const auto* safe : {"select=*", "select=score::text,a:score::bigint,b:score::numeric",
                             "select=created_at::date,id::uuid,metadata::jsonb",
                             "select=count::int", "select=events(id::text)"})
        EXPECT_FALSE(fails(safe)) << safe;
    for (const auto* daring : {"select=city::int", "select=score::int", "select=metadata->a::int",
                               "select=id,events(type::date)"})
        EXPECT_TRUE(fails(daring)) << daring;
}

}  // namespace
}  // namespace tenantry::query
