#include "manager_fixture.hpp"

#include <fmt/format.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>

namespace tenantry::services {
namespace {

/// A lead as the naive recount sees it.
struct Known {
    std::string status = "new";
    std::optional<std::string> source;
    std::optional<AgentId> agent;
};

class DashboardTest : public ManagerFixture {
protected:
    DashboardMetrics metrics(const TenantScope& scope, Timeframe timeframe = Timeframe::week) {
        return wait(manager_.get_dashboard_metrics(scope, timeframe, deadline)).value();
    }
    static std::map<std::string, std::int64_t> map_of(const std::vector<Tally>& tallies) {
        std::map<std::string, std::int64_t> out;
        for (const auto& [name, count] : tallies) out[name] = count;
        return out;
    }
};

TEST_F(DashboardTest, OfAnEmptyTenantIsAllZeros) {
    const auto empty = metrics(scope_, Timeframe::month);
    EXPECT_EQ(empty.total_leads, 0);
    EXPECT_EQ(empty.conversion_rate, 0);
    EXPECT_EQ(empty.daily_trend.size(), 30U);
    EXPECT_TRUE(empty.leads_by_source.empty());
    EXPECT_EQ(empty.leads_by_status.size(), 5U);
    EXPECT_EQ(empty.recent_activity.row_count(), 0U);
}

TEST_F(DashboardTest, CountsOneTenantAlone) {
    add_lead(R"({"first_name":"A","status":"converted","source":"web"})");
    add_lead(R"({"first_name":"B","status":"qualified","source":"web"})");
    add_lead(R"({"first_name":"C"})");
    add_lead(R"({"first_name":"D","status":"closed"})", other_);
    const auto own = metrics(scope_);
    EXPECT_EQ(own.total_leads, 3);
    EXPECT_EQ(own.new_leads, 3);
    EXPECT_EQ(own.active_leads, 2);
    EXPECT_EQ(own.conversion_rate, 3333);
    EXPECT_EQ(map_of(own.funnel),
              (std::map<std::string, std::int64_t>{
                  {"new", 3}, {"contacted", 2}, {"qualified", 2}, {"converted", 1}}));
    ASSERT_EQ(own.leads_by_source.size(), 2U);
    EXPECT_EQ(own.leads_by_source[0].source, "web");
    EXPECT_EQ(own.leads_by_source[1].source, std::nullopt);
    EXPECT_EQ(own.daily_trend.back().created, 3);
    EXPECT_EQ(own.daily_trend.back().converted, 1);
    EXPECT_EQ(metrics(other_).total_leads, 1);
}

TEST_F(DashboardTest, SourcesBeyondTheLargestAreCountedTogether) {
    for (int i = 0; i < 25; ++i)
        add_lead(fmt::format(R"({{"first_name":"A","source":"source {}"}})", i));
    const auto own = metrics(scope_);
    EXPECT_EQ(own.leads_by_source.size(), DashboardMetrics::sources_max);
    EXPECT_EQ(own.other_sources, 5);
}

/// Random histories, then everything counted again from what is known.
TEST_F(DashboardTest, EqualsARecountAfterRandomHistories) {
    constexpr std::array statuses{"new", "contacted", "qualified", "converted", "closed"};
    constexpr std::array sources{"web", "referral", ""};
    std::vector<AgentId> agents;
    for (const auto* name : {"g1", "g2"}) {
        const auto body = fmt::format(R"({{"name":"{0}","email":"{0}@example.com"}})", name);
        agents.push_back(id_of<AgentId>(
            wait(manager_.create_agent(fields<NewAgent>(body), scope_, deadline)).value()));
    }
    const auto property = [&] {
        std::vector<std::pair<LeadId, Known>> leads;
        const auto steps = *rc::gen::inRange(5, 40);
        for (int step = 0; step < steps; ++step) {
            Known known{.status = statuses[*rc::gen::inRange<std::size_t>(0, 5)]};
            const std::string source = sources[*rc::gen::inRange<std::size_t>(0, 3)];
            if (!source.empty()) known.source = source;
            const auto agent = *rc::gen::inRange<std::size_t>(0, 3);
            if (agent < 2) known.agent = agents[agent];
            const auto body =
                fmt::format(R"({{"first_name":"A","status":"{}","source":{},"assigned_agent":{}}})",
                            known.status, known.source ? '"' + *known.source + '"' : "null",
                            known.agent ? '"' + known.agent->text() + '"' : "null");
            const auto what = leads.empty() ? 0 : *rc::gen::inRange(0, 4);
            if (what < 2) {
                leads.emplace_back(add_lead(body), known);
                continue;
            }
            const auto at = *rc::gen::inRange<std::size_t>(0, leads.size());
            if (what == 2) {
                wait(manager_.update_lead(leads[at].first, fields<LeadChanges>(body), scope_,
                                          deadline))
                    .value();
                leads[at].second = known;
            } else {
                wait(manager_.delete_lead(leads[at].first, scope_, deadline)).value();
                leads.erase(leads.begin() + static_cast<std::ptrdiff_t>(at));
            }
        }
        std::map<std::string, std::int64_t> by_status{
            {"new", 0}, {"contacted", 0}, {"qualified", 0}, {"converted", 0}, {"closed", 0}};
        std::map<std::optional<std::string>, std::int64_t> by_source;
        for (const auto& [id, known] : leads) {
            ++by_status[known.status];
            ++by_source[known.source];
        }
        const auto found = metrics(scope_);
        RC_ASSERT(found.total_leads == static_cast<std::int64_t>(leads.size()));
        RC_ASSERT(map_of(found.leads_by_status) == by_status);
        std::map<std::optional<std::string>, std::int64_t> found_sources;
        for (const auto& [source, count] : found.leads_by_source) found_sources[source] = count;
        RC_ASSERT(found_sources == by_source);
        RC_ASSERT(found.daily_trend.back().converted == by_status["converted"]);
        for (const auto& agent : agents) {
            std::int64_t assigned = 0;
            std::int64_t active = 0;
            std::int64_t converted = 0;
            for (const auto& [id, known] : leads) {
                if (known.agent != agent) continue;
                ++assigned;
                active += known.status != "converted" && known.status != "closed" ? 1 : 0;
                converted += known.status == "converted" ? 1 : 0;
            }
            const auto row = wait(manager_.get_agent(agent, scope_, deadline)).value();
            RC_ASSERT(std::get<std::int64_t>(row.value(0, "active_leads")) == active);
            const auto rate = assigned == 0 ? 0 : (20'000 * converted + assigned) / (2 * assigned);
            RC_ASSERT(std::get<Decimal>(row.value(0, "conversion_rate")).unscaled == rate);
        }
        for (const auto& [id, known] : leads)
            wait(manager_.delete_lead(id, scope_, deadline)).value();
    };
    EXPECT_TRUE(rc::check(property));
}

}  // namespace
}  // namespace tenantry::services
