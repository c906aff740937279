#pragma once
/// The archive of one tenant, as text: its manifest and the lines of its files. No I/O.
///
/// An archive is a tar file under gzip that holds `manifest.json`, its hash as sha256sum(1) writes
/// and checks it, and then one file of NDJSON for each relation that is not internal, in the order
/// of the catalog, which puts rows before those that refer to them:
///
///     manifest.json  manifest.sha256  agents.ndjson  leads.ndjson  events.ndjson  …
///
/// A line is a row as the API gives it, `tenant_id` included, sealed columns left out. The
/// manifest:
///
///     {"format":"tenantry-archive","version":1,"tenant":{"id":"acme","name":"Acme Realty"},
///      "schema_version":2,"exported_at":"2026-01-05T00:16:17.000Z",
///      "relations":[{"name":"agents","file":"agents.ndjson","rows":3,"bytes":1234,
///                    "sha256":"…"},…],
///      "left_out":["idempotency_keys","identities.cookies",…]}
///
/// The hashes find what was damaged or cut off. Whoever can rewrite a file and its hash can rewrite
/// both: an archive is worth what its keeper is.

#include "base/id.hpp"
#include "base/timestamp.hpp"
#include "schema/catalog.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tenantry::services {

inline constexpr std::string_view manifest_name = "manifest.json";
inline constexpr std::string_view manifest_hash_name = "manifest.sha256";
inline constexpr std::size_t manifest_bytes_max = 1UL << 20;
/// Of one line: every column at its largest, with room for escapes.
inline constexpr std::size_t archive_line_bytes_max = 16UL << 20;

/// One relation's file.
struct ArchivedRelation {
    const schema::Relation* relation;
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
    std::string sha256{};

    friend bool operator==(const ArchivedRelation&, const ArchivedRelation&) = default;
};

struct ArchiveManifest {
    TenantId tenant;
    std::string name;
    int schema_version;
    Timestamp exported_at;
    std::vector<ArchivedRelation> relations;

    friend bool operator==(const ArchiveManifest&, const ArchiveManifest&) = default;
};

/// The relations that an archive holds, in its order.
std::vector<const schema::Relation*> archived_relations();
/// `leads.ndjson`.
std::string archived_file(const schema::Relation& relation);
/// What an archive holds of a row: all columns but the sealed ones.
std::vector<const schema::Column*> archived_columns(const schema::Relation& relation);

/// One line of JSON, with its line feed.
std::string print_manifest(const ArchiveManifest& manifest);
/// The line of manifest.sha256 for a manifest's text.
std::string manifest_hash(std::string_view manifest_text);

/// Errors: bad_file, in words: not ours, of a newer program, or not as described above.
Result<ArchiveManifest> parse_manifest(std::string_view text);

/// Reads the lines of one relation's file. Threads: any.
class ArchivedRows {
public:
    /// Of an archive of `tenant`.
    ArchivedRows(const schema::Relation& relation, TenantId tenant);

    const schema::Relation& relation() const noexcept { return *relation_; }
    /// Those of every row: all that are archived but `tenant_id`.
    const std::vector<const schema::Column*>& columns() const noexcept { return columns_; }

    /// The values of `columns` in a line without its line feed. A column that is absent gets its
    /// default, for archives of older versions.
    /// Errors: bad_file, in words that name the column but no value.
    Result<std::vector<schema::Value>> parse(std::string_view line) const;

private:
    const schema::Relation* relation_;
    TenantId tenant_;
    std::vector<const schema::Column*> columns_;
};

}  // namespace tenantry::services
