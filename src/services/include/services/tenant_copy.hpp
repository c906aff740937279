#pragma once
/// A tenant from one database into another, whichever engines those have: rows with what is sealed
/// in them, people, keys. The same engine-independent cells are hashed on both sides.

#include "auth/scope_issuer.hpp"
#include "engine/executor.hpp"
#include "engine/record_transfer.hpp"
#include "engine/tenure_store.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace tenantry::services {

struct CopySource {
    engine::Executor& snapshot;  // one state throughout, or rows may refer to what is missing
    const auth::ScopeIssuer& issuer;
    engine::RecordTransfer& records;
};

struct CopyTarget {
    engine::Executor& executor;
    engine::TenureStore& store;
    const auth::ScopeIssuer& issuer;
    engine::RecordTransfer& records;
};

struct CopyOrder {
    TenantId tenant;
    std::string actor;  // for the audit log
    std::function<void(std::uint64_t rows, std::uint64_t rows_total)> progress{};
};

struct CopiedRelation {
    const schema::Relation* relation;
    std::uint64_t rows = 0;
    std::string sha256{};

    friend bool operator==(const CopiedRelation&, const CopiedRelation&) = default;
};

struct CopiedTenant {
    TenantId tenant;
    std::vector<CopiedRelation> relations{};
    bool was_there = false;  // with just these rows: nothing was written
};

/// Copies all rows but remembered answers (idempotency keys), reads them back, and lets the
/// tenant's people in only if counts and hashes agree. A tenant that is there already is compared
/// instead; what an earlier copy left half-way is removed first. Nothing is left after an error, as
/// of import_tenant. Ids, times and what is sealed stay.
///
/// Errors: not_found; conflict (the tenant is there with other rows, or is being deleted; those of
///         RecordTransfer::finish; what has arrived isn't what was sent); those of Executor::run.
/// Throws: as Executor.
boost::asio::awaitable<Result<CopiedTenant>> copy_tenant(CopySource from, CopyTarget to,
                                                         CopyOrder order,
                                                         engine::Deadline deadline);

}  // namespace tenantry::services
