#pragma once
/// Tenants' wrapped keys in the SQLite file, by connections to its control relations alone.

#include "auth/tenant_keys.hpp"

#include <chrono>
#include <filesystem>
#include <memory>

namespace tenantry::engine::sqlite {

/// Opens a file of the newest schema version. Errors: as migrate.
Result<std::unique_ptr<auth::TenantKeys>> open_tenant_keys(
    const std::filesystem::path& path,
    std::chrono::milliseconds lock_timeout = std::chrono::seconds{5});

}  // namespace tenantry::engine::sqlite
