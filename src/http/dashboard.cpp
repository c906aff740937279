#include "base/text.hpp"
#include "query/render.hpp"
#include "row_handlers.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <iterator>

namespace tenantry::http::dashboard {
namespace {

using services::DashboardMetrics;

std::string date_of(std::chrono::sys_days day) {
    const std::chrono::year_month_day date{day};
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

void append_statuses(std::string& out, const DashboardMetrics& metrics) {
    out += R"(,"leadsByStatus":{)";
    const char* separator = "";
    for (const auto& [name, count] : metrics.leads_by_status) {
        fmt::format_to(std::back_inserter(out), R"({}"{}":{})", separator, name, count);
        separator = ",";
    }
    out += R"(},"funnel":[)";
    separator = "";
    for (const auto& [name, count] : metrics.funnel) {
        fmt::format_to(std::back_inserter(out), R"({}{{"stage":"{}","count":{}}})", separator, name,
                       count);
        separator = ",";
    }
    out += ']';
}

void append_sources(std::string& out, const DashboardMetrics& metrics) {
    out += R"(,"leadsBySource":[)";
    const char* separator = "";
    for (const auto& [source, count] : metrics.leads_by_source) {
        out += separator;
        out += R"({"source":)";
        if (source) {
            append_json_string(out, *source);
        } else {
            out += "null";
        }
        fmt::format_to(std::back_inserter(out), R"(,"count":{}}})", count);
        separator = ",";
    }
    fmt::format_to(std::back_inserter(out), R"(],"otherSources":{})", metrics.other_sources);
}

void append_trend(std::string& out, const DashboardMetrics& metrics) {
    out += R"(,"dailyTrend":[)";
    const char* separator = "";
    for (const auto& [day, created, converted] : metrics.daily_trend) {
        fmt::format_to(std::back_inserter(out), R"({}{{"date":"{}","created":{},"converted":{}}})",
                       separator, date_of(day), created, converted);
        separator = ",";
    }
    out += ']';
}

}  // namespace

Answer metrics(const Call& call) {
    const auto timeframe = parse_timeframe(call.target);
    if (!timeframe) co_return timeframe.error();
    const auto metrics =
        co_await call.app.manager.get_dashboard_metrics(call.scope, *timeframe, call.deadline);
    if (!metrics) co_return metrics.error();
    Response response;
    auto& out = response.body;
    fmt::format_to(
        std::back_inserter(out),
        R"({{"timeframe":"{}","totalLeads":{},"newLeads":{},"activeLeads":{},"pendingApprovals":{},"conversionRate":)",
        name_of(metrics->timeframe), metrics->total_leads, metrics->new_leads,
        metrics->active_leads, metrics->pending_approvals);
    append_decimal(out, {metrics->conversion_rate, 2});
    append_statuses(out, *metrics);
    append_sources(out, *metrics);
    append_trend(out, *metrics);
    out += R"(,"recentActivity":)";
    query::append_json_rows(out, metrics->recent_activity);
    out += '}';
    co_return response;
}

}  // namespace tenantry::http::dashboard
