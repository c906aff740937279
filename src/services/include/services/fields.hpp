#pragma once
/// Checked input for one kind of write: a `NewLead` can't be passed for a `NewEvent` or for
/// `LeadChanges`.

#include "base/tenant_scope.hpp"
#include "query/algebra.hpp"

#include <boost/json/value.hpp>

#include <string_view>
#include <vector>

namespace tenantry::services {

enum class Write {
    create,
    change,   // PATCH: the members present change
    replace,  // PUT: a whole row; what is absent becomes its default or null
};

/// What `Fields::parse` does, of any relation. Errors: as there.
Result<std::vector<query::Assignment>> parse_fields(const schema::Relation& relation,
                                                    const boost::json::value& json, Write write);
/// What clients may do with a relation's rows, whatever way they come: the weakest role that may
/// write, and whether rows can be changed and deleted once they are there.
struct Writing {
    Role role = Role::operator_;
    bool change = true;
    bool remove = true;
};
Writing writing_of(const schema::Relation& relation);

/// The built-in relation of that name.
const schema::Relation& built_in(std::string_view relation);

/// Column values of one row as a client gave them, each checked against its column. A sealed
/// column's is Json still.
template <class Kind>
class Fields {
public:
    /// Reads an object. Columns that clients may not write (`id`, `created_at`, …) are refused, but
    /// `tenant_id` is let through: the choke point compares it with the scope.
    /// Errors: bad_json (no object), unknown_field, read_only_field, missing_field, bad_value,
    ///         out_of_range, bad_utf8; `field` names the member.
    static Result<Fields> parse(const boost::json::value& json) {
        TENANTRY_TRY(fields, parse_fields(built_in(Kind::relation), json, Kind::write));
        return Fields{std::move(fields)};
    }

    const std::vector<query::Assignment>& assignments() const noexcept { return assignments_; }

private:
    explicit Fields(std::vector<query::Assignment> assignments)
        : assignments_{std::move(assignments)} {}
    std::vector<query::Assignment> assignments_;
};

struct NewLeadKind {
    static constexpr std::string_view relation = "leads";
    static constexpr Write write = Write::create;
};
struct LeadChangesKind {
    static constexpr std::string_view relation = "leads";
    static constexpr Write write = Write::change;
};
struct LeadReplacementKind {
    static constexpr std::string_view relation = "leads";
    static constexpr Write write = Write::replace;
};
struct NewAgentKind {
    static constexpr std::string_view relation = "agents";
    static constexpr Write write = Write::create;
};
struct AgentChangesKind {
    static constexpr std::string_view relation = "agents";
    static constexpr Write write = Write::change;
};
struct AgentReplacementKind {
    static constexpr std::string_view relation = "agents";
    static constexpr Write write = Write::replace;
};
struct NewContactKind {
    static constexpr std::string_view relation = "contacts";
    static constexpr Write write = Write::create;
};
struct ContactChangesKind {
    static constexpr std::string_view relation = "contacts";
    static constexpr Write write = Write::change;
};
struct ContactReplacementKind {
    static constexpr std::string_view relation = "contacts";
    static constexpr Write write = Write::replace;
};
struct NewIcpProfileKind {
    static constexpr std::string_view relation = "icp_profiles";
    static constexpr Write write = Write::create;
};
struct IcpProfileChangesKind {
    static constexpr std::string_view relation = "icp_profiles";
    static constexpr Write write = Write::change;
};
struct IcpProfileReplacementKind {
    static constexpr std::string_view relation = "icp_profiles";
    static constexpr Write write = Write::replace;
};
struct NewIdentityKind {
    static constexpr std::string_view relation = "identities";
    static constexpr Write write = Write::create;
};
struct IdentityChangesKind {
    static constexpr std::string_view relation = "identities";
    static constexpr Write write = Write::change;
};
struct IdentityReplacementKind {
    static constexpr std::string_view relation = "identities";
    static constexpr Write write = Write::replace;
};
struct NewApprovalKind {
    static constexpr std::string_view relation = "approvals";
    static constexpr Write write = Write::create;
};
struct NewEventKind {
    static constexpr std::string_view relation = "events";
    static constexpr Write write = Write::create;
};

using NewLead = Fields<NewLeadKind>;
using LeadChanges = Fields<LeadChangesKind>;
using LeadReplacement = Fields<LeadReplacementKind>;
using NewAgent = Fields<NewAgentKind>;
using AgentChanges = Fields<AgentChangesKind>;
using AgentReplacement = Fields<AgentReplacementKind>;
using NewContact = Fields<NewContactKind>;
using ContactChanges = Fields<ContactChangesKind>;
using ContactReplacement = Fields<ContactReplacementKind>;
using NewIcpProfile = Fields<NewIcpProfileKind>;
using IcpProfileChanges = Fields<IcpProfileChangesKind>;
using IcpProfileReplacement = Fields<IcpProfileReplacementKind>;
using NewIdentity = Fields<NewIdentityKind>;
using IdentityChanges = Fields<IdentityChangesKind>;
using IdentityReplacement = Fields<IdentityReplacementKind>;
using NewApproval = Fields<NewApprovalKind>;
using NewEvent = Fields<NewEventKind>;

}  // namespace tenantry::services
