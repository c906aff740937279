#pragma once
/// A tenant out of an archive (archive_manifest.hpp).

#include "auth/scope_issuer.hpp"
#include "engine/executor.hpp"
#include "engine/tenure_store.hpp"
#include "services/archive_manifest.hpp"
#include "services/csv_reader.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <optional>
#include <string>

namespace tenantry::services {

/// Reads the whole archive and changes nothing: order and names of the files, sizes, hashes,
/// counts, and whether every row fits its relation. Errors: bad_file, in words that name file and
/// line. Throws: what the source throws.
Result<ArchiveManifest> check_archive(const ByteSource& archive);

struct TenantImport {
    TenantId tenant;                    // that the rows become the rows of
    std::optional<std::string> name{};  // else the archive's
    std::string actor;                  // for the audit log
    std::function<void(std::uint64_t rows, std::uint64_t rows_total)> progress{};
};

struct ImportTools {
    engine::Executor& executor;
    engine::TenureStore& store;
    const auth::ScopeIssuer& issuer;
};

struct ImportedTenant {
    engine::TenantRecord tenant;
    ArchiveManifest manifest;
};

/// Makes a tenant of the archive, which is checked before and counted after. Ids and times stay,
/// and `tenant_id` becomes the new tenant's. Nobody gets into the tenant before it is whole. After
/// an error it is gone again; if even that is prevented, it stands there as one that is being
/// deleted. Errors: those of check_archive; unique_violation (the id is taken); those of
/// Executor::run. Throws: as Executor; what the source throws.
boost::asio::awaitable<Result<ImportedTenant>> import_tenant(ImportTools tools,
                                                             const ByteSource& archive,
                                                             TenantImport order,
                                                             engine::Deadline deadline);

}  // namespace tenantry::services
