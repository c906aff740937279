#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "dataset.hpp"

namespace tenantry::bench {

/// What is wrong with an answer, in words; nothing if it is right.
using Checked = std::expected<void, std::string>;

/// Every lead of the benchmark carries `"marker":"tenant=<tenant>"` in its metadata and nothing
/// else that contains "tenant=", so a row of another tenant shows in any body it slips into.
///
/// The checks search the text for compact JSON members instead of parsing it: they run between two
/// requests, and must cost little beside the server's work.

/// The lead that was asked for, or written.
struct ExpectedLead {
    std::string_view tenant;
    std::optional<std::string_view> id;  // nullopt: a new one, any UUID will do
    std::string_view email;
    std::optional<std::string_view> status;  // nullopt: it may have changed meanwhile
    std::optional<std::string_view> score;   // as JSON prints it; nullopt: not checked
};

/// `body` is exactly one lead with these values.
Checked check_lead(std::string_view body, const ExpectedLead& expected);

/// A page of one status, newest first.
struct ExpectedPage {
    std::string_view tenant;
    std::string_view status;
    std::int64_t limit;
    Range total;
};

/// `body` is a page of the tenant's leads, all of the status and in order, as many as the limit
/// and the total allow, with a total in range and a cursor if there is more.
Checked check_page(std::string_view body, const ExpectedPage& expected);

/// The same of a server that answers with the rows alone, in an array, and tells the total beside
/// them.
Checked check_rows(std::string_view body, std::optional<std::int64_t> total,
                   const ExpectedPage& expected);
/// The same where nobody asked for the total.
Checked check_rows(std::string_view body, const ExpectedPage& expected);

/// `body` is an array of exactly one lead with these values.
Checked check_only_lead(std::string_view body, const ExpectedLead& expected);

/// Leads, each with so many rows of other relations in it.
struct ExpectedLeads {
    std::string_view tenant;
    std::int64_t leads;
    std::int64_t related_each;
};

/// `body` is an array of as many of the tenant's leads, with as many rows that name a lead.
Checked check_related(std::string_view body, const ExpectedLeads& expected);

/// An approval that was asked for, or approved.
struct ExpectedApproval {
    std::string_view tenant;
    std::optional<std::string_view> id;  // nullopt: a new one, any UUID will do
    std::string_view lead_id;
    bool approved;
};

/// `body` is exactly one approval with these values: pending and of no reviewer, or approved by
/// one.
Checked check_approval(std::string_view body, const ExpectedApproval& expected);

/// An event that was recorded.
struct ExpectedEvent {
    std::string_view tenant;
    std::string_view lead_id;
    std::string_view type;
};

/// `body` is exactly one event with an id and these values.
Checked check_event(std::string_view body, const ExpectedEvent& expected);

/// A tenant's figures.
struct ExpectedDashboard {
    std::string_view tenant;
    std::array<Range, status_count> statuses;
    Range all;
    Range pending;  // approvals
};

/// `body` has the tenant's figures, each in its range, and all of one moment: the leads by status
/// add up to all leads and to the active ones. Every row that it shows is the tenant's own.
Checked check_dashboard(std::string_view body, const ExpectedDashboard& expected);

/// The id of the first row in `body`; empty if there is none.
std::string_view row_id(std::string_view body) noexcept;

}  // namespace tenantry::bench
