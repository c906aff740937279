#pragma once
/// The platform's own records in a PostgreSQL database, over connections that block.

#include "auth/tenant_keys.hpp"
#include "engine/account_store.hpp"
#include "engine/control_store.hpp"
#include "engine/record_transfer.hpp"
#include "engine/tenure_store.hpp"
#include "pg/url.hpp"

#include <memory>

namespace tenantry::engine::postgres {

/// All as the application role; the database must be of this program's version.
/// Errors: storage_unusable, also for a role that row-level security doesn't hold.
/// `actor` is who acts until `ControlStore::act_as` says otherwise.
Result<std::unique_ptr<ControlStore>> open_control_store(const pg::Url& url,
                                                         std::string_view actor = "program");
Result<std::unique_ptr<AccountStore>> open_account_store(const pg::Url& url);
Result<std::unique_ptr<TenureStore>> open_tenure_store(const pg::Url& url);
Result<std::unique_ptr<RecordTransfer>> open_record_transfer(const pg::Url& url);
Result<std::unique_ptr<auth::TenantKeys>> open_tenant_keys(const pg::Url& url);

}  // namespace tenantry::engine::postgres
