#include "services/tenant_copy.hpp"

#include "base/random.hpp"
#include "engine/run_scoped.hpp"
#include "query/scoped.hpp"
#include "schema/lead_schema.hpp"
#include "services/tenant_removal.hpp"
#include "sha256.hpp"

#include <fmt/format.h>

#include <exception>
#include <optional>
#include <utility>

namespace tenantry::services {
namespace {

using boost::asio::awaitable;
using query::Cell;
using schema::Relation;

constexpr std::uint32_t page_rows = 1000;

/// All but the internal ones, those that others refer to first.
std::vector<const Relation*> copied_relations() {
    std::vector<const Relation*> out;
    for (const auto& relation : schema::lead_catalog().relations()) {
        if (!relation->internal()) out.push_back(relation.get());
    }
    return out;
}

std::vector<const schema::Column*> columns_of(const Relation& relation) {
    std::vector<const schema::Column*> out;
    for (const auto& column : relation.columns()) out.push_back(&column);
    return out;
}

void add_cell(std::string& bytes, const Cell& cell) {
    bytes += static_cast<char>(cell.kind);
    switch (cell.kind) {
    case Cell::Kind::null: return;
    case Cell::Kind::integer: bytes += fmt::format("{};", cell.integer); return;
    case Cell::Kind::text: bytes += fmt::format("{};{}", cell.text.size(), cell.text); return;
    }
}

/// Reads a relation's rows in the order of their ids, and hashes them.
class Pages {
public:
    Pages(engine::Executor& executor, const Relation& relation, TenantScope scope,
          engine::Deadline deadline)
        : executor_{executor}, relation_{relation}, scope_{std::move(scope)}, deadline_{deadline} {}

    /// No rows after the last.
    awaitable<Result<query::RowSet>> next() {
        if (ended_) co_return query::RowSet{};
        query::Read read{.relation = &relation_, .projection = columns_of(relation_)};
        read.sealed = true;
        read.order = {{&relation_.id()}};
        read.limit = page_rows;
        read.after = last_;
        auto reply = co_await engine::run_scoped(executor_, std::move(read), scope_, deadline_);
        if (!reply) co_return reply.error();
        take(reply->rows);
        co_return std::move(reply->rows);
    }

    CopiedRelation finish() { return {&relation_, rows_, hash_.finish()}; }

private:
    void take(const query::RowSet& rows) {
        std::string bytes;
        for (std::size_t row = 0; row < rows.row_count(); ++row) {
            for (std::size_t column = 0; column < rows.columns().size(); ++column)
                add_cell(bytes, rows.cell(row, column));
        }
        hash_.add(bytes);
        rows_ += rows.row_count();
        ended_ = rows.row_count() < page_rows;
        if (!ended_) last_ = std::vector<query::Value>{rows.value(rows.row_count() - 1, "id")};
    }

    engine::Executor& executor_;
    const Relation& relation_;
    TenantScope scope_;
    engine::Deadline deadline_;
    std::optional<std::vector<query::Value>> last_;
    Sha256 hash_;
    std::uint64_t rows_ = 0;
    bool ended_ = false;
};

Result<query::ScopedPlan> insertion(const Relation& relation, const query::RowSet& rows,
                                    const TenantScope& scope) {
    query::Insert insert{.relation = &relation, .columns = columns_of(relation)};
    insert.rows.resize(rows.row_count());
    for (std::size_t row = 0; row < rows.row_count(); ++row) {
        for (std::size_t column = 0; column < insert.columns.size(); ++column)
            insert.rows[row].push_back(rows.value(row, column));
    }
    return query::scoped(std::move(insert), {.now = system_clock().now(), .new_id = new_uuid},
                         scope);
}

/// The relations of `scope`'s tenant, as they are.
awaitable<Result<std::vector<CopiedRelation>>> survey(engine::Executor& executor, TenantScope scope,
                                                      engine::Deadline deadline) {
    std::vector<CopiedRelation> out;
    for (const auto* relation : copied_relations()) {
        Pages pages{executor, *relation, scope, deadline};
        while (true) {
            const auto rows = co_await pages.next();
            if (!rows) co_return rows.error();
            if (rows->row_count() == 0) break;
        }
        out.push_back(pages.finish());
    }
    co_return out;
}

/// The first relation in which the two differ, in words.
std::optional<std::string> difference(const std::vector<CopiedRelation>& sent,
                                      const std::vector<CopiedRelation>& there) {
    for (std::size_t i = 0; i < sent.size(); ++i) {
        const auto& name = sent[i].relation->name();
        if (sent[i].rows != there[i].rows)
            return fmt::format("{} rows of {} instead of {}", there[i].rows, name, sent[i].rows);
        if (sent[i].sha256 != there[i].sha256)
            return fmt::format("as many rows of {}, and not the same", name);
    }
    return std::nullopt;
}

class Copy {
public:
    Copy(CopySource from, CopyTarget to, CopyOrder order, engine::Deadline deadline)
        : from_{from}, to_{to}, order_{std::move(order)}, deadline_{deadline} {}

    awaitable<Result<CopiedTenant>> run() {
        auto records = from_.records.read(order_.tenant);
        if (!records) co_return records.error();
        auto scope = from_.issuer.for_archive(order_.tenant);
        if (!scope) co_return scope.error();
        const auto presence = to_.records.presence(order_.tenant);
        if (!presence) co_return presence.error();
        switch (*presence) {
        case engine::Presence::there: co_return co_await compare(std::move(*scope));
        case engine::Presence::leaving: co_return leaving();
        case engine::Presence::arriving: {
            const auto removed = co_await remove();
            if (!removed) co_return removed.error();
            break;
        }
        case engine::Presence::absent: break;
        }
        co_return co_await make(std::move(*scope), std::move(*records));
    }

private:
    Error leaving() const {
        return fail(Errc::conflict,
                    fmt::format("the tenant {0} is being deleted in the database to copy to; first "
                                "finish that there: tenantry tenant delete {0}",
                                order_.tenant.text()),
                    "tenant");
    }

    awaitable<Result<CopiedTenant>> compare(TenantScope scope) {
        auto sent = co_await survey(from_.snapshot, std::move(scope), deadline_);
        if (!sent) co_return sent.error();
        auto own = to_.issuer.for_archive(order_.tenant);
        if (!own) co_return own.error();
        const auto there = co_await survey(to_.executor, std::move(*own), deadline_);
        if (!there) co_return there.error();
        if (const auto differs = difference(*sent, *there)) {
            co_return fail(
                Errc::conflict,
                fmt::format(
                    "the tenant {0} is in the database to copy to already, with {1}; if "
                    "what is there may go, delete it there first: tenantry tenant delete {0}",
                    order_.tenant.text(), *differs),
                "tenant");
        }
        co_return CopiedTenant{order_.tenant, std::move(*sent), true};
    }

    awaitable<Result<CopiedTenant>> make(TenantScope scope, engine::TenantRecords records) {
        const auto ticket = to_.store.begin_import(order_.tenant, order_.tenant.text());
        if (!ticket) co_return ticket.error();
        std::exception_ptr fault;
        auto copied = co_await try_to_fill(std::move(scope), records, *ticket, fault);
        if (copied) co_return copied;
        const auto removed = co_await remove();
        if (fault) std::rethrow_exception(fault);
        if (removed) co_return copied.error();
        co_return fail(copied.error().code,
                       fmt::format("{}; what had arrived could not be removed: copy again",
                                   copied.error().message));
    }

    /// `fill`, with a fault as a value, since nothing can be awaited while one is handled.
    awaitable<Result<CopiedTenant>> try_to_fill(TenantScope scope,
                                                const engine::TenantRecords& records,
                                                const std::string& ticket,
                                                std::exception_ptr& fault) {
        try {
            co_return co_await fill(std::move(scope), records, ticket);
        } catch (...) {
            fault = std::current_exception();
        }
        co_return fail(Errc::storage_unusable, "the copy met a fault");
    }

    awaitable<Result<CopiedTenant>> fill(TenantScope scope, const engine::TenantRecords& records,
                                         const std::string& ticket) {
        // The scope of one who may write where nobody else gets in.
        const auto into = to_.issuer.for_removal(order_.tenant);
        if (!into) co_return into.error();
        const auto total = co_await count_rows(scope);
        if (!total) co_return total.error();
        CopiedTenant out{order_.tenant};
        std::uint64_t done = 0;
        for (const auto* relation : copied_relations()) {
            Pages pages{from_.snapshot, *relation, scope, deadline_};
            while (true) {
                const auto rows = co_await pages.next();
                if (!rows) co_return rows.error();
                if (rows->row_count() == 0) break;
                const auto written = co_await write(*relation, *rows, *into);
                if (!written) co_return written.error();
                done += rows->row_count();
                if (order_.progress) order_.progress(done, *total);
            }
            out.relations.push_back(pages.finish());
        }
        const auto there = co_await survey(to_.executor, *into, deadline_);
        if (!there) co_return there.error();
        if (const auto differs = difference(out.relations, *there))
            co_return fail(Errc::conflict, fmt::format("there have arrived {}", *differs));
        const auto finished = to_.records.finish(order_.tenant, ticket, records, order_.actor);
        if (!finished) co_return finished.error();
        co_return out;
    }

    awaitable<Result<void>> write(const Relation& relation, const query::RowSet& rows,
                                  const TenantScope& into) {
        auto plan = insertion(relation, rows, into);
        if (!plan) co_return plan.error();
        const auto reply = co_await to_.executor.run(std::move(*plan), deadline_);
        if (reply) co_return Result<void>{};
        co_return fail(reply.error().code,
                       fmt::format("{}: {}", relation.name(), reply.error().message));
    }

    awaitable<Result<std::uint64_t>> count_rows(const TenantScope& scope) {
        std::uint64_t total = 0;
        for (const auto* relation : copied_relations()) {
            const auto rows =
                co_await engine::count_rows(from_.snapshot, *relation, scope, deadline_);
            if (!rows) co_return rows.error();
            total += static_cast<std::uint64_t>(*rows);
        }
        co_return total;
    }

    awaitable<Result<RemovalReceipt>> remove() {
        return remove_tenant({to_.executor, to_.store, to_.issuer, schema::lead_catalog()},
                             order_.tenant, order_.actor);
    }

    CopySource from_;
    CopyTarget to_;
    CopyOrder order_;
    engine::Deadline deadline_;
};

}  // namespace

awaitable<Result<CopiedTenant>> copy_tenant(CopySource from, CopyTarget to, CopyOrder order,
                                            engine::Deadline deadline) {
    Copy copy{from, to, std::move(order), deadline};
    co_return co_await copy.run();
}

}  // namespace tenantry::services
