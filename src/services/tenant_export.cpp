#include "services/tenant_export.hpp"

#include "archive_file.hpp"
#include "query/render.hpp"
#include "query/scoped.hpp"
#include "schema/migrations.hpp"
#include "sha256.hpp"
#include "spool_file.hpp"

#include <array>
#include <utility>

namespace tenantry::services {
namespace {

using boost::asio::awaitable;
using schema::Relation;

/// Rows may be large: a page of them is what is held in memory.
constexpr std::uint32_t page_rows = 200;

Result<query::ScopedPlan> page_after(const Relation& relation,
                                     const std::optional<std::vector<query::Value>>& last,
                                     const TenantScope& scope) {
    query::Read read{.relation = &relation, .projection = archived_columns(relation)};
    read.order = {{&relation.id()}};
    read.limit = page_rows;
    read.after = last;
    return query::scoped(std::move(read), scope);
}

/// Appends all rows of one relation to the spool.
awaitable<Result<ArchivedRelation>> spool(engine::Executor& executor, const Relation& relation,
                                          TenantScope scope, SpoolFile& into,
                                          engine::Deadline deadline) {
    ArchivedRelation archived{&relation};
    Sha256 hash;
    std::optional<std::vector<query::Value>> last;
    std::string lines;
    while (true) {
        auto plan = page_after(relation, last, scope);
        if (!plan) co_return plan.error();
        const auto reply = co_await executor.run(std::move(*plan), deadline);
        if (!reply) co_return reply.error();
        const auto& rows = reply->rows;
        lines.clear();
        for (std::size_t i = 0; i < rows.row_count(); ++i) {
            query::append_json_row(lines, rows, i);
            lines += '\n';
        }
        hash.add(lines);
        if (const auto kept = into.append(lines); !kept) co_return kept.error();
        archived.rows += rows.row_count();
        archived.bytes += lines.size();
        if (rows.row_count() < page_rows) break;
        last = std::vector<query::Value>{rows.value(rows.row_count() - 1, "id")};
    }
    archived.sha256 = hash.finish();
    co_return archived;
}

void write_archive(const ArchiveManifest& manifest, const SpoolFile& spooled,
                   const ExportSink& sink) {
    ArchiveWriter writer{sink, manifest.exported_at};
    const auto text = print_manifest(manifest);
    writer.begin(manifest_name, text.size());
    writer.write(text);
    const auto hash = manifest_hash(text);
    writer.begin(manifest_hash_name, hash.size());
    writer.write(hash);
    std::array<char, 64UL * 1024> buffer{};
    std::uint64_t offset = 0;
    for (const auto& relation : manifest.relations) {
        writer.begin(archived_file(*relation.relation), relation.bytes);
        for (std::uint64_t left = relation.bytes; left > 0;) {
            const auto piece = std::min<std::uint64_t>(left, buffer.size());
            const auto got = spooled.read_at(offset, std::span{buffer}.first(piece));
            if (got == 0) throw std::runtime_error{"a temporary file has become shorter"};
            writer.write({buffer.data(), got});
            offset += got;
            left -= got;
        }
    }
    writer.finish();
}

}  // namespace

awaitable<Result<ArchiveManifest>> export_tenant(engine::Executor& executor, TenantScope scope,
                                                 TenantExport about, ExportSink sink,
                                                 engine::Deadline deadline) {
    const auto spooled = SpoolFile::create(about.spool_folder);
    if (!spooled) co_return spooled.error();
    ArchiveManifest manifest{.tenant = scope.tenant(),
                             .name = std::move(about.name),
                             .schema_version = schema::sqlite_migrations().back().version,
                             .exported_at = about.now,
                             .relations = {}};
    for (const auto* relation : archived_relations()) {
        auto archived = co_await spool(executor, *relation, scope, **spooled, deadline);
        if (!archived) co_return archived.error();
        manifest.relations.push_back(std::move(*archived));
    }
    write_archive(manifest, **spooled, sink);
    co_return manifest;
}

}  // namespace tenantry::services
