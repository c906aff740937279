#include "row_operations.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>
#include <numeric>

namespace tenantry::services {

using Manager = UnifiedDatabaseManager;
using query::Read;
using query::RowSet;

namespace {

using std::chrono::days;
using std::chrono::sys_days;

const schema::Relation& tally(std::string_view name) { return built_in(name); }

days length_of(Timeframe timeframe) {
    switch (timeframe) {
    case Timeframe::day: return days{1};
    case Timeframe::week: return days{7};
    case Timeframe::month: return days{30};
    }
    std::abort();
}

Read whole(const schema::Relation& relation) {
    return {.relation = &relation, .projection = query::all_columns(relation)};
}

Read days_since(sys_days first, sys_days last) {
    const auto& relation = tally("lead_days");
    const auto& day = relation.column("day");
    auto read = whole(relation);
    read.filter = query::Filter{query::Group{
        query::Group::Kind::all,
        {query::Filter{query::Predicate{
             &day, query::Operator::gte, {std::int64_t{first.time_since_epoch().count()}}}},
         query::Filter{query::Predicate{
             &day, query::Operator::lte, {std::int64_t{last.time_since_epoch().count()}}}}}}};
    return read;
}

Read largest_sources() {
    auto read = whole(tally("lead_sources"));
    read.order = {{&read.relation->column("n"), true, true}, {&read.relation->column("source")}};
    read.limit = static_cast<std::uint32_t>(DashboardMetrics::sources_max);
    return read;
}

Read newest_events() {
    auto read = whole(built_in("events"));
    read.order = {{&read.relation->column("timestamp"), true, true}};
    read.limit = DashboardMetrics::activity_max;
    return read;
}

std::int64_t integer_at(const RowSet& rows, std::size_t row, std::string_view column) {
    return std::get<std::int64_t>(rows.value(row, column));
}

/// The counts of `rows` by status, with zeros, in the order of the enumeration.
std::vector<Tally> by_status(const RowSet& rows, const schema::Relation& relation) {
    std::vector<Tally> tallies;
    for (const auto& status : relation.column("status").options().allowed)
        tallies.push_back({status});
    for (std::size_t row = 0; row < rows.row_count(); ++row) {
        const auto status = schema::to_text(rows.value(row, "status"));
        const auto found = std::ranges::find(tallies, status, &Tally::name);
        if (found != tallies.end()) found->count = integer_at(rows, row, "n");
    }
    return tallies;
}

std::int64_t count_of(const std::vector<Tally>& tallies, std::string_view name) {
    const auto found = std::ranges::find(tallies, name, &Tally::name);
    return found == tallies.end() ? 0 : found->count;
}

/// Each stage holds the leads that are there or further.
std::vector<Tally> funnel_of(const std::vector<Tally>& statuses) {
    constexpr std::array stages{"new", "contacted", "qualified", "converted"};
    std::vector<Tally> funnel;
    std::int64_t further = 0;
    for (auto stage = stages.rbegin(); stage != stages.rend(); ++stage) {
        further += count_of(statuses, *stage);
        funnel.push_back({*stage, further});
    }
    std::ranges::reverse(funnel);
    return funnel;
}

void fill_sources(DashboardMetrics& metrics, const RowSet& rows) {
    std::int64_t listed = 0;
    for (std::size_t row = 0; row < rows.row_count(); ++row) {
        const auto source = schema::to_text(rows.value(row, "source"));
        const auto count = integer_at(rows, row, "n");
        metrics.leads_by_source.push_back(
            {source.empty() ? std::nullopt : std::optional{source}, count});
        listed += count;
    }
    metrics.other_sources = metrics.total_leads - listed;
}

void fill_days(DashboardMetrics& metrics, const RowSet& rows, sys_days first, sys_days last) {
    for (auto day = first; day <= last; day += days{1}) metrics.daily_trend.push_back({day});
    for (std::size_t row = 0; row < rows.row_count(); ++row) {
        const sys_days day{days{integer_at(rows, row, "day")}};
        auto& entry = metrics.daily_trend[static_cast<std::size_t>((day - first).count())];
        entry.created = integer_at(rows, row, "created");
        entry.converted = integer_at(rows, row, "converted");
        metrics.new_leads += entry.created;
    }
}

void fill_leads(DashboardMetrics& metrics, const RowSet& rows) {
    metrics.leads_by_status = by_status(rows, built_in("leads"));
    const auto& statuses = metrics.leads_by_status;
    for (const auto& status : statuses) metrics.total_leads += status.count;
    metrics.active_leads = count_of(statuses, "new") + count_of(statuses, "contacted") +
                           count_of(statuses, "qualified");
    const auto converted = count_of(statuses, "converted");
    if (metrics.total_leads > 0) {
        metrics.conversion_rate =
            (20'000 * converted + metrics.total_leads) / (2 * metrics.total_leads);
    }
    metrics.funnel = funnel_of(statuses);
}

}  // namespace

Result<Timeframe> parse_timeframe(std::string_view text) {
    if (text == "day") return Timeframe::day;
    if (text == "week") return Timeframe::week;
    if (text == "month") return Timeframe::month;
    return fail(Errc::bad_value, "timeframe is not one of day, week, month", "timeframe");
}

std::string_view name_of(Timeframe timeframe) noexcept {
    switch (timeframe) {
    case Timeframe::day: return "day";
    case Timeframe::week: return "week";
    case Timeframe::month: return "month";
    }
    std::abort();
}

auto Manager::get_dashboard_metrics(TenantScope scope, Timeframe timeframe, Deadline deadline)
    -> Answer<DashboardMetrics> {
    const auto today = std::chrono::floor<days>(clock_.now());
    const auto first = today - length_of(timeframe) + days{1};
    std::vector<query::ScopedPlan> plans;
    for (auto& read :
         std::array{whole(tally("lead_counts")), largest_sources(), days_since(first, today),
                    whole(tally("approval_counts")), newest_events()}) {
        auto plan = scoped(read, {}, scope);
        if (!plan) co_return plan.error();
        plans.push_back(std::move(*plan));
    }
    auto replies = co_await executor_.read_all(std::move(plans), deadline);
    if (!replies) co_return replies.error();

    DashboardMetrics metrics{.timeframe = timeframe};
    fill_leads(metrics, (*replies)[0].rows);
    fill_sources(metrics, (*replies)[1].rows);
    fill_days(metrics, (*replies)[2].rows, first, today);
    metrics.pending_approvals =
        count_of(by_status((*replies)[3].rows, built_in("approvals")), "pending");
    metrics.recent_activity = std::move((*replies)[4].rows);
    co_return metrics;
}

}  // namespace tenantry::services
