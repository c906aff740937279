#pragma once
/// Checked input for one kind of write: a `NewLead` can't be passed for a `NewEvent` or for
/// `LeadChanges`.

#include "query/algebra.hpp"

#include <boost/json/value.hpp>

#include <vector>

namespace tenantry::services {

/// Column values of one row as a client gave them, each checked against its column.
template <class Kind>
class Fields {
public:
    /// Reads an object. Columns that clients may not write (`id`, `created_at`, …) are refused, but
    /// `tenant_id` is let through: the choke point compares it with the scope.
    /// Errors: bad_json (no object), unknown_field, read_only_field, missing_field, bad_value,
    ///         out_of_range, bad_utf8; `field` names the member.
    static Result<Fields> parse(const boost::json::value& json);

    const std::vector<query::Assignment>& assignments() const noexcept { return assignments_; }

private:
    explicit Fields(std::vector<query::Assignment> assignments)
        : assignments_{std::move(assignments)} {}
    std::vector<query::Assignment> assignments_;
};

using NewLead = Fields<struct NewLeadKind>;
/// What PATCH gives: the members present change.
using LeadChanges = Fields<struct LeadChangesKind>;
/// What PUT gives: a whole lead; what is absent becomes its default or null.
using LeadReplacement = Fields<struct LeadReplacementKind>;
using NewAgent = Fields<struct NewAgentKind>;
using AgentChanges = Fields<struct AgentChangesKind>;
using AgentReplacement = Fields<struct AgentReplacementKind>;
using NewEvent = Fields<struct NewEventKind>;

template <>
Result<NewLead> NewLead::parse(const boost::json::value& json);
template <>
Result<LeadChanges> LeadChanges::parse(const boost::json::value& json);
template <>
Result<LeadReplacement> LeadReplacement::parse(const boost::json::value& json);
template <>
Result<NewAgent> NewAgent::parse(const boost::json::value& json);
template <>
Result<AgentChanges> AgentChanges::parse(const boost::json::value& json);
template <>
Result<AgentReplacement> AgentReplacement::parse(const boost::json::value& json);
template <>
Result<NewEvent> NewEvent::parse(const boost::json::value& json);

}  // namespace tenantry::services
