// What goes beyond plain columns and comparisons: patterns, sets, places within JSON, forms of
// columns, what embeds can do.

#include "lead_fixture.hpp"
#include "query/plan.hpp"
#include "query/request_text.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace tenantry::query {
namespace {

ShapedRead parsed(std::string_view text) {
    auto out = parse_request(catalog(), leads(), text);
    if (!out) ADD_FAILURE() << text << ": " << out.error().message;
    return out.value();
}

struct Understood {
    std::string_view query;
    Filter filter;
};

/// Also when it is printed and read again.
void expect_understood(const std::vector<Understood>& cases) {
    for (const auto& [query, filter] : cases) {
        const auto read = parsed(query).read;
        EXPECT_EQ(read.filter, filter) << query;
        const auto printed = print_request(read);
        EXPECT_EQ(parsed(printed).read, read) << printed;
        EXPECT_TRUE(plan(read)) << query;
    }
}

Filter predicate(const char* column, Operator op, Value operand, bool negated = false) {
    return Filter{Predicate{lead(column), op, {std::move(operand)}, negated}};
}
Filter place(Operator op, Value operand, std::vector<std::string> steps, bool as_text) {
    return Filter{Predicate{
        lead("metadata"), op, {std::move(operand)}, false, JsonPath{std::move(steps), as_text}}};
}
Filter group(Group::Kind kind, std::vector<Filter> terms, bool negated = false) {
    return Filter{Group{kind, std::move(terms), negated}};
}
Value text(std::string_view value) { return schema::Text{value}; }

TEST(RequestTerms, PatternsAreSqls) {
    expect_understood({
        {"city=like.*a_%5C*%25", predicate("city", Operator::like, text("%a_*%"))},
        {"city=ilike.a*", predicate("city", Operator::ilike, text("a%"))},
        {"city=ilike.*a*b*", predicate("city", Operator::ilike, text("%a%b%"))},
        {"city=ilike.*a%5C*", predicate("city", Operator::ilike, text("%a*"))},
        {"city=not.match.%5EA", predicate("city", Operator::match, text("^A"), true)},
        {"city=imatch.a$", predicate("city", Operator::imatch, text("a$"))},
    });
}

TEST(RequestTerms, WordsAreSearchedByQueriesOfFourKinds) {
    const auto search = [](const char* query, SearchSyntax syntax, std::string_view configuration,
                           bool negated = false) {
        Predicate out{lead("city"), Operator::search, {text(query)}, negated};
        out.search = Search{syntax, configuration};
        return Filter{out};
    };
    expect_understood({
        {"city=fts.new%26york:*", search("new&york:*", SearchSyntax::operators, "")},
        {"city=plfts.new+york", search("new york", SearchSyntax::plain, "")},
        {"city=not.phfts(english).new+york",
         search("new york", SearchSyntax::phrase, "english", true)},
        {"city=wfts(simple).-york", search("-york", SearchSyntax::web, "simple")},
        {R"q(or=(city.fts(simple)."a|(b)"))q",
         group(Group::Kind::any, {search("a|(b)", SearchSyntax::operators, "simple")})},
    });
    Predicate of_place{
        lead("metadata"), Operator::search, {text("a")}, false, JsonPath{{"n"}, true}};
    of_place.search = Search{SearchSyntax::plain, ""};
    expect_understood({{"metadata->>n=plfts.a", Filter{of_place}}});
}

TEST(RequestTerms, ArraysAndJsonAreComparedAsSets) {
    const Value tags = schema::TextArray{"a", "b, c"};
    const Value json = schema::Json{R"({"a":[1]})"};
    expect_understood({
        {R"(tags=cs.{a,"b, c"})", predicate("tags", Operator::has_all, tags)},
        {R"(tags=cd.{a,"b, c"})", predicate("tags", Operator::within, tags)},
        {R"(tags=not.ov.{a,"b, c"})", predicate("tags", Operator::overlaps, tags, true)},
        {R"(tags=eq.{a,"b, c"})", predicate("tags", Operator::eq, tags)},
        {R"(or=(tags.cs.{a,"b, c"}))",
         group(Group::Kind::any, {predicate("tags", Operator::has_all, tags)})},
        {R"(metadata=cs.{"a": [1]})", predicate("metadata", Operator::has_all, json)},
        {R"(metadata=cd.{"a": [1]})", predicate("metadata", Operator::within, json)},
    });
}

TEST(RequestTerms, PathsLeadIntoJson) {
    expect_understood({
        {"metadata->>utm=eq.a", place(Operator::eq, text("a"), {"utm"}, true)},
        {"metadata->a->-1->>%22b c%22=like.x*",
         place(Operator::like, text("x%"), {"a", "-1", "b c"}, true)},
        {"metadata->n=gt.5", place(Operator::gt, schema::Json{"5"}, {"n"}, false)},
        {"metadata->n=eq.%22x%22", place(Operator::eq, schema::Json{R"("x")"}, {"n"}, false)},
        {"or=(metadata->>utm.eq.a)",
         group(Group::Kind::any, {place(Operator::eq, text("a"), {"utm"}, true)})},
    });
}

TEST(RequestTerms, AnOperatorCanBeRepeated) {
    expect_understood({
        {"city=like(any).{a*,b}",
         group(Group::Kind::any, {predicate("city", Operator::like, text("a%")),
                                  predicate("city", Operator::like, text("b"))})},
        {"score=not.gt(all).{1,2}", group(Group::Kind::all,
                                          {predicate("score", Operator::gt, Decimal{100, 2}),
                                           predicate("score", Operator::gt, Decimal{200, 2})},
                                          true)},
        {"or=(city.eq(any).{a,b})",
         group(Group::Kind::any,
               {group(Group::Kind::any, {predicate("city", Operator::eq, text("a")),
                                         predicate("city", Operator::eq, text("b"))})})},
    });
}

TEST(RequestTerms, SayWhatIsDistinct) {
    expect_understood({{"city=isdistinct.a", predicate("city", Operator::distinct, text("a"))}});
    const auto& contacts = catalog().relation("contacts");
    const auto verified = [&](std::string_view condition) {
        return parse_request(catalog(), contacts, fmt::format("verified={}", condition))
            .value()
            .read.filter;
    };
    const auto* column = &contacts.column("verified");
    EXPECT_EQ(verified("is.true"), (Filter{Predicate{column, Operator::distinct, {true}, true}}));
    EXPECT_EQ(verified("not.is.FALSE"), (Filter{Predicate{column, Operator::distinct, {false}}}));
    EXPECT_EQ(verified("is.unknown"), (Filter{Predicate{column, Operator::is_null}}));
}

TEST(RequestTerms, ColumnsAreToldUnderOtherNamesAndInOtherForms) {
    EXPECT_EQ(parsed("select=name:first_name,score::text,metadata->a->0,first_name").shape,
              (Shape{{{0, "name"},
                      {1, "score", {}, Cast::text},
                      {2, "a", JsonPath{{"a", "0"}, false}},
                      {0, "first_name"}},
                     {}}));
    EXPECT_EQ(parsed("select=a:first_name,b:first_name").read.projection,
              (std::vector<const Column*>{lead("first_name")}));
    EXPECT_EQ(parsed("select=x:metadata->>0").shape.parts.front(),
              (Shape::Part{0, "x", JsonPath{{"0"}, true}}));
    const auto both = parsed("select=*,assigned_agent(name)").shape;
    EXPECT_EQ(std::ranges::find(both.parts, "assigned_agent", &Shape::Part::name),
              both.parts.end());
}

TEST(RequestTerms, EmbedsAreCountedSpreadAndAskedToBeThere) {
    const auto counted = parsed("select=id,events(count)").read;
    EXPECT_TRUE(counted.embeds.front().read.only_count);
    EXPECT_EQ(print_request(counted), "select=id,events(count)");
    EXPECT_TRUE(parsed("select=id,...agents(agent:name)").shape.nested.front().spread);
    const std::string_view inner = "select=id,agents!inner(name)&agents.status=eq.active";
    EXPECT_TRUE(parsed(inner).read.embeds.front().required);
    EXPECT_EQ(print_request(parsed(inner).read), inner);
    const auto absent = parsed("select=id,events()&events=is.null&events.type=eq.call").read;
    EXPECT_EQ(absent.filter, Filter{presence_of(absent.embeds.front(), true)});
    EXPECT_EQ(parsed(print_request(absent)).read, absent);
}

}  // namespace
}  // namespace tenantry::query
