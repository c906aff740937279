#pragma once
/// A tenant goes for good.

#include "auth/scope_issuer.hpp"
#include "engine/executor.hpp"
#include "engine/tenure_store.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>

#include <atomic>
#include <string>

namespace tenantry::services {

/// What was destroyed, for whoever asked for it.
struct RemovalReceipt {
    std::string number;  // which the audit log keeps instead of the tenant's id
    TenantId tenant;
    Timestamp at;
    engine::RowCounts rows;  // by relation, internal ones too
    std::int64_t memberships = 0;
    std::int64_t api_keys = 0;
    std::int64_t users = 0;  // who were members of nothing else: name and address are gone
    bool key_destroyed = false;
    bool scrubbed = false;  // set by whoever scrubs the file (engine::sqlite::scrub)
};

/// For answers in JSON.
boost::json::object to_json(const RemovalReceipt& receipt);

struct RemovalTools {
    engine::Executor& executor;
    engine::TenureStore& store;
    const auth::ScopeIssuer& issuer;
    /// Whose relations' rows go: external ones too, as far as they are served.
    const schema::Catalog& catalog;
    /// Once true, the removal ends after its current step. nullptr: it doesn't.
    const std::atomic<bool>* stop = nullptr;
};

/// Refuses the tenant's requests from now on, deletes all of its rows in small transactions, and
/// forgets it (engine::TenureStore::finish_removal). Whatever stops it half-way, calling it again
/// goes on, and the receipt is the same. The file still has to be scrubbed.
/// Errors: not_found; those of Executor::run; conflict if another does the same at this moment;
///         shutting_down if it was stopped.
/// Throws: as Executor.
boost::asio::awaitable<Result<RemovalReceipt>> remove_tenant(RemovalTools tools, TenantId tenant,
                                                             std::string actor);

/// Every row of a scope that may purge; returns how many, by relation. `stop` as in RemovalTools.
/// Errors, throws: as Executor::run; shutting_down.
boost::asio::awaitable<Result<engine::RowCounts>> remove_rows(
    engine::Executor& executor, const schema::Catalog& catalog, TenantScope scope,
    const std::atomic<bool>* stop = nullptr);

}  // namespace tenantry::services
