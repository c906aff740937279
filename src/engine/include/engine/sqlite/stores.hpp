#pragma once
/// The platform's own records in an SQLite file of the newest version, but for the control store.

#include "engine/account_store.hpp"
#include "engine/record_transfer.hpp"
#include "engine/tenure_store.hpp"

#include <filesystem>
#include <memory>

namespace tenantry::engine::sqlite {

/// Errors: as engine::sqlite::migrate.
Result<std::unique_ptr<AccountStore>> open_account_store(const std::filesystem::path& path);
Result<std::unique_ptr<TenureStore>> open_tenure_store(const std::filesystem::path& path);
Result<std::unique_ptr<RecordTransfer>> open_record_transfer(const std::filesystem::path& path);

}  // namespace tenantry::engine::sqlite
