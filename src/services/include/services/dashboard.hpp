#pragma once
/// The figures of a tenant's dashboard.

#include "base/error.hpp"
#include "query/rows.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::services {

/// Whole days in UTC, today being the last: 1, 7 or 30.
enum class Timeframe { day, week, month };
/// Errors: bad_value.
Result<Timeframe> parse_timeframe(std::string_view text);
std::string_view name_of(Timeframe timeframe) noexcept;

struct Tally {
    std::string name;
    std::int64_t count = 0;
};

struct SourceTally {
    std::optional<std::string> source;  // nullopt: leads without one
    std::int64_t count = 0;
};

struct DayTally {
    std::chrono::sys_days day;
    std::int64_t created = 0;
    std::int64_t converted = 0;  // of those created on the day, now
};

/// All of one state of the database.
struct DashboardMetrics {
    static constexpr std::size_t sources_max = 20;
    static constexpr std::uint32_t activity_max = 10;

    Timeframe timeframe = Timeframe::day;
    std::int64_t total_leads = 0;
    std::int64_t new_leads = 0;     // created within the timeframe
    std::int64_t active_leads = 0;  // new, contacted or qualified
    std::int64_t pending_approvals = 0;
    std::int64_t conversion_rate = 0;      // percent of all leads, in hundredths: 1250 is 12.50
    std::vector<Tally> leads_by_status{};  // all statuses in their order
    std::vector<SourceTally> leads_by_source{};  // the sources with most leads
    std::int64_t other_sources = 0;              // leads of all further sources together
    std::vector<Tally>
        funnel{};  // how many leads are at this stage or past it; closed ones are not
    std::vector<DayTally> daily_trend{};  // every day of the timeframe
    query::RowSet recent_activity{};      // the newest events
};

}  // namespace tenantry::services
