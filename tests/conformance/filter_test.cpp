/// What filters mean, whichever engine looks: the same rows for each.

#include "engine/any_database.hpp"
#include "query/render_shape.hpp"
#include "query/request_text.hpp"
#include "schema/lead_schema.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tenantry::engine {
namespace {

const schema::Catalog& catalog() { return schema::lead_catalog(); }
schema::Value text(std::string_view value) { return schema::Text{value}; }

struct LeadRow {
    std::string_view name;
    std::optional<std::string_view> city{};
    std::optional<schema::TextArray> tags{};
    std::string_view metadata{};
    bool assigned = false;
    unsigned events = 0;
};

const std::vector<LeadRow> rows{
    {"a", "Oslo", schema::TextArray{"x", "y z"}, R"({"a":[1,{"b":"x"}],"n":5})", true, 2},
    {"b", "oslo", schema::TextArray{}, R"({"a":[1],"n":5.0,"s":"10"})", false, 1},
    {"c", "ÅRE_1", schema::TextArray{"x"}, R"({"n":null,"a":{}})"},
    {"d", "50% \\off", std::nullopt, "[1,2,\"three\"]", true},
    {"e"},
};

class FilterConformance : public ::testing::TestWithParam<testing::EngineKind> {
protected:
    FilterConformance() {
        fill(scope_);
        // Another tenant has the same: none of it is ever found.
        fill(other_);
    }

    /// The names of the rows that pass, in their order; or why it is refused.
    std::string found(std::string_view query) {
        return names_in(told(fmt::format("select=first_name&order=first_name&{}", query)));
    }
    static std::string names_in(const std::string& told) {
        constexpr std::string_view before = R"("first_name":")";
        std::string out;
        for (std::size_t at = 0; (at = told.find(before, at)) != std::string::npos;)
            out += told[at += before.size()];
        return told.starts_with("[") ? out : told;
    }
    std::string told(std::string_view query) {
        const auto parsed = query::parse_request(catalog(), leads_, query);
        if (!parsed) return parsed.error().message;
        const auto reply = database_.run(parsed->read, scope_);
        if (!reply) return reply.error().message;
        std::string out;
        const auto told = query::append_shaped_rows(out, reply->rows, parsed->shape);
        return told ? out : told.error().message;
    }

private:
    Uuid add(const schema::Relation& relation,
             const std::vector<std::pair<std::string_view, schema::Value>>& row,
             const TenantScope& scope) {
        query::Insert insert{.relation = &relation, .returning = {&relation.id()}};
        insert.rows.emplace_back();
        for (const auto& [name, value] : row) {
            insert.columns.push_back(&relation.column(name));
            insert.rows.front().push_back(value);
        }
        return std::get<Uuid>(database_.run(std::move(insert), scope).value().rows.value(0, "id"));
    }

    void fill(const TenantScope& scope) {
        const auto agent = add(catalog().relation("agents"),
                               {{"name", text("Ann")}, {"email", text("ann@x.example")}}, scope);
        for (const auto& row : rows) {
            std::vector<std::pair<std::string_view, schema::Value>> values{
                {"first_name", text(row.name)}};
            if (row.city) values.emplace_back("city", text(*row.city));
            if (row.tags) values.emplace_back("tags", *row.tags);
            if (!row.metadata.empty())
                values.emplace_back("metadata", schema::Json{std::string{row.metadata}});
            if (row.assigned) values.emplace_back("assigned_agent", agent);
            const auto id = add(leads_, values, scope);
            for (unsigned i = 0; i < row.events; ++i) {
                add(catalog().relation("events"),
                    {{"type", text(i == 0 ? "call" : "note")}, {"lead_id", id}}, scope);
            }
        }
    }

    const schema::Relation& leads_ = catalog().relation("leads");
    testing::AnyDatabase database_{GetParam()};
    TenantScope scope_ = database_.scope("tenant-a");
    TenantScope other_ = database_.scope("tenant-b");
};

struct Expectation {
    std::string_view query;
    std::string_view names;
};

TEST_P(FilterConformance, PatternsMatchText) {
    for (const auto& [query, names] : std::initializer_list<Expectation>{
             {"city=like.O*", "a"},
             {"city=like.%25s%25", "ab"},
             {"city=like._slo", "ab"},
             {"city=like.*%5C_*", "c"},
             {"city=like.50%5C%25*", "d"},
             {"city=like.*%5C%5Coff", "d"},
             {"city=not.like.O*", "bcd"},
             {"city=ilike.o*", "ab"},
             {"city=ilike.%C3%A5re*", "c"},
             {"city=ilike.*RE_1", "c"},
             {"city=ilike.*SLO*", "ab"},
             {"city=match.^[Oo]slo$", "ab"},
             {"city=match.sl", "ab"},
             {"city=match.^%5Cd%2B", "d"},
             {"city=imatch.OSLO", "ab"},
             {"city=not.imatch.OSLO", "cd"},
             {"city=like(any).{O*,50*}", "ad"},
             {"city=like(all).{*s*,o*}", "b"},
         })
        EXPECT_EQ(found(query), names) << query;
}

TEST_P(FilterConformance, WordsAreSearched) {
    for (const auto& [query, names] : std::initializer_list<Expectation>{
             {"city=fts(simple).oslo", "ab"},
             {"city=fts(simple).os:*", "ab"},
             {"city=not.fts(simple).os:*", "cd"},
             {"city=plfts(simple).OSLO", "ab"},
             {"city=phfts(simple).50+off", "d"},
             {"city=wfts(simple).-oslo", "cd"},
             {"city=wfts(simple).oslo+or+%22off%22", "abd"},
             {"city=wfts(simple).", ""},
             {"or=(city.fts(simple).off,first_name.plfts(simple).a)", "ad"},
         })
        EXPECT_EQ(found(query), names) << query;
}

TEST_P(FilterConformance, WordsInJsonAreThoseOfItsStrings) {
    for (const auto& [query, names] : std::initializer_list<Expectation>{
             {"metadata=fts(simple).x", "a"},
             {"metadata=fts(simple).three", "d"},
             {"metadata=plfts(simple).10", "b"},
             {"metadata=not.wfts(simple).x", "bcde"},
             {"metadata=wfts(simple).-three", "abce"},
             {"metadata->a=fts(simple).x", "a"},
             {"metadata->n=fts(simple).5", ""},
             {"metadata->s=fts(simple).10", "b"},
             {"metadata->none=not.fts(simple).x", ""},
         })
        EXPECT_EQ(found(query), names) << query;
}

TEST_P(FilterConformance, NullIsAValueWhereItIsAskedFor) {
    for (const auto& [query, names] : std::initializer_list<Expectation>{
             {"city=neq.Oslo", "bcd"},
             {"city=isdistinct.Oslo", "bcde"},
             {"city=not.isdistinct.Oslo", "a"},
             {"assigned_agent=is.null", "bce"},
             {"city=not.is.null", "abcd"},
         })
        EXPECT_EQ(found(query), names) << query;
}

TEST_P(FilterConformance, ArraysAreSets) {
    for (const auto& [query, names] : std::initializer_list<Expectation>{
             {"tags=cs.{x}", "ac"},
             {R"(tags=cs.{x,"y z"})", "a"},
             {"tags=cs.{}", "abcde"},
             {"tags=cd.{x}", "bcde"},
             {R"(tags=cd.{"y z",x,w})", "abcde"},
             {R"(tags=ov.{w,"y z"})", "a"},
             {"tags=ov.{}", ""},
             {"tags=eq.{x}", "c"},
             {"tags=neq.{x}", "abde"},
             {"tags=isdistinct.{x}", "abde"},
             {"tags=not.cs.{x}", "bde"},
         })
        EXPECT_EQ(found(query), names) << query;
}

TEST_P(FilterConformance, JsonIsComparedAsJsonb) {
    for (const auto& [query, names] : std::initializer_list<Expectation>{
             {R"(metadata=cs.{"n":5})", "ab"},
             {R"(metadata=cs.{"a":[{"b":"x"}]})", "a"},
             {R"(metadata=cs.[2])", "d"},
             {R"(metadata=cs.{})", "abce"},
             {R"(metadata=cd.{"n":null,"a":{},"z":1})", "ce"},
             {"metadata->n=eq.5", "ab"},
             {"metadata->n=gt.4.5", "ab"},
             {"metadata->n=lt.5", "c"},
             {"metadata->n=is.null", "de"},
             {"metadata->>n=is.null", "cde"},
             {"metadata->>n=eq.5", "a"},
             {"metadata->>s=eq.10", "b"},
             {"metadata->a->1->>b=eq.x", "a"},
             {"metadata->a->-1->>b=like.x*", "a"},
             {"metadata->>-1=eq.three", "d"},
             {"metadata->0=eq.1", "d"},
             {"metadata->n=in.(5,null)", "abc"},
             {"metadata->>n=in.(5)", "a"},
             {"metadata->n=isdistinct.5", "cde"},
             {"metadata->a=neq.[1]", "ac"},
             {"or=(metadata->>s.eq.10,metadata->a.eq.{})", "bc"},
         })
        EXPECT_EQ(found(query), names) << query;
}

TEST_P(FilterConformance, RowsAreFoundByTheirRelatives) {
    for (const auto& [query, names] : std::initializer_list<Expectation>{
             {"select=first_name,agents!inner(name)", "ad"},
             {"select=first_name,agents!inner(name)&agents.name=eq.Bo", ""},
             {"select=first_name,events!inner(type)", "ab"},
             {"select=first_name,events!inner(type)&events.type=eq.note", "a"},
             {"select=first_name,events()&events=is.null", "cde"},
             {"select=first_name,events()&events=is.null&events.type=eq.note", "bcde"},
             {"select=first_name,events(leads!inner(id))&events=is.null&events.leads.city=eq.no",
              "abcde"},
             {"select=first_name,events(leads!inner(id))&events=not.is.null&events.leads.city=eq."
              "oslo",
              "b"},
             {"select=first_name,agents()&agents=is.null", "bce"},
             {"select=first_name,agents()&agents=not.is.null", "ad"},
             {"select=first_name,events!inner(leads!inner(id))&events.leads.city=eq.oslo", "b"},
         }) {
        const auto answer = told(fmt::format("{}&order=first_name", query));
        EXPECT_EQ(names_in(answer), names) << query << " " << answer;
    }
}

TEST_P(FilterConformance, ShapesAreTheSame) {
    EXPECT_EQ(
        told("select=first_name,events(count),...agents(agent:name)&order=first_name&limit=2"),
        R"([{"first_name":"a","events":[{"count":2}],"agent":"Ann"},)"
        R"({"first_name":"b","events":[{"count":1}],"agent":null}])");
    EXPECT_EQ(told("select=events(count)&events.type=eq.note&order=first_name&limit=2"),
              R"([{"events":[{"count":1}]},{"events":[{"count":0}]}])");
    EXPECT_EQ(told("select=x:metadata->a->0,y:metadata->>n,tags::text&order=first_name&limit=3"),
              R"([{"x":1,"y":"5","tags":"{x,\"y z\"}"},{"x":1,"y":"5.0","tags":"{}"},)"
              R"({"x":null,"y":null,"tags":"{x}"}])");
}

TEST_P(FilterConformance, ManyAreSpreadAsArrays) {
    EXPECT_EQ(
        told("select=first_name,...events(types:type)&events.order=type&order=first_name&limit=3"),
        R"([{"first_name":"a","types":["call","note"]},{"first_name":"b","types":["call"]},)"
        R"({"first_name":"c","types":[]}])");
    EXPECT_EQ(told("select=...events(types:type,...leads(names:first_name,...agents(agents:name)))"
                   "&events.order=type&order=first_name&limit=2"),
              R"([{"types":["call","note"],"names":["a","a"],"agents":["Ann","Ann"]},)"
              R"({"types":["call"],"names":["b"],"agents":[null]}])");
    EXPECT_EQ(told("select=...events(count)&order=first_name&limit=1"), R"([{"count":[2]}])");
}

TEST_P(FilterConformance, CastsAreTheSame) {
    EXPECT_EQ(told("select=n:metadata->n::int,t:metadata->>n::numeric,m:metadata::json"
                   "&order=first_name&limit=2"),
              R"([{"n":5,"t":5,"m":{"a":[1,{"b":"x"}],"n":5}},)"
              R"({"n":5,"t":5.0,"m":{"a":[1],"n":5.0,"s":"10"}}])");
    EXPECT_EQ(told("select=events(n:count::text)&order=first_name&limit=1"),
              R"([{"events":[{"n":"2"}]}])");
    EXPECT_EQ(told("select=city::int&order=first_name"), "city: 'Oslo' is no integer");
}

INSTANTIATE_TEST_SUITE_P(Engines, FilterConformance, ::testing::ValuesIn(testing::all_engines),
                         [](const auto& of) { return testing::name_of(of.param); });

}  // namespace
}  // namespace tenantry::engine
