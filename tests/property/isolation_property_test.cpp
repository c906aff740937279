/// Any plan, run as A, answers and changes as if A were alone.
///
/// Two databases hold the same rows of tenant A; one holds rows of B as well, made to clash in ids,
/// addresses and values. Each generated request runs as A in both: the answers must be equal to the
/// byte, refusals included, and B's rows must stand. The databases live on from request to request,
/// so that histories are covered and not only single steps.

#include "engine/any_database.hpp"
#include "query/render.hpp"
#include "support/generators.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tenantry {
namespace {

using engine::testing::AnyDatabase;
using engine::testing::EngineKind;
using schema::Value;

const schema::Catalog& catalog() { return schema::lead_catalog(); }

/// The n-th id of a fixed sequence.
Uuid id_at(std::uint64_t n) {
    Uuid id{};
    for (int i = 0; i < 8; ++i) id.data[15 - i] = static_cast<std::uint8_t>(n >> (8 * i));
    id.data[6] = 0x70;
    id.data[8] = 0x80;
    return id;
}

Value text(std::string value) { return schema::Text{std::move(value)}; }

/// A database in which time stands still and ids count up, so that two of them stay comparable.
class World {
public:
    explicit World(EngineKind kind) : database_{kind} {}

    std::string run(const query::Request& request, const TenantScope& scope) {
        const query::Stamp stamp{Timestamp{std::chrono::seconds{1'800'000'000}},
                                 [this] { return id_at(1'000'000 + next_id_++); }};
        auto planned = query::plan(request, stamp);
        if (!planned) return "unplanned: " + planned.error().message;
        auto scoped = query::scope_plan(std::move(*planned), scope);
        if (!scoped) return "unscoped: " + scoped.error().message;
        const auto reply = engine::testing::wait_for(
            database_.engine().run(std::move(*scoped), engine::testing::no_deadline));
        if (!reply)
            return fmt::format("{}: {} ({})", code_of(reply.error().code), reply.error().message,
                               reply.error().field);
        std::string out;
        query::append_json_rows(out, reply->rows);
        return fmt::format("{} total {} more {} affected {}", out, reply->total.value_or(-1),
                           reply->has_more, reply->affected);
    }

    TenantScope scope(std::string_view tenant) { return database_.scope(tenant); }

    std::string everything_of(const TenantScope& scope) {
        std::string out;
        for (const auto& relation : catalog().relations()) {
            query::Read read{.relation = relation.get(),
                             .projection = query::all_columns(*relation),
                             .order = {{&relation->id()}},
                             .count = true};
            out += run(read, scope) + '\n';
        }
        return out;
    }

    void populate(const TenantScope& scope) {
        const auto& agents = catalog().relation("agents");
        const auto& leads = catalog().relation("leads");
        const auto& events = catalog().relation("events");
        for (std::uint64_t i = 0; i < 4; ++i) {
            insert(agents,
                   {{"id", id_at(i)},
                    {"name", text(fmt::format("agent {}", i))},
                    {"email", text(fmt::format("a{}@example.com", i))}},
                   scope);
        }
        for (std::uint64_t i = 0; i < 12; ++i) {
            insert(leads,
                   {{"id", id_at(i)},
                    {"first_name", text(i % 2 == 0 ? "Ann" : "Bob")},
                    {"email", text(fmt::format("l{}@example.com", i))},
                    {"city", i % 3 == 0 ? Value{schema::Null{}} : text("Oslo")},
                    {"assigned_agent", id_at(i % 4)}},
                   scope);
            insert(events,
                   {{"id", id_at(i)},
                    {"lead_id", id_at(i)},
                    {"agent_id", id_at(i % 4)},
                    {"type", text(i % 2 == 0 ? "call" : "note")}},
                   scope);
        }
    }

private:
    void insert(const schema::Relation& relation,
                const std::vector<std::pair<std::string, Value>>& row, const TenantScope& scope) {
        query::Insert insert{.relation = &relation, .rows = {{}}};
        for (const auto& [name, value] : row) {
            insert.columns.push_back(&relation.column(name));
            insert.rows.front().push_back(value);
        }
        run(insert, scope);
    }

    AnyDatabase database_;
    std::uint64_t next_id_ = 0;
};

/// Values that the rows above have, so that filters hit and keys clash.
std::map<const schema::Column*, std::vector<Value>> pool() {
    std::map<const schema::Column*, std::vector<Value>> pool;
    for (const auto& relation : catalog().relations()) {
        for (const auto& column : relation->columns()) {
            auto& values = pool[&column];
            if (column.name() == "tenant_id")
                values = {text("tenant-a"), text("tenant-b"), text("tenant-c")};
            if (column.type() == schema::ColumnType::uuid) {
                for (std::uint64_t i = 0; i < 14; ++i) values.emplace_back(id_at(i));
            }
            if (column.name() == "email") {
                for (int i = 0; i < 14; ++i)
                    values.push_back(text(fmt::format(
                        "{}{}@example.com", relation->name() == "agents" ? 'a' : 'l', i)));
            }
            if (column.name() == "first_name") values = {text("Ann"), text("Bob")};
            if (column.name() == "city") values = {text("Oslo")};
            if (column.name() == "type") values = {text("call"), text("note")};
            if (values.empty()) pool.erase(&column);
        }
    }
    return pool;
}

/// Requests whose every value comes from the generator, so that two worlds can be compared.
support::RequestGenerator requests() {
    return support::RequestGenerator{{.catalog = &catalog(),
                                      .pool = pool(),
                                      .named_tenants = {"tenant-a", "tenant-b"},
                                      .paging = true}};
}

class IsolationProperty : public testing::TestWithParam<EngineKind> {};

TEST_P(IsolationProperty, AnyPlanOfOneTenantRunsAsIfTheOtherHadNoRows) {
    World alone{GetParam()};
    World beside{GetParam()};
    const auto scope_alone = alone.scope("tenant-a");
    const auto scope_beside = beside.scope("tenant-a");
    const auto other = beside.scope("tenant-b");
    alone.scope("tenant-b");
    alone.populate(scope_alone);
    beside.populate(other);
    beside.populate(scope_beside);
    const auto others_rows = beside.everything_of(other);
    const auto generator = requests();
    int changed = 0;
    EXPECT_TRUE(rc::check([&] {
        const auto request = *generator.request();
        // Deletes of everything would leave nothing to look at.
        if (alone.everything_of(scope_alone).size() < 3000) {
            alone.populate(scope_alone);
            beside.populate(scope_beside);
        }
        const auto before = alone.everything_of(scope_alone);
        RC_ASSERT(alone.run(request, scope_alone) == beside.run(request, scope_beside));
        const auto after = alone.everything_of(scope_alone);
        RC_ASSERT(after == beside.everything_of(scope_beside));
        RC_ASSERT(beside.everything_of(other) == others_rows);
        changed += before == after ? 0 : 1;
    }));
    EXPECT_GT(changed, 10) << "the generated writes hit too little to prove anything";
}

INSTANTIATE_TEST_SUITE_P(Engines, IsolationProperty,
                         testing::ValuesIn(engine::testing::all_engines),
                         [](const auto& of) { return engine::testing::name_of(of.param); });

/// A row that breaks two keys at once is refused for either of them.
std::string without_key(std::string answer) {
    constexpr std::string_view refusal = "unique_violation";
    return answer.starts_with(refusal) ? std::string{refusal} : answer;
}

/// The clients' view of it: which engine keeps the rows can't be told from any answer.
TEST(EngineEquivalence, AnyPlanIsAnsweredAlikeByEveryEngine) {
    World sqlite{EngineKind::sqlite};
    World postgres{EngineKind::postgres};
    const auto in_sqlite = sqlite.scope("tenant-a");
    const auto in_postgres = postgres.scope("tenant-a");
    const auto generator = requests();
    EXPECT_TRUE(rc::check([&] {
        const auto request = *generator.request();
        if (sqlite.everything_of(in_sqlite).size() < 3000) {
            sqlite.populate(in_sqlite);
            postgres.populate(in_postgres);
        }
        RC_ASSERT(without_key(sqlite.run(request, in_sqlite)) ==
                  without_key(postgres.run(request, in_postgres)));
        RC_ASSERT(sqlite.everything_of(in_sqlite) == postgres.everything_of(in_postgres));
    }));
}

}  // namespace
}  // namespace tenantry
