#pragma once
/// The lead operations by their known names. Every one takes the scope of who asks; there is no
/// overload without.

#include "base/timestamp.hpp"
#include "engine/executor.hpp"
#include "services/approvals.hpp"
#include "services/dashboard.hpp"
#include "services/fields.hpp"
#include "services/idempotency.hpp"
#include "services/page.hpp"
#include "services/sealer.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <vector>

namespace tenantry::services {

/// Equality on each member that is set; `search` is a case-insensitive substring of first and last
/// name, email, phone, property address or city. `sort` is a column, `-` in front for descending.
struct LeadCriteria {
    std::optional<std::string> status{};
    std::optional<std::string> city{};
    std::optional<std::string> source{};
    std::optional<std::string> property_type{};
    std::optional<AgentId> assigned_agent{};
    std::optional<std::string> search{};
    std::string sort = "-created_at";
    PageRequest page{};
};

/// Threads: any. What it is made of must outlive it. Deadlines are those of the request.
///
/// Rows are returned as stored. Errors of all: those of Executor; role_insufficient on writes by a
/// viewer; not_found where one row is meant and the scope's tenant has none of that id, whoever
/// else may have; unique_violation, foreign_key_violation, check_violation on writes.
///
/// `key`: a create that was made under the same key before is answered as it was then, with nothing
/// written; errors also idempotency_key_reused. `version`: the write happens only to that state of
/// the row; errors also precondition_failed.
///
/// Cost: a row by id, a page in the default order and its total touch about as many rows as they
/// return; other orders, and filters but by status, may look at all of the tenant's rows.
class UnifiedDatabaseManager {
public:
    template <class T>
    using Answer = boost::asio::awaitable<Result<T>>;
    using Deadline = engine::Deadline;
    using Once = std::optional<IdempotencyKey>;
    using Expected = std::optional<RowVersion>;

    UnifiedDatabaseManager(engine::Executor& executor, const Clock& clock, Sealer& sealer)
        : executor_{executor}, clock_{clock}, sealer_{sealer} {}

    // Leads. Events, approvals and contacts of a lead go with it.
    Answer<query::RowSet> create_lead(NewLead lead, TenantScope scope, Deadline deadline,
                                      Once key = {});
    Answer<query::RowSet> get_lead(LeadId id, TenantScope scope, Deadline deadline);
    Answer<query::RowSet> update_lead(LeadId id, LeadChanges changes, TenantScope scope,
                                      Deadline deadline, Expected version = {});
    Answer<query::RowSet> replace_lead(LeadId id, LeadReplacement lead, TenantScope scope,
                                       Deadline deadline, Expected version = {});
    Answer<void> delete_lead(LeadId id, TenantScope scope, Deadline deadline,
                             Expected version = {});
    /// Errors also: bad_query (sort), bad_value (status), bad_cursor, out_of_range.
    Answer<Page> search_leads(TenantScope scope, LeadCriteria criteria, Deadline deadline);

    // Events are append-only.
    Answer<query::RowSet> create_event(NewEvent event, TenantScope scope, Deadline deadline,
                                       Once key = {});
    Answer<query::RowSet> get_event(EventId id, TenantScope scope, Deadline deadline);
    /// Newest first. not_found if the tenant has no such lead.
    Answer<Page> get_lead_events(LeadId id, TenantScope scope, PageRequest page, Deadline deadline);
    /// Newest first.
    Answer<Page> list_events(TenantScope scope, PageRequest page, Deadline deadline);

    // Approvals: approvals.hpp.
    Answer<query::RowSet> create_approval(NewApproval approval, TenantScope scope,
                                          Deadline deadline, Once key = {});
    Answer<query::RowSet> get_approval(ApprovalId id, TenantScope scope, Deadline deadline);
    Answer<Page> list_approvals(TenantScope scope, ApprovalCriteria criteria, Deadline deadline);
    /// Oldest first: those that have waited longest.
    Answer<Page> get_pending_approvals(TenantScope scope, PageRequest page, Deadline deadline);
    /// Decided ones, the latest decision first.
    Answer<Page> get_approval_history(TenantScope scope, PageRequest page, Deadline deadline);
    /// Decides and appends an event about it in one transaction. Of any number at the same time one
    /// succeeds. The reviewer is the scope's principal.
    /// Errors also: conflict, saying what was decided, by whom and when.
    Answer<query::RowSet> update_approval_status(ApprovalId id, Decision decision,
                                                 TenantScope scope, Deadline deadline);
    /// Each by itself, in the order given, at most `limits::decisions_max`.
    boost::asio::awaitable<std::vector<Result<query::RowSet>>> update_approval_statuses(
        std::vector<DecisionRequest> requests, TenantScope scope, Deadline deadline);

    // Contacts, ideal-customer profiles, identities, agents.
    Answer<query::RowSet> create_contact(NewContact contact, TenantScope scope, Deadline deadline,
                                         Once key = {});
    Answer<query::RowSet> get_contact(ContactId id, TenantScope scope, Deadline deadline);
    Answer<query::RowSet> update_contact(ContactId id, ContactChanges changes, TenantScope scope,
                                         Deadline deadline, Expected version = {});
    Answer<query::RowSet> replace_contact(ContactId id, ContactReplacement contact,
                                          TenantScope scope, Deadline deadline,
                                          Expected version = {});
    Answer<void> delete_contact(ContactId id, TenantScope scope, Deadline deadline,
                                Expected version = {});
    Answer<Page> list_contacts(TenantScope scope, PageRequest page, Deadline deadline);

    Answer<query::RowSet> create_icp_profile(NewIcpProfile profile, TenantScope scope,
                                             Deadline deadline, Once key = {});
    Answer<query::RowSet> get_icp_profile(IcpProfileId id, TenantScope scope, Deadline deadline);
    Answer<query::RowSet> update_icp_profile(IcpProfileId id, IcpProfileChanges changes,
                                             TenantScope scope, Deadline deadline,
                                             Expected version = {});
    Answer<query::RowSet> replace_icp_profile(IcpProfileId id, IcpProfileReplacement profile,
                                              TenantScope scope, Deadline deadline,
                                              Expected version = {});
    Answer<void> delete_icp_profile(IcpProfileId id, TenantScope scope, Deadline deadline,
                                    Expected version = {});
    Answer<Page> list_icp_profiles(TenantScope scope, PageRequest page, Deadline deadline);
    /// A profile with all criteria of another and a name of its own.
    Answer<query::RowSet> clone_icp_profile(IcpProfileId id, std::string name, TenantScope scope,
                                            Deadline deadline, Once key = {});

    // Cookies and credentials are sealed before they are stored and never in an answer.
    Answer<query::RowSet> create_identity(NewIdentity identity, TenantScope scope,
                                          Deadline deadline, Once key = {});
    Answer<query::RowSet> get_identity(IdentityId id, TenantScope scope, Deadline deadline);
    Answer<query::RowSet> update_identity(IdentityId id, IdentityChanges changes, TenantScope scope,
                                          Deadline deadline, Expected version = {});
    Answer<query::RowSet> replace_identity(IdentityId id, IdentityReplacement identity,
                                           TenantScope scope, Deadline deadline,
                                           Expected version = {});
    Answer<void> delete_identity(IdentityId id, TenantScope scope, Deadline deadline,
                                 Expected version = {});
    Answer<Page> list_identities(TenantScope scope, PageRequest page, Deadline deadline);
    /// The plaintext of a sealed column, for jobs that act as the identity; nullopt if it is null.
    /// `column`: cookies or credentials.
    Answer<std::optional<std::string>> unseal_identity(IdentityId id, std::string_view column,
                                                       TenantScope scope, Deadline deadline);

    // `active_leads` and `conversion_rate` of an agent follow its leads. Leads of a deleted agent
    // become unassigned.
    Answer<query::RowSet> create_agent(NewAgent agent, TenantScope scope, Deadline deadline,
                                       Once key = {});
    Answer<query::RowSet> get_agent(AgentId id, TenantScope scope, Deadline deadline);
    Answer<query::RowSet> update_agent(AgentId id, AgentChanges changes, TenantScope scope,
                                       Deadline deadline, Expected version = {});
    Answer<query::RowSet> replace_agent(AgentId id, AgentReplacement agent, TenantScope scope,
                                        Deadline deadline, Expected version = {});
    Answer<void> delete_agent(AgentId id, TenantScope scope, Deadline deadline,
                              Expected version = {});
    Answer<Page> list_agents(TenantScope scope, PageRequest page, Deadline deadline);
    Answer<query::RowSet> get_agent_by_email(std::string email, TenantScope scope,
                                             Deadline deadline);

    // Rows of any relation that clients name, as the algebra asks for them; writes as writing_of
    // lets them (fields.hpp). Errors also: those of query::plan; read_only_field where rows stand,
    // and for a secret, which its own operations seal. Several inserts, which return the same
    // columns, are one: all or nothing, with one reply.
    Answer<query::Reply> read_rows(query::Read read, TenantScope scope, Deadline deadline);
    Answer<query::Reply> insert_rows(std::vector<query::Insert> inserts, TenantScope scope,
                                     Deadline deadline);
    Answer<query::Reply> update_rows(query::Update update, TenantScope scope, Deadline deadline);
    Answer<query::Reply> delete_rows(query::Delete request, TenantScope scope, Deadline deadline);

    /// Cost: independent of how many rows the tenant has.
    Answer<DashboardMetrics> get_dashboard_metrics(TenantScope scope, Timeframe timeframe,
                                                   Deadline deadline);

    /// The tenant's rows of all relations together, from the counts that the database keeps: what
    /// that costs doesn't depend on how many there are.
    Answer<std::int64_t> count_rows(TenantScope scope, Deadline deadline);

private:
    Result<std::vector<query::Assignment>> sealed(std::vector<query::Assignment> fields,
                                                  const Uuid& id, const TenantScope& scope);

    engine::Executor& executor_;
    const Clock& clock_;
    Sealer& sealer_;
};

}  // namespace tenantry::services
