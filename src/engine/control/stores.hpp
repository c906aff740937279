#pragma once
/// The platform's records over sessions.

#include "auth/tenant_keys.hpp"
#include "control/session.hpp"
#include "engine/account_store.hpp"
#include "engine/control_store.hpp"
#include "engine/record_transfer.hpp"
#include "engine/tenure_store.hpp"

#include <functional>
#include <memory>
#include <string>

namespace tenantry::engine::control {

using SessionHandle = std::unique_ptr<Session>;

std::unique_ptr<ControlStore> make_control_store(SessionHandle session, std::string_view actor);
std::unique_ptr<AccountStore> make_account_store(SessionHandle session);
std::unique_ptr<TenureStore> make_tenure_store(SessionHandle session);
std::unique_ptr<RecordTransfer> make_record_transfer(SessionHandle session);
/// `open_reader` is called for each thread that looks up keys at the same time; it may throw what
/// opening throws, Failure or Fault.
std::unique_ptr<auth::TenantKeys> make_tenant_keys(std::function<SessionHandle()> open_reader,
                                                   SessionHandle writer);

/// As kept in the database. Errors of the reverse: a Fault, since the schema checks the words.
auth::TenantStatus tenant_status_of(std::string_view text);

}  // namespace tenantry::engine::control
