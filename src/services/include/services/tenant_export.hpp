#pragma once
/// One tenant as an archive (archive_manifest.hpp).

#include "engine/executor.hpp"
#include "services/archive_manifest.hpp"
#include "services/export.hpp"

#include <boost/asio/awaitable.hpp>

#include <filesystem>
#include <string>

namespace tenantry::services {

struct TenantExport {
    std::string name;  // the tenant's, for the manifest
    Timestamp now;
    /// Where the rows are spooled, since a tar file tells a file's size before its content. The
    /// spool has no name and nobody else can read it.
    std::filesystem::path spool_folder;
};

/// Writes the archive of the scope's tenant to `sink`; returns its manifest. `executor` must show
/// one state throughout (engine::sqlite::open_snapshot), or rows may refer to rows that are
/// missing. Reads page by page: constant memory.
///
/// Errors:  those of Executor::run; storage_full, storage_unusable of the spool.
/// Throws:  as Executor; what `sink` throws.
boost::asio::awaitable<Result<ArchiveManifest>> export_tenant(engine::Executor& executor,
                                                              TenantScope scope, TenantExport about,
                                                              ExportSink sink,
                                                              engine::Deadline deadline);

}  // namespace tenantry::services
