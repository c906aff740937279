#include "services/tenant_import.hpp"

#include "archive_rows.hpp"
#include "base/random.hpp"
#include "engine/run_scoped.hpp"
#include "query/scoped.hpp"
#include "schema/lead_schema.hpp"
#include "services/tenant_removal.hpp"

#include <fmt/format.h>

#include <exception>
#include <utility>

namespace tenantry::services {
namespace {

using boost::asio::awaitable;

Error changed_meanwhile() {
    return fail(Errc::bad_file, "the archive was changed while it was read; import it again");
}

Result<query::ScopedPlan> insertion(ArchiveWalk::Batch batch, const TenantScope& scope) {
    query::Insert insert{.relation = batch.relation, .columns = std::move(batch.columns)};
    insert.rows = std::move(batch.rows);
    return query::scoped(std::move(insert), {.now = system_clock().now(), .new_id = new_uuid},
                         scope);
}

/// Says in which file the database met what it refused.
Error in_file(const schema::Relation& relation, const Error& error) {
    return fail(error.code, fmt::format("{}: {}", archived_file(relation), error.message));
}

/// All rows, in the order of the archive, which is that of the foreign keys.
awaitable<Result<void>> insert_rows(engine::Executor& executor, TenantScope scope,
                                    const ByteSource& archive, const ArchiveManifest& checked,
                                    const TenantImport& order, engine::Deadline deadline) {
    const auto walk = ArchiveWalk::begin(archive);
    if (!walk) co_return walk.error();
    if ((*walk)->manifest() != checked) co_return changed_meanwhile();
    std::uint64_t total = 0;
    for (const auto& relation : checked.relations) total += relation.rows;
    std::uint64_t done = 0;
    while (true) {
        auto batch = (*walk)->next();
        if (!batch) co_return batch.error();
        if (!*batch) co_return Result<void>{};
        const auto& relation = *(*batch)->relation;
        done += (*batch)->rows.size();
        auto plan = insertion(std::move(**batch), scope);
        if (!plan) co_return in_file(relation, plan.error());
        const auto reply = co_await executor.run(std::move(*plan), deadline);
        if (!reply) co_return in_file(relation, reply.error());
        if (order.progress) order.progress(done, total);
    }
}

/// Whether the tenant has exactly what the manifest says.
awaitable<Result<void>> check_counts(engine::Executor& executor, TenantScope scope,
                                     const ArchiveManifest& manifest, engine::Deadline deadline) {
    for (const auto& archived : manifest.relations) {
        const auto& relation = *archived.relation;
        const auto rows = co_await engine::count_rows(executor, relation, scope, deadline);
        if (!rows) co_return rows.error();
        if (std::cmp_not_equal(*rows, archived.rows)) {
            co_return fail(Errc::conflict,
                           fmt::format("{} rows of {} have arrived, not {}; import it again", *rows,
                                       relation.name(), archived.rows));
        }
    }
    co_return Result<void>{};
}

awaitable<Result<ImportedTenant>> fill(ImportTools tools, std::string ticket,
                                       const ByteSource& archive, ArchiveManifest manifest,
                                       const TenantImport& order, engine::Deadline deadline) {
    // The scope of one who may write where nobody else gets in.
    const auto scope = tools.issuer.for_removal(order.tenant);
    if (!scope) co_return scope.error();
    const auto inserted =
        co_await insert_rows(tools.executor, *scope, archive, manifest, order, deadline);
    if (!inserted) co_return inserted.error();
    const auto counted = co_await check_counts(tools.executor, *scope, manifest, deadline);
    if (!counted) co_return counted.error();
    auto record = tools.store.finish_import(order.tenant, ticket, order.actor);
    if (!record) co_return record.error();
    co_return ImportedTenant{std::move(*record), std::move(manifest)};
}

/// `fill`, with a fault as a value, since nothing can be awaited while one is handled.
awaitable<Result<ImportedTenant>> try_to_fill(ImportTools tools, std::string ticket,
                                              const ByteSource& archive, ArchiveManifest manifest,
                                              const TenantImport& order, engine::Deadline deadline,
                                              std::exception_ptr& fault) {
    try {
        co_return co_await fill(tools, std::move(ticket), archive, std::move(manifest), order,
                                deadline);
    } catch (...) {
        fault = std::current_exception();
    }
    co_return fail(Errc::storage_unusable, "the import met a fault");
}

}  // namespace

Result<ArchiveManifest> check_archive(const ByteSource& archive) {
    TENANTRY_TRY(walk, ArchiveWalk::begin(archive));
    while (true) {
        TENANTRY_TRY(batch, walk->next());
        if (!batch) return walk->manifest();
    }
}

awaitable<Result<ImportedTenant>> import_tenant(ImportTools tools, const ByteSource& archive,
                                                TenantImport order, engine::Deadline deadline) {
    auto manifest = check_archive(archive);
    if (!manifest) co_return manifest.error();
    const auto name = order.name.value_or(manifest->name);
    const auto ticket = tools.store.begin_import(order.tenant, name);
    if (!ticket) co_return ticket.error();
    std::exception_ptr fault;
    auto imported =
        co_await try_to_fill(tools, *ticket, archive, std::move(*manifest), order, deadline, fault);
    if (imported) co_return imported;
    const RemovalTools removal{tools.executor, tools.store, tools.issuer, schema::lead_catalog()};
    const auto removed = co_await remove_tenant(removal, order.tenant, order.actor);
    if (fault) std::rethrow_exception(fault);
    if (removed) co_return imported.error();
    co_return fail(imported.error().code,
                   fmt::format("{}; what had arrived could not be removed: finish with: tenantry "
                               "tenant delete {}",
                               imported.error().message, order.tenant.text()));
}

}  // namespace tenantry::services
