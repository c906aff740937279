#pragma once
/// The lead operations by their known names. Every one takes the scope of who asks; there is no
/// overload without.

#include "base/limits.hpp"
#include "base/timestamp.hpp"
#include "engine/executor.hpp"
#include "services/fields.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

namespace tenantry::services {

/// 1 to limits::page_rows_max rows.
class PageSize {
public:
    /// Errors: bad_value, out_of_range.
    static Result<PageSize> parse(std::string_view text, std::string_view field = "limit");
    PageSize() = default;
    std::uint32_t rows() const noexcept { return rows_; }

private:
    explicit PageSize(std::uint32_t rows) : rows_{rows} {}
    std::uint32_t rows_ = limits::page_rows_default;
};

/// Which page of a list: from an offset, or after a cursor that an earlier page gave.
struct PageRequest {
    PageSize limit{};
    std::uint64_t offset = 0;
    std::optional<std::string> after{};
};

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

struct Page {
    query::RowSet rows;
    std::int64_t total = 0;             // all that match, whatever the page
    std::optional<std::string> next{};  // cursor of the page after, if there is one
};

/// Threads: any. The executor and the clock must outlive it. Deadlines are those of the request.
///
/// Errors of all: those of Executor; role_insufficient on writes by a viewer; not_found where one
/// row is meant and the scope's tenant has none of that id, whoever else may have.
class UnifiedDatabaseManager {
public:
    template <class T>
    using Answer = boost::asio::awaitable<Result<T>>;
    using Deadline = engine::Deadline;

    UnifiedDatabaseManager(engine::Executor& executor, const Clock& clock)
        : executor_{executor}, clock_{clock} {}

    /// Returns the row as stored.
    Answer<query::RowSet> create_lead(NewLead lead, TenantScope scope, Deadline deadline);
    Answer<query::RowSet> get_lead(LeadId id, TenantScope scope, Deadline deadline);
    Answer<query::RowSet> update_lead(LeadId id, LeadChanges changes, TenantScope scope,
                                      Deadline deadline);
    Answer<query::RowSet> replace_lead(LeadId id, LeadReplacement lead, TenantScope scope,
                                       Deadline deadline);
    /// Its events go with it.
    Answer<void> delete_lead(LeadId id, TenantScope scope, Deadline deadline);
    /// Errors also: bad_query (sort), bad_value (status), bad_cursor, out_of_range.
    Answer<Page> search_leads(TenantScope scope, LeadCriteria criteria, Deadline deadline);

    Answer<query::RowSet> create_event(NewEvent event, TenantScope scope, Deadline deadline);
    /// Newest first. not_found if the tenant has no such lead.
    Answer<Page> get_lead_events(LeadId id, TenantScope scope, PageRequest page, Deadline deadline);

    Answer<query::RowSet> create_agent(NewAgent agent, TenantScope scope, Deadline deadline);
    Answer<query::RowSet> get_agent(AgentId id, TenantScope scope, Deadline deadline);
    Answer<query::RowSet> get_agent_by_email(std::string email, TenantScope scope,
                                             Deadline deadline);
    Answer<query::RowSet> update_agent(AgentId id, AgentChanges changes, TenantScope scope,
                                       Deadline deadline);
    Answer<query::RowSet> replace_agent(AgentId id, AgentReplacement agent, TenantScope scope,
                                        Deadline deadline);
    /// Leads assigned to the agent become unassigned.
    Answer<void> delete_agent(AgentId id, TenantScope scope, Deadline deadline);
    Answer<Page> list_agents(TenantScope scope, PageRequest page, Deadline deadline);

private:
    Answer<query::RowSet> insert_one(const schema::Relation& relation,
                                     const std::vector<query::Assignment>& fields,
                                     TenantScope scope, Deadline deadline);
    Answer<query::RowSet> get_one(const schema::Relation& relation, query::Filter filter,
                                  TenantScope scope, Deadline deadline);
    Answer<query::RowSet> update_one(const schema::Relation& relation, Uuid id,
                                     std::vector<query::Assignment> fields, TenantScope scope,
                                     Deadline deadline);
    Answer<void> delete_one(const schema::Relation& relation, Uuid id, TenantScope scope,
                            Deadline deadline);
    Answer<Page> read_page(query::Read read, PageRequest page, TenantScope scope,
                           Deadline deadline);

    query::Stamp stamp() const;

    engine::Executor& executor_;
    const Clock& clock_;
};

}  // namespace tenantry::services
