// Ten tenants are written to by clients of the API, by imports and, on PostgreSQL, by other clients
// of the database with transactions that last and that are taken back, while the servers are killed
// ten times. Each tenant has a reader that goes from server to server and leaves in the middle of
// answers. Afterwards:
//
// - what each reader got is numbered 1, 2, 3, … and is, change for change, what is recorded;
// - each write that was acknowledged is recorded once, each that was refused or taken back never,
//   and each whose server died under it once or never;
// - no change is of another tenant.

#include "world.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <map>
#include <random>
#include <thread>

namespace tenantry::history {
namespace {

namespace json = boost::json;
using engine::testing::EngineKind;

constexpr std::int64_t changes_min = 200'000;
constexpr int kills = 10;
constexpr int import_rows = 500;

std::size_t chance(std::size_t below) {
    thread_local std::minstd_rand engine{std::random_device{}()};
    return std::uniform_int_distribution<std::size_t>{0, below - 1}(engine);
}

/// What a writer did, by the mark that each of its writes bears.
struct Writes {
    std::map<std::string, int> made;   // acknowledged: recorded so many times
    std::map<std::string, int> maybe;  // recorded so many times at the most
};

/// What is told of a change.
struct Told {
    std::int64_t seq;
    std::string mark;
    std::string text;
};

class HistoryTest : public ::testing::TestWithParam<EngineKind> {
protected:
    HistoryTest() {
        for (int i = 0; i < 10; ++i) tenants_.push_back(fmt::format("tenant-{}", i));
        world_.emplace(GetParam(), on_postgres() ? 2 : 1, tenants_);
    }
    static bool on_postgres() { return GetParam() != EngineKind::sqlite; }

    std::size_t any_server() const { return chance(world_->servers()); }

    void settle(Writes& writes, const std::string& mark, const Outcome& outcome, int status,
                int times = 1) {
        if (outcome && outcome->status == status) {
            writes.made[mark] = times;
        } else if (!outcome || outcome->status >= 500) {
            writes.maybe[mark] = times;
        }
    }

    void write(const std::string& tenant, Writes& writes) {
        std::string lead;
        for (int i = 0; !done_; ++i) {
            const auto mark = fmt::format("{} api {}", tenant, i);
            switch (chance(4)) {
            case 0: import(tenant, mark, writes); break;
            case 1: {
                if (lead.empty()) break;
                const auto body = fmt::format(R"({{"first_name":"{}"}})", mark);
                settle(writes, mark,
                       world_->ask(any_server(), tenant, "PATCH", "/api/leads/" + lead, body), 200);
                break;
            }
            default: {
                const auto body = fmt::format(R"({{"first_name":"{}"}})", mark);
                const auto made = world_->ask(any_server(), tenant, "POST", "/api/leads", body);
                settle(writes, mark, made, 201);
                if (made && made->status == 201)
                    lead = json::parse(made->body).at("id").as_string().c_str();
            }
            }
        }
    }

    void import(const std::string& tenant, const std::string& mark, Writes& writes) {
        // Rows alike would be one.
        std::string file = "first_name,last_name\n";
        for (int row = 0; row < import_rows; ++row) file += fmt::format("{},{}\n", mark, row);
        const auto outcome =
            world_->ask(any_server(), tenant, "POST", "/api/leads/import", file, "text/csv");
        settle(writes, mark, outcome, 200, import_rows);
    }

    /// Another client of the database: some rows, a while, and then for good or not.
    void write_beside(const std::string& tenant, std::size_t who, Writes& writes) {
        pg::Client client{{.url = world_->url()}};
        for (int i = 0; !done_; ++i) {
            const auto mark = fmt::format("{} beside {} {}", tenant, who, i);
            pg::Transaction transaction{client};
            client.script(fmt::format(
                "SELECT set_config('app.tenant_id', '{0}', true); INSERT INTO leads (tenant_id, "
                "first_name) SELECT '{0}', '{1}' FROM generate_series(1, 10)",
                tenant, mark));
            std::this_thread::sleep_for(std::chrono::milliseconds{chance(30)});
            if (chance(3) == 0) continue;
            transaction.commit();
            writes.made[mark] = 10;
        }
    }

    static void append(std::vector<Told>& out, const json::value& page) {
        for (const auto& change : page.at("changes").as_array()) {
            const auto& row = change.at(change.at("row").is_null() ? "old" : "row");
            out.push_back({change.at("seq").as_int64(), row.at("first_name").as_string().c_str(),
                           json::serialize(change)});
        }
    }

    /// Reads until it has all that there will be.
    void read(const std::string& tenant, std::vector<Told>& told) {
        std::string since = "0";
        while (true) {
            const bool last = written_;
            const auto target = fmt::format("/api/sync?since={}&limit=500&wait=1", since);
            if (chance(20) == 0) world_->ask_and_leave(any_server(), tenant, target);
            const auto answer = world_->ask(any_server(), tenant, "GET", target);
            if (!answer || answer->status >= 500) continue;
            ASSERT_EQ(answer->status, 200) << answer->body;
            const auto page = json::parse(answer->body);
            const auto before = told.size();
            append(told, page);
            since = page.at("next").as_string().c_str();
            total_ += static_cast<std::int64_t>(told.size() - before);
            if (last && told.size() == before && !page.at("has_more").as_bool()) return;
        }
    }

    std::vector<Told> record(const std::string& tenant) {
        std::vector<Told> all;
        std::string since = "0";
        for (bool more = true; more;) {
            const auto answer =
                world_->ask(0, tenant, "GET", fmt::format("/api/sync?since={}&limit=1000", since));
            const auto page = json::parse(answer.value().body);
            append(all, page);
            since = page.at("next").as_string().c_str();
            more = page.at("has_more").as_bool();
        }
        return all;
    }

    void run();
    void compare(const std::string& tenant, const std::vector<Told>& told);

    std::vector<std::string> tenants_;
    std::optional<World> world_;
    std::atomic<bool> done_ = false;     // nothing more is begun
    std::atomic<bool> written_ = false;  // nothing more is recorded
    std::atomic<std::int64_t> total_ = 0;
    std::map<std::string, std::vector<Writes>> writes_;
    std::map<std::string, std::vector<Told>> told_;
};

INSTANTIATE_TEST_SUITE_P(All, HistoryTest,
                         ::testing::Values(EngineKind::sqlite, EngineKind::postgres),
                         [](const auto& each) { return name_of(each.param); });

void HistoryTest::run() {
    for (const auto& tenant : tenants_) {
        writes_[tenant].resize(3);
        told_[tenant];
    }
    std::vector<std::thread> readers;
    std::vector<std::thread> writers;
    for (const auto& tenant : tenants_) {
        auto& writes = writes_.at(tenant);
        readers.emplace_back([&, this] { read(tenant, told_.at(tenant)); });
        writers.emplace_back([&, this] { write(tenant, writes[0]); });
        if (!on_postgres()) continue;
        for (const auto beside : {std::size_t{1}, std::size_t{2}})
            writers.emplace_back(
                [this, beside, &tenant, &writes] { write_beside(tenant, beside, writes[beside]); });
    }
    for (int kill = 1; kill <= kills; ++kill) {
        while (total_ < changes_min * kill / (kills + 1))
            std::this_thread::sleep_for(std::chrono::milliseconds{5});
        world_->kill(any_server());
    }
    while (total_ < changes_min) std::this_thread::sleep_for(std::chrono::milliseconds{5});
    done_ = true;
    for (auto& writer : writers) writer.join();
    written_ = true;
    for (auto& reader : readers) reader.join();
}

void HistoryTest::compare(const std::string& tenant, const std::vector<Told>& told) {
    const auto recorded = record(tenant);
    ASSERT_EQ(told.size(), recorded.size()) << tenant;
    std::map<std::string, int> times;
    for (std::size_t i = 0; i < told.size(); ++i) {
        ASSERT_EQ(told[i].seq, static_cast<std::int64_t>(i) + 1) << tenant;
        ASSERT_EQ(told[i].text, recorded[i].text) << tenant;
        ASSERT_TRUE(told[i].mark.starts_with(tenant)) << "a stranger: " << told[i].text;
        ++times[told[i].mark];
    }
    for (const auto& writes : writes_.at(tenant)) {
        for (const auto& [mark, made] : writes.made) {
            ASSERT_EQ(times[mark], made) << mark;
            times.erase(mark);
        }
        for (const auto& [mark, most] : writes.maybe) {
            ASSERT_LE(times[mark], most) << mark;
            times.erase(mark);
        }
    }
    for (const auto& [mark, n] : times) EXPECT_EQ(n, 0) << "nobody wrote " << mark;
}

TEST_P(HistoryTest, EveryReaderGetsTheHistory) {
    run();
    for (const auto& tenant : tenants_) compare(tenant, told_.at(tenant));
    EXPECT_GE(total_, changes_min);
}

}  // namespace
}  // namespace tenantry::history
