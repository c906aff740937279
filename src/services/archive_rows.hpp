#pragma once
/// Walks through an archive once, checking everything that its manifest says.

#include "archive_file.hpp"
#include "services/archive_manifest.hpp"
#include "sha256.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tenantry::services {

/// Threads: one at a time. Throws what the source throws.
class ArchiveWalk {
public:
    /// Reads the manifest. Errors: bad_file. `source` must outlive it.
    static Result<std::unique_ptr<ArchiveWalk>> begin(const ByteSource& source);

    const ArchiveManifest& manifest() const noexcept { return manifest_; }

    /// Rows of one relation that follow each other in the archive.
    struct Batch {
        const schema::Relation* relation;
        std::vector<const schema::Column*> columns;
        std::vector<std::vector<schema::Value>> rows;
    };
    /// More rows, nullopt after the last and when nothing follows it. A file's hash is known only
    /// at its end, so rows that came before may prove wrong. Errors: bad_file.
    Result<std::optional<Batch>> next();

private:
    ArchiveWalk(std::unique_ptr<ArchiveReader> reader, ArchiveManifest manifest)
        : reader_{std::move(reader)}, manifest_{std::move(manifest)} {}

    Result<void> open_file();
    Result<void> end_file();
    Result<bool> fill();
    Result<void> take_lines(Batch& batch);
    Error in_line(const Error& error) const;
    const ArchivedRelation& current() const { return manifest_.relations[at_]; }

    std::unique_ptr<ArchiveReader> reader_;
    ArchiveManifest manifest_;
    std::size_t at_ = 0;                // of the manifest's relations
    std::optional<ArchivedRows> rows_;  // of the open file
    std::unique_ptr<Sha256> hash_;
    std::uint64_t bytes_ = 0;
    std::uint64_t lines_ = 0;
    std::string pending_;  // read, and not yet taken as lines
};

}  // namespace tenantry::services
