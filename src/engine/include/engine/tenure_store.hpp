#pragma once
/// How tenants arrive from an archive and how they leave for good, in the platform's own records.
/// For operators' work; requests of tenants never get hold of one.
///
/// A tenant that is arriving or leaving has the status `deleting`: nobody gets in, and what a
/// stopped command leaves behind is finished off by deleting the tenant. `tenants.settings` holds
/// which of the two it is, under a ticket that only whoever began it knows.

#include "base/id.hpp"
#include "base/timestamp.hpp"
#include "engine/control_store.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::engine {

/// Rows by relation.
using RowCounts = std::map<std::string, std::int64_t>;

/// One removal, the same however often it is taken up again.
struct Removal {
    std::string receipt;  // its number: a UUID
    std::string actor{};  // who began it
    RowCounts rows{};     // as counted when it began; empty before keep_counts
};

/// A removal that has begun and not ended, as far as is known: somebody may be at work on it.
struct UnfinishedRemoval {
    TenantId tenant;
    std::string actor;
};

/// What went with the tenant's own record.
struct Forgotten {
    Timestamp at;
    std::int64_t memberships = 0;
    std::int64_t api_keys = 0;
    std::int64_t users = 0;      // members of no other tenant: they lost name and address
    bool key_destroyed = false;  // there was a data key, and it is gone
};

/// Blocking; each call is one transaction. `actor` is who the audit log says it was. Throws Fault.
/// Threads: one at a time.
class TenureStore {
public:
    virtual ~TenureStore() = default;

    /// Makes a tenant that nobody gets into yet; returns the ticket for finish_import.
    /// Errors: unique_violation, in words that say what to do.
    virtual Result<std::string> begin_import(const TenantId& id, std::string_view name) = 0;
    /// Lets its people in. Errors: conflict, not_found if somebody is deleting it meanwhile, or
    /// has.
    virtual Result<TenantRecord> finish_import(const TenantId& id, std::string_view ticket,
                                               std::string_view actor) = 0;

    /// Shuts the tenant's door for good, and makes a receipt's number unless there is one. An
    /// import that is under way into it will fail. Errors: not_found.
    virtual Result<Removal> begin_removal(const TenantId& id, std::string_view actor) = 0;
    virtual Result<std::vector<UnfinishedRemoval>> unfinished_removals() = 0;
    /// Remembers what was there at the beginning. Errors: not_found, conflict (another receipt).
    virtual Result<void> keep_counts(const TenantId& id, const Removal& removal) = 0;
    /// Forgets the tenant with memberships, API keys and data key, once its relations are empty.
    ///
    /// Users who belong to no other tenant lose name and address; their ids stay, since a token
    /// that names an id which is no user's is believed on its own. In the audit log the tenant
    /// becomes `deleted:<receipt>`, and targets and details of its entries are emptied. Errors:
    /// not_found; conflict if rows are left, or it is another's removal.
    virtual Result<Forgotten> finish_removal(const TenantId& id, const Removal& removal,
                                             std::string_view actor) = 0;

    /// The number of the last removal that was finished, to be asked before the file is scrubbed.
    virtual std::int64_t last_removal() = 0;
    /// Records that nothing is left in the file of removals up to `through`.
    virtual Result<void> note_scrub(std::int64_t through, std::string_view actor) = 0;
};

}  // namespace tenantry::engine
