#include "base/limits.hpp"
#include "row_operations.hpp"
#include "schema/lead_schema.hpp"

namespace tenantry::services {

auto UnifiedDatabaseManager::count_rows(TenantScope scope, Deadline deadline)
    -> Answer<std::int64_t> {
    std::vector<query::ScopedPlan> plans;
    for (const auto* name : {"lead_counts", "row_counts"}) {
        const auto& tally = schema::lead_catalog().relation(name);
        auto plan = scoped(query::Read{.relation = &tally,
                                       .projection = {&tally.column("n")},
                                       .limit = limits::page_rows_max},
                           RowOperations{executor_, clock_}.stamp(), scope);
        if (!plan) co_return plan.error();
        plans.push_back(std::move(*plan));
    }
    const auto replies = co_await executor_.read_all(std::move(plans), deadline);
    if (!replies) co_return replies.error();
    std::int64_t rows = 0;
    for (const auto& reply : *replies) {
        for (std::size_t row = 0; row < reply.rows.row_count(); ++row)
            rows += reply.rows.cell(row, 0).integer;
    }
    co_return rows;
}

}  // namespace tenantry::services
