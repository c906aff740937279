#include "query/request_text.hpp"

#include "lead_fixture.hpp"
#include "query/plan.hpp"
#include "query_string.hpp"
#include "support/print.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tenantry::query {
namespace {

Result<Read> parse(std::string_view text) {
    auto parsed = parse_request(catalog(), leads(), text);
    if (!parsed) return parsed.error();
    return std::move(parsed->read);
}

/// What `text` is understood as, printed; or why it is refused.
std::string understood(std::string_view text) {
    const auto read = parse(text);
    if (!read)
        return fmt::format("{} [{}] {}", code_of(read.error().code), read.error().field,
                           read.error().message);
    return print_request(*read);
}

std::optional<Filter> filter_of(std::string_view text) {
    const auto read = parse(text);
    EXPECT_TRUE(read) << text << ": " << read.error();
    return read ? read->filter : std::nullopt;
}

Filter predicate(const char* column, Operator op, std::vector<Value> operands = {},
                 bool negated = false) {
    return Filter{Predicate{lead(column), op, std::move(operands), negated}};
}
Filter all(std::vector<Filter> terms, bool negated = false) {
    return Filter{Group{Group::Kind::all, std::move(terms), negated}};
}
Filter any(std::vector<Filter> terms, bool negated = false) {
    return Filter{Group{Group::Kind::any, std::move(terms), negated}};
}
Value text(std::string_view value) { return schema::Text{value}; }

TEST(RequestText, NothingAsksForAllColumnsOfAllRows) {
    Read expected{&leads(), all_columns(leads())};
    EXPECT_EQ(parse("").value(), expected);
    EXPECT_EQ(parse("&&").value(), expected);
    EXPECT_EQ(parse("select=*").value(), expected);
    EXPECT_EQ(print_request(expected), "");
}

TEST(RequestText, SelectsColumnsInTheirOrder) {
    EXPECT_EQ(parse("select=score,id").value().projection,
              (std::vector<const Column*>{lead("score"), lead("id")}));
    EXPECT_EQ(parse("select=+score+,%09id").value().projection,
              parse("select=score,id").value().projection);
    EXPECT_EQ(parse("select=%22score%22,id").value().projection,
              parse("select=score,id").value().projection);
    EXPECT_EQ(parse("select=id,score,id").value().projection,
              (std::vector<const Column*>{lead("id"), lead("score")}));
    EXPECT_EQ(parse("select=*,id").value().projection, all_columns(leads()));
    EXPECT_EQ(parse("select=score,*").value().projection.front(), lead("score"));
    EXPECT_EQ(parse("select=score,*").value().projection.size(), leads().columns().size());
    EXPECT_TRUE(parse("select=").value().projection.empty());
    EXPECT_EQ(understood("select="), "select=");
}

TEST(RequestText, EmbedsAlongForeignKeys) {
    const auto read = parse("select=id,agents(name),events(type,agents(name))").value();
    ASSERT_EQ(read.embeds.size(), 2U);
    const auto& agent = read.embeds[0];
    EXPECT_EQ(agent.name, "agents");
    EXPECT_EQ(agent.key, &leads().foreign_keys()[0]);
    EXPECT_EQ(agent.direction, Embed::Direction::to_one);
    EXPECT_EQ(agent.read, (Read{&agents(), {&agents().column("name")}}));
    const auto& event = read.embeds[1];
    EXPECT_EQ(event.direction, Embed::Direction::to_many);
    EXPECT_EQ(event.key, &events().foreign_keys()[0]);
    ASSERT_EQ(event.read.embeds.size(), 1U);
    EXPECT_EQ(event.read.embeds[0].direction, Embed::Direction::to_one);
    EXPECT_TRUE(plan(read));
}

TEST(RequestText, ATargetCanBeNamedInSeveralWays) {
    const auto embed = [](std::string_view select) {
        return parse(fmt::format("select={}", select)).value().embeds.at(0);
    };
    const auto plain = embed("agents(name)");
    for (const std::string_view select :
         {"agents!left(name)", "agents!assigned_agent(name)",
          "agents!leads_assigned_agent_fkey(name)", "agents!leads_assigned_agent_fkey!left(+name+)",
          "agents:assigned_agent(name)", "agents:leads_assigned_agent_fkey(name)",
          "agents%3Aagents(name)", "%22agents%22(name)"}) {
        EXPECT_EQ(embed(select), plain) << select;
    }
    EXPECT_EQ(embed("assigned_agent(name)").name, "assigned_agent");
    EXPECT_EQ(embed("history:events_lead_id_fkey(type)").direction, Embed::Direction::to_many);
    EXPECT_EQ(embed("%22a,b(%22:agents(name)").name, "a,b(");
    EXPECT_EQ(embed("my-agent:agents(name)").name, "my-agent");
    EXPECT_TRUE(embed("agents()").read.projection.empty());
}

TEST(RequestText, PathsLeadToEmbeddedRelations) {
    const auto read =
        parse(
            "select=id,agent:agents(name),events(type,agents(id))&agent.name=eq.Zo%C3%AB&events."
            "limit=5"
            "&events.order=timestamp.desc&events.offset=2&events.or=(type.eq.call,type.is.null)"
            "&events.agents.not.and=(name.eq.x)&events.agents.limit=1")
            .value();
    EXPECT_FALSE(read.filter);
    const auto& agent = read.embeds[0].read;
    EXPECT_EQ(agent.filter, equals(agents().column("name"), text("Zoë")));
    const auto& event = read.embeds[1].read;
    EXPECT_EQ(event.limit, 5U);
    EXPECT_EQ(event.offset, 2U);
    EXPECT_EQ(event.order, (std::vector<OrderTerm>{{&events().column("timestamp"), true, true}}));
    EXPECT_EQ(std::get<Group>(event.filter->node).terms.size(), 2U);
    EXPECT_TRUE(std::get<Group>(event.embeds[0].read.filter->node).negated);
    EXPECT_EQ(event.embeds[0].read.limit, 1U);
}

TEST(RequestText, EveryOperatorHasItsWord) {
    const Value high = Decimal{8750, 2};
    const std::pair<std::string_view, Filter> cases[] = {
        {"city=eq.Toronto", predicate("city", Operator::eq, {text("Toronto")})},
        {"city=neq.Toronto", predicate("city", Operator::neq, {text("Toronto")})},
        {"score=lt.87.5", predicate("score", Operator::lt, {high})},
        {"score=lte.87.50", predicate("score", Operator::lte, {high})},
        {"score=gt.875e-1", predicate("score", Operator::gt, {high})},
        {"score=gte.87.5", predicate("score", Operator::gte, {high})},
        {"city=in.(a,b)", predicate("city", Operator::in, {text("a"), text("b")})},
        {"city=is.null", predicate("city", Operator::is_null)},
        {"city=is.NULL", predicate("city", Operator::is_null)},
        {"city=is.not_null", predicate("city", Operator::is_null, {}, true)},
        {"city=not.is.null", predicate("city", Operator::is_null, {}, true)},
        {"city=not.is.not_null", predicate("city", Operator::is_null)},
        {"tags=is.null", predicate("tags", Operator::is_null)},
        {"city=ilike.*oro*", predicate("city", Operator::contains, {text("oro")})},
        {"city=ilike.%25oro%25", predicate("city", Operator::contains, {text("oro")})},
        {"city=not.eq.Toronto", predicate("city", Operator::eq, {text("Toronto")}, true)},
        {"city=not.in.()", predicate("city", Operator::in, {}, true)},
        {"city=not.ilike.**", predicate("city", Operator::contains, {text("")}, true)},
        {"tenant_id=eq.acme", predicate("tenant_id", Operator::eq, {text("acme")})},
        {"id=eq.0194F2A1-7C3E-7B12-9D55-00FF10AB3C4D",
         predicate("id", Operator::eq,
                   {parse_uuid("0194f2a1-7c3e-7b12-9d55-00ff10ab3c4d").value()})},
        {"created_at=gte.2026-01-05T01:00:00%2B01:00",
         predicate("created_at", Operator::gte, {parse_timestamp("2026-01-05").value()})},
    };
    for (const auto& [query, filter] : cases) EXPECT_EQ(filter_of(query), filter) << query;
}

TEST(RequestText, APlainValueIsAllThatFollows) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"city=eq.", ""},
        {"city=eq.null", "null"},
        {"city=eq.a.b,c", "a.b,c"},
        {"city=eq.%22x%22", "\"x\""},
        {"city=eq.(a)", "(a)"},
        {"city=eq.a\\b", "a\\b"},
        {"city=eq.a+b", "a b"},
        {"city=eq.a%2Bb", "a+b"},
        {"city=eq.a%26b%3Dc", "a&b=c"},
        {"city=eq.a=b", "a=b"},
        {"city=eq.+x+", " x "},
        {"city=eq.%E6%97%A5%F0%9F%98%80", "日😀"},
        {"city=eq.日", "日"},
        {"c%69ty=eq.x", "x"},
        {"city=eq.100%25", "100%"},
        {"%22city%22=eq.x", "x"},
    };
    for (const auto& [query, value] : cases) {
        EXPECT_EQ(filter_of(query), predicate("city", Operator::eq, {text(value)})) << query;
    }
}

TEST(RequestText, WhatARowMayNotHoldCanStillBeAskedFor) {
    EXPECT_EQ(filter_of("first_name=eq."), predicate("first_name", Operator::eq, {text("")}));
    EXPECT_EQ(filter_of("email=gt.m"), predicate("email", Operator::gt, {text("m")}));
    EXPECT_EQ(filter_of("email=eq.Zoe@Example.com"),
              predicate("email", Operator::eq, {text("zoe@example.com")}));
    EXPECT_EQ(filter_of("email=ilike.*@Example*"),
              predicate("email", Operator::contains, {text("@Example")}));
    EXPECT_EQ(filter_of("status=gt.d"), predicate("status", Operator::gt, {text("d")}));
}

TEST(RequestText, ListsQuoteWhatHoldsTheirOwnSigns) {
    const std::pair<std::string_view, std::vector<std::string_view>> cases[] = {
        {R"_(())_", {}},
        {R"_((a))_", {"a"}},
        {R"_((""))_", {""}},
        {R"_((a,))_", {"a", ""}},
        {R"_((,a))_", {"", "a"}},
        {R"_(("a,b",c))_", {"a,b", "c"}},
        {R"_(("a)","b(","{c}"))_", {"a)", "b(", "{c}"}},
        {R"_(("a\"b","c\\d","\e"))_", {"a\"b", "c\\d", "e"}},
        {R"_((a"b,c\d))_", {"a\"b", "c\\d"}},
        {R"_(( a, b ))_", {" a", " b "}},
    };
    for (const auto& [list, values] : cases) {
        std::string query = "city=in.";
        append_encoded(query, list);
        std::vector<Value> operands;
        for (const auto value : values) operands.push_back(text(value));
        EXPECT_EQ(filter_of(query), predicate("city", Operator::in, operands)) << list;
    }
}

TEST(RequestText, ContainsEscapesWildcards) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {R"(*a\*b*)", "a*b"}, {R"(*\%*)", "%"}, {R"(*\_*)", "_"}, {R"(*\\*)", "\\"},
        {R"(*\\\**)", "\\*"}, {R"(*\a*)", "a"}, {R"(%a*)", "a"},  {R"(* a *)", " a "},
    };
    for (const auto& [pattern, value] : cases) {
        std::string query = "city=ilike.";
        append_encoded(query, pattern);
        EXPECT_EQ(filter_of(query), predicate("city", Operator::contains, {text(value)}))
            << pattern;
        const auto printed =
            print_request(Read{&leads(), all_columns(leads()), {}, filter_of(query)});
        EXPECT_EQ(filter_of(printed), predicate("city", Operator::contains, {text(value)}))
            << printed;
    }
}

TEST(RequestText, SeveralFiltersAllHold) {
    EXPECT_EQ(filter_of("city=eq.a&city=neq.b&or=(city.is.null)"),
              all({predicate("city", Operator::eq, {text("a")}),
                   predicate("city", Operator::neq, {text("b")}),
                   any({predicate("city", Operator::is_null)})}));
    EXPECT_EQ(filter_of("city%5B0%5D=eq.a&city[1][0]=neq.b"), filter_of("city=eq.a&city=neq.b"));
}

TEST(RequestText, GroupsNest) {
    EXPECT_EQ(filter_of("or=(city.eq.a,source.not.is.null,and(score.gt.1,score.lt.5),not.or(city."
                        "in.(x,\"y,z\"),city.eq.%22%22))"),
              any({predicate("city", Operator::eq, {text("a")}),
                   predicate("source", Operator::is_null, {}, true),
                   all({predicate("score", Operator::gt, {Decimal{100, 2}}),
                        predicate("score", Operator::lt, {Decimal{500, 2}})}),
                   any({predicate("city", Operator::in, {text("x"), text("y,z")}),
                        predicate("city", Operator::eq, {text("")})},
                       true)}));
    EXPECT_EQ(filter_of("not.and=(city.eq.a,city.eq.b)"),
              all({predicate("city", Operator::eq, {text("a")}),
                   predicate("city", Operator::eq, {text("b")})},
                  true));
    EXPECT_EQ(filter_of("and=()"), all({}));
    EXPECT_EQ(filter_of("or=(+)"), any({}));
    EXPECT_EQ(filter_of("and=(+city.eq.a+,+%22city%22.eq.b)"),
              all({predicate("city", Operator::eq, {text("a ")}),
                   predicate("city", Operator::eq, {text("b")})}));
    EXPECT_EQ(filter_of("and=(city.eq.a(b,city.ilike.*%22*)"),
              all({predicate("city", Operator::eq, {text("a(b")}),
                   predicate("city", Operator::contains, {text("\"")})}));
}

TEST(RequestText, OrderPutsNullsWhereSqlDoes) {
    const auto order =
        parse("order=score.desc,city,%22id%22.asc,last_name.desc.nullslast,+source.nullsfirst+")
            .value()
            .order;
    EXPECT_EQ(order, (std::vector<OrderTerm>{{lead("score"), true, true},
                                             {lead("city"), false, false},
                                             {lead("id"), false, false},
                                             {lead("last_name"), true, false},
                                             {lead("source"), false, true}}));
    EXPECT_EQ(understood("order=score.desc.nullsfirst,city.asc.nullslast,city.asc.nullsfirst"),
              "order=score.desc,city,city.nullsfirst");
}

TEST(RequestText, OrderLooksIntoJsonAndIntoWhatIsEmbedded) {
    EXPECT_EQ(parse("order=metadata->a->>b.desc.nullslast,metadata->-1").value().order,
              (std::vector<OrderTerm>{
                  {lead("metadata"), true, false, JsonPath{{"a", "b"}, true}},
                  {lead("metadata"), false, false, JsonPath{{"-1"}}},
              }));
    const auto* name = &catalog().relation("agents").column("name");
    EXPECT_EQ(parse("select=events(id),a:agents(),...agents(id)&order=a(name).desc,agents(name)")
                  .value()
                  .order,
              (std::vector<OrderTerm>{{name, true, true, {}, 1}, {name, false, false, {}, 2}}));
    const std::string_view canonical[] = {
        "order=metadata-%3E%22a.b%22-%3E-1-%3E%3Ec.desc.nullslast,city",
        "select=*,agents(*)&order=agents(name).desc,score.nullsfirst",
        "select=id,events(*,%22a(%22:leads(*))&events.order=%22a(%22(metadata-%3Ea),type",
    };
    for (const auto text : canonical) EXPECT_EQ(understood(text), text);
}

TEST(RequestText, CountStandsForTheRows) {
    const auto of = [](std::string_view text) {
        return parse_request(catalog(), leads(), text).value();
    };
    const auto all = of("select=count&city=eq.a");
    EXPECT_TRUE(all.read.only_count);
    EXPECT_TRUE(all.read.projection.empty());
    EXPECT_EQ(all.shape, plain_shape(all.read));
    EXPECT_EQ(of("select=n:count::text").shape.parts,
              (std::vector<Shape::Part>{{.column = 0, .name = "n", .cast = Cast::text}}));
    const auto embedded = of("select=agents(count),events(n:count)");
    for (const auto& embed : embedded.read.embeds) EXPECT_TRUE(embed.read.only_count);
    for (const auto* text : {"select=count&city=eq.a", "select=id,agents(count),events(count)"})
        EXPECT_EQ(understood(text), text);
}

TEST(RequestText, LimitAndOffsetAreNumbers) {
    const auto read = parse("limit=0&offset=10000000").value();
    EXPECT_EQ(read.limit, 0U);
    EXPECT_EQ(read.offset, 10'000'000U);
    EXPECT_EQ(parse("limit=1000").value().limit, 1000U);
    EXPECT_EQ(parse("limit=100000").value().limit, 1000U);
    EXPECT_FALSE(parse("").value().limit);
}

TEST(RequestText, PrintsWhatPeopleWouldWrite) {
    const std::string_view canonical[] = {
        "select=first_name,score&city=eq.Toronto&order=score.desc&limit=20",
        "select=*,agents(name)&agents.status=eq.active",
        "select=id,agent:agents(name),events(*)&events.order=timestamp.desc&events.limit=5",
        "city=ilike.*o%5C%25o*&score=not.gte.87.50",
        "or=(city.eq.%22a,b%22,and(score.gt.1.00,score.lt.5.00),not.or(city.is.null))",
        "city=in.(a,%22%22,%22x)%22)&source=not.is.null",
        "not.and=(city.eq.a)&and=()&offset=7",
        "select=%22limit%22:agents(id)&limit=4&%22limit%22.limit=3",
        "city=eq.a+b%2Bc%26d",
        "created_at=lt.2026-01-05T00:00:00.000Z",
    };
    for (const auto text : canonical) EXPECT_EQ(understood(text), text);
    EXPECT_EQ(
        understood("limit=4&offset=0&select=agents(),id&order=city.asc&and=(city.eq.x,city.eq.y)"),
        "select=id,agents()&city=eq.x&city=eq.y&order=city&limit=4");
}

TEST(RequestText, ARelationOfItselfIsReachedBothWays) {
    schema::Catalog own;
    std::vector<Column> columns{{"tenant_id", schema::ColumnType::text, {.nullable = false}},
                                {"id", schema::ColumnType::uuid, {.nullable = false}},
                                {"boss", schema::ColumnType::uuid, {}},
                                {"deputy", schema::ColumnType::uuid, {}}};
    auto& staff = own.add("staff", std::move(columns));
    staff.add_foreign_key("boss", staff);
    staff.add_foreign_key("deputy", staff);

    const auto up = parse_request(own, staff, "select=boss(id)").value().read;
    EXPECT_EQ(up.embeds.at(0).direction, Embed::Direction::to_one);
    const auto down = parse_request(own, staff, "select=team:staff!boss(id)").value().read;
    EXPECT_EQ(down.embeds.at(0).direction, Embed::Direction::to_many);
    EXPECT_EQ(down.embeds.at(0).key, up.embeds.at(0).key);
    for (const auto& read : {up, down}) {
        EXPECT_EQ(parse_request(own, staff, print_request(read)).value().read, read)
            << print_request(read);
    }
    EXPECT_EQ(parse_request(own, staff, "select=staff(id)").error().message,
              "staff is related to staff in several ways; write staff!KEY(…) with one of "
              "staff_boss_fkey, "
              "staff_deputy_fkey");
}

}  // namespace
}  // namespace tenantry::query
