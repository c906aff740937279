#include "query/plan.hpp"
#include "query/request_text.hpp"
#include "schema/lead_schema.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tenantry::query {
namespace {

Result<Read> parse(std::string_view text) {
    const auto& catalog = schema::lead_catalog();
    auto parsed = parse_request(catalog, catalog.relation("leads"), text);
    if (!parsed) return parsed.error();
    return std::move(parsed->read);
}

/// Why `text` is refused.
std::string refusal(std::string_view text) {
    const auto read = parse(text);
    if (read) return "accepted";
    const auto& error = read.error();
    return fmt::format("{} [{}] {}", code_of(error.code), error.field, error.message);
}

struct Refusal {
    std::string_view query;
    std::string_view expected;
};

TEST(RequestText, RefusesUnknownNames) {
    const Refusal cases[] = {
        {"cty=eq.x", "unknown_field [cty] leads has no column cty"},
        {"select=id,cty", "unknown_field [cty] leads has no column cty"},
        {"select=agents(nme)", "unknown_field [nme] agents has no column nme"},
        {"select=agents(name)&agents.nme=eq.x",
         "unknown_field [agents.nme] agents has no column nme"},
        {"or=(cty.eq.x)", "unknown_field [cty] leads has no column cty"},
        {"order=cty", "unknown_field [order] leads has no column cty"},
        {"order=cty->a", "unknown_field [order] leads has no column cty"},
        {"select=agents(id)&order=agents(nme)", "unknown_field [order] agents has no column nme"},
        {"order=agents(name)",
         "not_embedded [order] agents is not embedded; add agents(…) to select"},
        {"select=a:agents(name)&order=agents(name)",
         "not_embedded [order] agents is not embedded; add agents(…) to select"},
        {"select=invoices(id)", "unknown_relationship [select] leads has no relation to invoices"},
        {"select=agents!lead_id(id)",
         "unknown_relationship [select] leads has no relation to agents by lead_id"},
        {"agents.name=eq.x",
         "not_embedded [agents.name] agents is not embedded; add agents(…) to select"},
        {"select=a:agents(name)&agents.name=eq.x",
         "not_embedded [agents.name] agents is not embedded; add agents(…) to select"},
        {"sqlite_schema=eq.x", "unknown_field [sqlite_schema] leads has no column sqlite_schema"},
        {"Status=eq.new", "unknown_field [Status] leads has no column Status"},
    };
    for (const auto& [query, expected] : cases) EXPECT_EQ(refusal(query), expected);
}

TEST(RequestText, RefusesBrokenGrammar) {
    const Refusal cases[] = {
        {"city=Toronto",
         "bad_query [city] city is filtered without an operator; write city=OPERATOR.VALUE with "
         "one of eq, neq, lt, lte, gt, gte, isdistinct, in, is, like, ilike, match, imatch, cs, "
         "cd, ov, sl, sr, nxr, nxl, adj, fts, plfts, phfts, wfts"},
        {"city",
         "bad_query [city] city is filtered without an operator; write city=OPERATOR.VALUE with "
         "one of eq, neq, lt, lte, gt, gte, isdistinct, in, is, like, ilike, match, imatch, cs, "
         "cd, ov, sl, sr, nxr, nxl, adj, fts, plfts, phfts, wfts"},
        {"city=in.a",
         "bad_query [city] city is compared with a list that is not of the form in.(a,b)"},
        {"city=in.(a",
         "bad_query [city] city is compared with a list that is not of the form in.(a,b)"},
        {"city=in.(",
         "bad_query [city] city is compared with a list that is not of the form in.(a,b)"},
        {"city=in.(a)b",
         "bad_query [city] city is compared with a list that is not of the form in.(a,b)"},
        {"city=in.(%22a)",
         "bad_query [city] city has a broken list: a quote is not closed: '\"a)'"},
        {"city=in.(%22a%22b)",
         "bad_query [city] city has a broken list: after a quoted value comes , or ) but not 'b)'; "
         "a "
         "quote within quotes is written \\\""},
        {"city=is.nil",
         "bad_query [city] city can be tested by is.null and is.not_null only, and a "
         "boolean by is.true, is.false and is.unknown"},
        {"or=city.eq.x", "bad_query [or] or takes its terms in parentheses"},
        {"or=(city.eq.x", "bad_query [or] or has a parenthesis that is not closed"},
        {"or=(city.eq.x))", "bad_query [or] or has text after its parentheses: ')'"},
        {"or=(city.eq.x,)", "bad_query [or] a name is missing before ')'"},
        {"or=(city)", "bad_query [city] city lacks an operator, as in column.eq.value"},
        {"or=(and(city.eq.x)city.eq.y)", "bad_query [or] or lacks a comma before 'city.eq.y)'"},
        {"and=(city.eq.%22x)",
         "bad_query [city] city has a broken value: a quote is not closed: '\"x)'"},
        {"select=id+first_name",
         "bad_query [select] select: a comma is missing before 'first_name'"},
        {"select=id,", "bad_query [select] select: a name is missing at the end"},
        {"select=agents(id", "bad_query [select] select: the ( of agents is not closed"},
        {"select=id)", "bad_query [select] select has no ( for ')'"},
        {"select=agents!left", "bad_query [select] select: ( is missing after agents"},
        {"select=agents!a!b(id)", "bad_query [select] select: agents has two keys"},
        {"select=agents(id),agents(name)",
         "bad_query [select] select: two things are called agents; give an alias, as in "
         "alias:agents"},
        {"select=id,city:source,city",
         "bad_query [select] select: two things are called city; give an alias, as in alias:city"},
        {"select=name:city,...agents(name)",
         "bad_query [select] select: two things are called name; give an alias, as in alias:name"},
        {"select=id&select=id", "bad_query [select] select is given twice"},
        {"order=", "bad_query [order] a name is missing at the end"},
        {"order=city.up",
         "bad_query [order] order is column[.asc|.desc][.nullsfirst|.nullslast], separated by "
         "commas, not "
         "'city.up'"},
        {"order=metadata->>a->b", "bad_query [order] ->> gives a text, which has no place within"},
        {"select=agents(id)&order=agents(name",
         "bad_query [order] the ( before name is not closed"},
        {"select=agents(id)&order=agents(name.desc)",
         "bad_query [order] the ( before name is not closed"},
        {"select=agents(id)&order=agents()", "bad_query [order] a name is missing before ')'"},
        {"order=city&order=score", "bad_query [order] order is given twice"},
        {"limit=1&limit=2", "bad_query [limit] limit is given twice"},
        {"limit=ten", "bad_query [limit] limit is not a whole number"},
        {"limit=", "bad_query [limit] limit is not a whole number"},
        {"limit=1.5", "bad_query [limit] limit is not a whole number"},
        {"offset=-", "bad_query [offset] offset is not a whole number"},
        {"offset=1&offset=1", "bad_query [offset] offset is given twice"},
        {"city=eq.%",
         "bad_query [] a percent sign in the query must be followed by two hexadecimal digits; "
         "write %25 for the "
         "sign itself"},
        {"city=eq.%4",
         "bad_query [] a percent sign in the query must be followed by two hexadecimal digits; "
         "write %25 for "
         "the sign itself"},
        {"city=eq.%zz",
         "bad_query [] a percent sign in the query must be followed by two hexadecimal digits; "
         "write %25 for "
         "the sign itself"},
        {"=eq.x", "bad_query [] a name is missing at the end"},
        {"ci%20ty=eq.x", "bad_query [ci ty] 'ci ty' is no parameter"},
        {"city[x]=eq.a", "bad_query [city[x]] city is numbered by no number"},
        {"city[0=eq.a", "bad_query [city[0] city is numbered by no number"},
        {"limit[0]=eq.1", "unknown_field [limit] leads has no column limit"},
    };
    for (const auto& [query, expected] : cases) EXPECT_EQ(refusal(query), expected) << query;
}

TEST(RequestText, RefusesByNameWhatItCannotSay) {
    const Refusal cases[] = {
        {"score=fts.a", "bad_query [score] score can't be searched for words"},
        {"city=fts.a+b",
         "bad_query [city] city is searched by a query that lacks an operator before 'b'"},
        {"city=sl(any).a",
         "bad_query [city] city is filtered by sl(…), which is not supported; there are eq, neq, "
         "lt, lte, gt, gte, isdistinct, in, is, like, ilike, match, imatch, cs, cd, ov, sl, sr, "
         "nxr, nxl, adj, fts, "
         "plfts, phfts, wfts"},
        {"city=neq(any).{a}",
         "bad_query [city] city is filtered by neq(…), which is not supported; there are eq, neq, "
         "lt, lte, gt, gte, isdistinct, in, is, like, ilike, match, imatch, cs, cd, ov, sl, sr, "
         "nxr, nxl, adj, fts, "
         "plfts, phfts, wfts"},
        {"score=ilike.*8*", "bad_query [score] score can't be searched for text"},
        {"city=match.(a",
         "bad_query [city] city can't be matched: a regular expression is not understood: a ) is "
         "missing"},
        {"metadata->>a->b=eq.1",
         "bad_query [metadata->>a->b] ->> gives a text, which has no place within"},
        {"select=events(id)&order=events(id)",
         "not_to_one [order] events of leads are many, by which it can't be ordered"},
        {"select=id,...events(id)",
         "bad_query [select] select: two things are called id; give an alias, as in alias:id"},
        {"select=score::money",
         "unknown_type [select] select: there is no cast to money, only to text, smallint, "
         "integer, bigint, "
         "numeric, real, double precision, boolean, date, time, timestamp, timestamptz, uuid, "
         "json, jsonb"},
        {"select=score::uuid", "cannot_cast [score] score can't be cast to uuid"},
        {"select=city->a", "bad_query [select] select: city is no JSON that has a path"},
        {"select=score.sum()",
         "aggregate_refused [select] Use of aggregate functions is not allowed"},
        {"select=least:score::text.min()",
         "aggregate_refused [select] Use of aggregate functions is not allowed"},
        {"select=metadata->a.avg()",
         "aggregate_refused [select] Use of aggregate functions is not allowed"},
        {"select=count()", "aggregate_refused [select] Use of aggregate functions is not allowed"},
        {"select=events(count())",
         "aggregate_refused [select] Use of aggregate functions is not allowed"},
        {"select=score.median()", "bad_query [select] select: median is no function"},
        {"select=score.sum", "bad_query [select] select: sum is no function"},
        {"select=events(count,id)",
         "bad_query [select] select: beside count nothing else can be selected"},
        {"select=count,count",
         "bad_query [select] select: beside count nothing else can be selected"},
        {"select=*,count", "bad_query [select] select: beside count nothing else can be selected"},
        {"select=count,events(id)",
         "bad_query [select] select: beside count nothing else can be selected"},
        {"select=count::uuid", "cannot_cast [count] count can't be cast to uuid"},
        {"select=agents(id)&agents=eq.1",
         "bad_query [agents] agents is embedded: rows can be filtered by whether it is.null or "
         "not.is.null, and its own by agents.COLUMN"},
        {"columns=id", "bad_query [columns] columns has no meaning here"},
        {"on_conflict=id", "bad_query [on_conflict] on_conflict has no meaning here"},
    };
    for (const auto& [query, expected] : cases) EXPECT_EQ(refusal(query), expected) << query;
}

TEST(RequestText, RefusesValuesThatDoNotFit) {
    const Refusal cases[] = {
        {"score=eq.high", "bad_value [score] score is not a number"},
        {"score=eq.87.555", "bad_value [score] score has more than 2 digits after the point"},
        {"score=lt.1000",
         "out_of_range [score] score is out of range: at most 3 digits before the point"},
        {"id=eq.7", "bad_id [id] id is not a UUID"},
        {"created_at=gt.yesterday",
         "bad_value [created_at] created_at is not an RFC 3339 date-time or date"},
        {"status=eq.New",
         "bad_value [status] status is not one of new, contacted, qualified, converted, closed"},
        {"status=in.(new,old)",
         "bad_value [status] status is not one of new, contacted, qualified, converted, closed"},
        {"or=(score.eq.x)", "bad_value [score] score is not a number"},
        {"select=agents(id)&agents.id=eq.x", "bad_id [agents.id] id is not a UUID"},
        {"limit=-1", "out_of_range [limit] limit is from 0 to 4294967295"},
        {"limit=99999999999999999999", "out_of_range [limit] limit is from 0 to 4294967295"},
        {"tags=cs.a",
         "bad_value [tags] tags has a broken value: an array is written {a,\"b, c\"}; this has no "
         "{ in front"},
        {"metadata=cs.a", "bad_value [metadata] metadata is compared with what is no JSON"},
        {"metadata->a=eq.a", "bad_value [metadata] metadata is compared with what is no JSON"},
        {"city=eq(any).a",
         "bad_value [city] city has a broken value: an array is written {a,\"b, c\"}; this has no "
         "{ in front"},
        {"offset=10000001", "out_of_range [offset] offset is from 0 to 10000000"},
        {"city=eq.%FF", "bad_utf8 [] the query is not well-formed UTF-8 without NUL characters"},
        {"city=eq.%00", "bad_utf8 [] the query is not well-formed UTF-8 without NUL characters"},
        {"city%00=eq.x", "bad_utf8 [] the query is not well-formed UTF-8 without NUL characters"},
        {"city=eq.\xff", "bad_utf8 [] the query is not well-formed UTF-8 without NUL characters"},
    };
    for (const auto& [query, expected] : cases) EXPECT_EQ(refusal(query), expected) << query;
}

std::string repeat(std::string_view text, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += text;
    return out;
}

TEST(RequestText, NestingIsBounded) {
    const auto groups = [](std::size_t depth) {
        return "or=(" + repeat("and(", depth - 2) + "city.is.null" + repeat(")", depth - 2) + ")";
    };
    EXPECT_TRUE(plan(parse(groups(16)).value()));
    EXPECT_EQ(refusal(groups(17)), "too_deep [or] filters nest deeper than 16");
    EXPECT_EQ(refusal("or=" + repeat("(and", 20'000)), "too_deep [or] filters nest deeper than 16");
    EXPECT_EQ(refusal("or=(" + repeat("and(", 20'000)),
              "too_deep [or] filters nest deeper than 16");
    EXPECT_EQ(refusal("or=(" + repeat("not.or(", 20'000)),
              "too_deep [or] filters nest deeper than 16");

    EXPECT_TRUE(plan(parse("select=events(agents(leads(id)))").value()));
    EXPECT_EQ(refusal("select=events(agents(leads(events(id))))"),
              "too_deep [select] relations are embedded deeper than 4");
    EXPECT_EQ(refusal("select=" + repeat("events(leads(", 20'000)),
              "too_deep [select] relations are embedded deeper than 4");
}

TEST(RequestText, SizesAreBounded) {
    const auto terms = [](std::size_t count) {
        return "or=(city.is.null" + repeat(",city.is.null", count - 1) + ")";
    };
    EXPECT_TRUE(plan(parse(terms(255)).value()));
    EXPECT_EQ(refusal(terms(256)), "bad_query [or] filters have more than 256 terms");
    EXPECT_EQ(refusal("city=is.null" + repeat("&city=is.null", 256)),
              "bad_query [city] filters have more than 256 terms");

    EXPECT_TRUE(plan(parse("city=in.(a" + repeat(",a", 999) + ")").value()));
    EXPECT_EQ(refusal("city=in.(a" + repeat(",a", 1000) + ")"),
              "bad_query [city] city is compared with more than 1000 values");

    const auto embeds = [](int count) {
        std::string out = "select=id";
        for (int i = 0; i < count; ++i) out += fmt::format(",a{}:agents(id)", i);
        return out;
    };
    EXPECT_TRUE(plan(parse(embeds(16)).value()));
    EXPECT_EQ(refusal(embeds(17)),
              "bad_query [select] select: more than 16 relations are embedded");

    EXPECT_TRUE(plan(parse("order=city" + repeat(",city", 7)).value()));
    EXPECT_EQ(refusal("order=city" + repeat(",city", 8)),
              "bad_query [order] more than 8 columns to order by");
}

TEST(RequestText, ErrorsRepeatLittleOfTheInput) {
    const auto message = refusal("select=" + repeat("é", 20'000));
    EXPECT_EQ(message, "unknown_field [" + repeat("é", 20) + "…] leads has no column " +
                           repeat("é", 20) + "…");
    EXPECT_LT(refusal(repeat("x", 60'000) + "=eq.1").size(), 200U);
    EXPECT_LT(refusal("order=" + repeat("x", 60'000)).size(), 200U);
    EXPECT_LT(refusal("or=(" + repeat("x", 60'000)).size(), 200U);
    EXPECT_LT(refusal("city=" + repeat("x", 60'000) + "(").size(), 300U);
}

}  // namespace
}  // namespace tenantry::query
