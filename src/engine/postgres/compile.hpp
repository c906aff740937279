#pragma once
/// Plans as segments, and the answers as replies.

#include "engine/executor.hpp"
#include "pg/pipeline.hpp"
#include "query/rows.hpp"
#include "query/sql.hpp"

#include <chrono>
#include <span>
#include <vector>

namespace tenantry::engine::postgres {

/// Plans of one tenant as one segment: first the tenant is entered, then each plan's statements
/// run. Everything is in one implicit transaction, which ends the tenant as well.
class CompiledPlans {
public:
    /// At least one plan, all of one tenant. `timeout` limits each statement; zero: no limit.
    explicit CompiledPlans(std::vector<query::ScopedPlan> plans);

    const TenantId& tenant() const noexcept { return plans_.front().tenant(); }
    const std::vector<query::ScopedPlan>& plans() const noexcept { return plans_; }
    /// `timeout` limits each statement; zero: no limit.
    pg::Segment segment(std::chrono::milliseconds timeout) const;
    /// Whether it writes what the database numbers in the tenant's order, one transaction at a
    /// time.
    bool are_recorded() const noexcept;
    /// What the segment confirms, if it is done; nullptr: there is nothing to be confirmed.
    Premise* premise() const noexcept;
    /// Whether the answers are for this tenant, as the server itself says.
    bool are_own(std::span<const pg::Answer> answers) const noexcept;
    /// Of a segment that was committed. Throws: Fault, if the answers aren't this tenant's, or not
    /// of the form that the schema has.
    std::vector<query::Reply> replies(std::span<const pg::Answer> answers) const;
    /// What the server refused the call of that index for. Throws: Fault, if it is none of the
    /// request's doing.
    Error error_of(const pg::Failure& failure, std::size_t call) const;

private:
    bool calls_function() const noexcept;
    std::size_t calls_of(std::size_t plan) const noexcept;
    std::vector<query::ScopedPlan> plans_;
    std::vector<query::Printed> printed_;
};

/// The SQLSTATE with which tenantry.standing_changed refuses a segment.
inline constexpr std::string_view standing_changed_sqlstate = "TY403";

/// What the server refused a segment for: at `request`, or before it was reached.
/// Throws: Fault, if it is none of the request's doing.
Error outcome_of(const pg::Failure& failure, const query::Request& request);

}  // namespace tenantry::engine::postgres
