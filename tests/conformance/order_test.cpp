/// In which order rows come, whichever engine sorts them, and how many there are.

#include "engine/any_database.hpp"
#include "query/render_shape.hpp"
#include "query/request_text.hpp"
#include "schema/lead_schema.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>

namespace tenantry::engine {
namespace {

const schema::Catalog& catalog() { return schema::lead_catalog(); }
schema::Value text(std::string_view value) { return schema::Text{value}; }

struct LeadRow {
    std::string_view name;
    std::string_view metadata;
    std::string_view agent{};  // her name
};

/// Their names are in the order of jsonb's values of "v".
const std::vector<LeadRow> rows{
    {"a", R"({"v":[]})", "Cleo"},
    {"b", R"({"v":null,"w":{"x":"b"}})", "Ann"},
    {"c", R"({"v":"10","w":{"x":"a"}})"},
    {"d", R"({"v":"9","w":{"x":"ab"}})", "Bo"},
    {"e", R"({"v":-1})", "Ann"},
    {"f", R"({"v":9.5})"},
    {"g", R"({"v":10})", "Bo"},
    {"h", R"({"v":false})"},
    {"i", R"({"v":true,"w":[1,2]})"},
    {"j", R"({"v":[1]})"},
    {"k", R"({"v":{"n":1}})"},
    {"l", "{}"},
};

class OrderConformance : public ::testing::TestWithParam<testing::EngineKind> {
protected:
    OrderConformance() {
        // Another tenant has the same: none of it is ever told.
        fill(scope_);
        fill(other_);
    }

    std::string told(std::string_view query) {
        const auto parsed = query::parse_request(catalog(), leads_, query);
        if (!parsed) return parsed.error().message;
        const auto reply = database_.run(parsed->read, scope_);
        if (!reply) return reply.error().message;
        std::string out;
        query::append_shaped_rows(out, reply->rows, parsed->shape);
        return out;
    }
    /// The names of the rows, one after the other.
    std::string order(std::string_view query) {
        const auto all = told(query);
        constexpr std::string_view before = R"("first_name":")";
        std::string out;
        for (std::size_t at = 0; (at = all.find(before, at)) != std::string::npos;)
            out += all[at += before.size()];
        return all.starts_with("[") ? out : all;
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
        std::map<std::string_view, Uuid> agents;
        for (const std::string_view name : {"Ann", "Bo", "Cleo"}) {
            agents[name] = add(catalog().relation("agents"),
                               {{"name", text(name)},
                                {"email", text(fmt::format("a{}@x.example", agents.size()))},
                                {"status", text(name == "Bo" ? "inactive" : "active")}},
                               scope);
        }
        const auto& events = catalog().relation("events");
        for (const auto& row : rows) {
            std::vector<std::pair<std::string_view, schema::Value>> values{
                {"first_name", text(row.name)},
                {"metadata", schema::Json{std::string{row.metadata}}}};
            if (!row.agent.empty()) values.emplace_back("assigned_agent", agents.at(row.agent));
            const auto lead = add(leads_, values, scope);
            if (!row.agent.empty()) {
                add(events,
                    {{"type", text(row.name)}, {"lead_id", lead}, {"agent_id", agents.at("Ann")}},
                    scope);
            }
        }
    }

    const schema::Relation& leads_ = catalog().relation("leads");
    testing::AnyDatabase database_{GetParam()};
    TenantScope scope_ = database_.scope("tenant-a");
    TenantScope other_ = database_.scope("tenant-b");
};

TEST_P(OrderConformance, OfJsonIsJsonbs) {
    const std::string all = "select=first_name&order=";
    EXPECT_EQ(order(all + "metadata->v"), "abcdefghijkl");
    EXPECT_EQ(order(all + "metadata->v.desc"), "lkjihgfedcba");
    EXPECT_EQ(order(all + "metadata->v.desc.nullslast"), "kjihgfedcbal");
    EXPECT_EQ(order(all + "metadata->v.nullsfirst&limit=3&offset=1"), "abc");
    EXPECT_EQ(order(all + "metadata->w->1.desc,metadata->w->0.nullsfirst,first_name.desc"),
              "lkjhgfedcbai");
    EXPECT_EQ(order(all + "metadata->v&metadata->v=gt.9"), "fghijk");
}

TEST_P(OrderConformance, OfAPlacesTextIsThatOfItsLetters) {
    const std::string all = "select=first_name&order=";
    EXPECT_EQ(order(all + "metadata->w->>x,first_name&limit=4"), "cdba");
    EXPECT_EQ(order(all + "metadata->w->>x.desc.nullslast,first_name&limit=4"), "bdca");
    // A number is sorted as a text; JSON's null is no text.
    EXPECT_EQ(order(all + "metadata->>v.nullsfirst,first_name&metadata->v=lt.11"), "becgdfa");
}

TEST_P(OrderConformance, OfWhatIsEmbeddedPutsRowsWithoutItWhereNullsAre) {
    const std::string embedded = "select=first_name,agents(name)&order=";
    EXPECT_EQ(order(embedded + "agents(name),first_name"), "bedgacfhijkl");
    EXPECT_EQ(order(embedded + "agents(name).desc.nullslast,first_name&limit=5"), "adgbe");
    EXPECT_EQ(order(embedded + "agents(name).desc,first_name.desc&limit=8"), "lkjihfca");
    EXPECT_EQ(
        order("select=first_name,a:assigned_agent()&order=a(status),a(name),first_name&limit=5"),
        "beadg");
    // What is filtered out isn't there.
    EXPECT_EQ(order(embedded + "agents(name).desc.nullslast,first_name&agents.status=eq.active"),
              "abecdfghijkl");
    EXPECT_EQ(order("select=first_name,agents!inner(name)&order=agents(name).desc,first_name"
                    "&agents.name=neq.Cleo"),
              "dgbe");
    EXPECT_EQ(order("select=first_name,agents(name)&order=agents(name),first_name&agents=is.null"),
              "cfhijkl");
    EXPECT_EQ(order(embedded + "agents(name),first_name&agents.offset=1"), "abcdefghijkl");
}

TEST_P(OrderConformance, OfWhatIsEmbeddedInWhatIsEmbedded) {
    EXPECT_EQ(told("select=agents(name,events(type))&agents.events.order=type.desc&order=first_name"
                   "&limit=2&first_name=in.(b,c)"),
              R"([{"agents":{"name":"Ann","events":[{"type":"g"},{"type":"e"},{"type":"d"},)"
              R"({"type":"b"},{"type":"a"}]}},{"agents":null}])");
    EXPECT_EQ(
        told("select=agents(events(type,...leads()))&agents.events.order=leads(metadata->v).desc"
             "&agents.events.limit=3&order=first_name&first_name=in.(b,c)"),
        R"([{"agents":{"events":[{"type":"g"},{"type":"e"},{"type":"d"}]}},{"agents":null}])");
}

TEST_P(OrderConformance, CountsStandForTheRows) {
    EXPECT_EQ(told("select=count"), R"([{"count":12}])");
    EXPECT_EQ(told("select=n:count::text&first_name=in.(a,b)&limit=1"), R"([{"n":"2"}])");
    EXPECT_EQ(told("select=count&first_name=eq.z"), R"([{"count":0}])");
    EXPECT_EQ(told("select=count&assigned_agent=not.is.null&metadata->v=gt.0"), R"([{"count":1}])");
    EXPECT_EQ(told("select=count&limit=0"), "[]");
    EXPECT_EQ(told("select=count&offset=1"), "[]");
    EXPECT_EQ(told("select=first_name,agents(n:count),events(count)&order=first_name&limit=3"),
              R"([{"first_name":"a","agents":{"n":1},"events":[{"count":1}]},)"
              R"({"first_name":"b","agents":{"n":1},"events":[{"count":1}]},)"
              R"({"first_name":"c","agents":{"n":0},"events":[{"count":0}]}])");
}

INSTANTIATE_TEST_SUITE_P(Engines, OrderConformance, ::testing::ValuesIn(testing::all_engines),
                         [](const auto& of) { return testing::name_of(of.param); });

}  // namespace
}  // namespace tenantry::engine
