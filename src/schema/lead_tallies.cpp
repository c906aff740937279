#include "lead_tallies.hpp"

#include "columns.hpp"

namespace tenantry::schema {

void add_lead_tallies(Catalog& catalog) {
    using columns::count;
    using columns::required_text;
    using columns::tenant_id;
    // What leads have no source is counted under the empty text.
    const Column source{"source", ColumnType::text, Column::Options{.nullable = false}};

    catalog.add_tally("lead_counts", {tenant_id(), required_text("status"), count("n")}, 1);
    catalog.add_tally("lead_sources", {tenant_id(), source, count("n")}, 1);
    // By the day on which the leads were created, in days since 1970 in UTC; `converted` of them
    // are converted now.
    catalog.add_tally("lead_days",
                      {tenant_id(), count("day"), count("created"), count("converted")}, 1);
    // `active` leads are new, contacted or qualified.
    catalog.add_tally("agent_leads",
                      {tenant_id(),
                       {"agent", ColumnType::uuid, Column::Options{.nullable = false}},
                       count("assigned"),
                       count("active"),
                       count("converted")},
                      1);
    catalog.add_tally("approval_counts", {tenant_id(), required_text("status"), count("n")}, 1);
    // Of every relation but leads.
    catalog.add_tally("row_counts", {tenant_id(), required_text("relation"), count("n")}, 1);
}

}  // namespace tenantry::schema
