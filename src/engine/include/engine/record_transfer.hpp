#pragma once
/// What the platform knows of a tenant, carried from one database to another: its record, its
/// people, its keys. For operators' work; requests of tenants never get hold of it.

#include "base/id.hpp"
#include "base/timestamp.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tenantry::engine {

/// Rows of a control relation, in the order of the columns that this file's source gives it.
using RecordValue = std::variant<std::monostate, std::string, Timestamp>;
using RecordRows = std::vector<std::vector<RecordValue>>;

struct TenantRecords {
    RecordRows tenant{};  // one
    RecordRows users{};   // members
    RecordRows memberships{};
    RecordRows accounts{};  // of users that are new there, but not their sessions
    RecordRows sign_up_rules{};
    RecordRows keys{};                    // with their digests, the revoked ones too
    RecordRows data_key{};                // one or none, wrapped
    std::optional<std::string> master{};  // the id of the master key that it is wrapped with
};

/// How a tenant stands in a database.
enum class Presence {
    absent,
    arriving,  // a copy or an import has begun, and perhaps been given up
    leaving,   // being deleted
    there,
};

/// Blocking; each call is one transaction. Throws Fault. Threads: one at a time.
class RecordTransfer {
public:
    virtual ~RecordTransfer() = default;

    /// All that are there, by id.
    virtual Result<std::vector<TenantId>> tenants() = 0;
    virtual Result<Presence> presence(const TenantId& id) = 0;
    /// Errors: not_found.
    virtual Result<TenantRecords> read(const TenantId& id) = 0;
    /// Lets the tenant's people in, as TenureStore::finish_import, and makes its records what they
    /// are in `records`. Errors: conflict, if somebody else is at work on the tenant, another user
    /// has a member's address, or the databases have different master keys; not_found.
    virtual Result<void> finish(const TenantId& id, std::string_view ticket,
                                const TenantRecords& records, std::string_view actor) = 0;
    /// The operators' keys.
    virtual Result<RecordRows> read_platform_keys() = 0;
    /// Adds those that are missing; returns how many that were.
    virtual Result<std::size_t> add_platform_keys(const RecordRows& keys,
                                                  std::string_view actor) = 0;
};

}  // namespace tenantry::engine
